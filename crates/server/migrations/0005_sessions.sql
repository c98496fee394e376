-- One login on one device: one refresh family.
CREATE TABLE sessions (
    user_id UUID NOT NULL,
    id UUID NOT NULL,
    -- cookie or body: fixed at login
    delivery TEXT NOT NULL,
    persist BOOLEAN NOT NULL,
    device_name TEXT,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    -- keyed hash over stable headers and the device cookie
    fingerprint BYTEA NOT NULL,
    -- hash of the device cookie; null for body clients
    device BYTEA,
    auth_time BIGINT NOT NULL,
    amr JSONB NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- the refresh family: which generation is the current token, and which was used
    generation BIGINT NOT NULL,
    confirmed BIGINT NOT NULL,
    current_hash BYTEA NOT NULL,
    previous_hash BYTEA,
    rotated_at BIGINT NOT NULL,
    -- the current token's secret, sealed under a key that only its predecessor gives
    successor BYTEA,
    revoked_at BIGINT,
    revoked_reason TEXT,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX sessions_live ON sessions (user_id, last_seen_at, id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_with_successor ON sessions (rotated_at) WHERE successor IS NOT NULL;

-- Things that work once: login links, websocket tickets.
CREATE TABLE one_time (
    hash BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    user_id UUID NOT NULL,
    session_id UUID,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX one_time_by_end ON one_time (expires_at);

-- Failed sign-ins per bucket (account and address, known device, address).
CREATE TABLE login_failures (
    bucket BYTEA NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    since BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
);
CREATE INDEX login_failures_by_age ON login_failures (since);
