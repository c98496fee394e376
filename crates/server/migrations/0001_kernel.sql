-- One runner per background job and cluster.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    node UUID NOT NULL,
    until BIGINT NOT NULL
);

-- Facts about this installation: its id, the signing key of the audit heads …
CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Answers kept for a repeated Idempotency-Key. The body is sealed.
CREATE TABLE idempotency (
    user_id UUID NOT NULL,
    key TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    status INTEGER,
    content_type TEXT,
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
