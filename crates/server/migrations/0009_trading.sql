-- Places where a person's orders go. A deleted account's row is kept for the audit.
CREATE TABLE trading_accounts (
    user_id UUID NOT NULL,
    id UUID NOT NULL,
    -- paper, ndollar
    broker TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- IANA time zone whose wall-clock day its limits count
    zone TEXT NOT NULL,
    -- active, expired, needs_login, invalid, deleted
    status TEXT NOT NULL,
    user_id_broker TEXT,
    -- user_token, service_account: whose token is presented
    auth_mode TEXT NOT NULL,
    -- the credentials in the vault; null for paper
    connection_id UUID,
    created_at BIGINT NOT NULL,
    last_verified_at BIGINT,
    -- when the access token ends
    expires_at BIGINT,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX trading_accounts_by_id ON trading_accounts (id);

-- The state of a paper account: changed only while its row is locked by `version`.
CREATE TABLE paper_states (
    account_id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    state JSONB NOT NULL,
    version BIGINT NOT NULL,
    -- the market's time, Unix seconds, up to which stock splits are worked in
    market_time BIGINT NOT NULL,
    -- the wall-clock day and what the account was worth when it was first touched that day
    day TEXT NOT NULL,
    day_worth TEXT NOT NULL
);

-- Wishes to act, each with one outcome. The key says at most once.
CREATE TABLE decisions (
    user_id UUID NOT NULL,
    -- who decided: client and agent
    decider TEXT NOT NULL,
    -- the decider's own id
    decision_id TEXT NOT NULL,
    id UUID NOT NULL,
    body_hash BYTEA NOT NULL,
    account_id UUID NOT NULL,
    agent_id UUID,
    wish JSONB NOT NULL,
    status TEXT NOT NULL,
    reasons JSONB NOT NULL,
    mandate_id UUID,
    approval_id UUID,
    -- what a dry run would have sent
    would_send JSONB,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, decider, decision_id)
);
CREATE UNIQUE INDEX decisions_by_id ON decisions (id);
CREATE INDEX decisions_by_name ON decisions (user_id, decision_id);

-- Orders; also the outbox: `pending` is still to be sent, `sent` waits for its answer.
CREATE TABLE orders (
    user_id UUID NOT NULL,
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    broker TEXT NOT NULL,
    -- one decision, one order
    decision UUID NOT NULL,
    decision_id TEXT NOT NULL,
    agent_id UUID,
    mandate_id UUID,
    approval_id UUID,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    quantity TEXT NOT NULL,
    filled_quantity TEXT NOT NULL,
    order_type TEXT NOT NULL,
    limit_price TEXT,
    -- the price a market order must not pass
    worst_price TEXT,
    average_price TEXT,
    -- money that changed hands, fees left out
    value TEXT NOT NULL,
    fee TEXT NOT NULL,
    status TEXT NOT NULL,
    broker_order_id TEXT,
    message TEXT,
    sent_at BIGINT,
    -- the market's time, Unix seconds, to whose splits quantity and limit belong
    market_time BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX orders_by_id ON orders (id);
CREATE UNIQUE INDEX orders_by_decision ON orders (decision);
CREATE INDEX orders_by_account ON orders (user_id, account_id, id);
CREATE INDEX orders_outbox ON orders (created_at) WHERE status IN ('pending', 'sent');
CREATE INDEX orders_resting ON orders (id) WHERE status IN ('open', 'partially_filled');
