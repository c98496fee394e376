-- What a person lets one agent do. Terms are one document: they are read and replaced as a whole.
CREATE TABLE mandates (
    user_id UUID NOT NULL,
    id UUID NOT NULL,
    agent_id UUID NOT NULL,
    terms JSONB NOT NULL,
    -- IANA time zone of its accounts: whose wall-clock day a budget counts
    zone TEXT NOT NULL,
    -- one of its accounts is not a paper account
    live BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (user_id, id)
);

-- One active mandate per person, agent and account: the key says so. Rows go when a mandate ends.
CREATE TABLE mandate_accounts (
    user_id UUID NOT NULL,
    agent_id UUID NOT NULL,
    account_id UUID NOT NULL,
    mandate_id UUID NOT NULL,
    PRIMARY KEY (user_id, agent_id, account_id)
);
CREATE INDEX mandate_accounts_by_mandate ON mandate_accounts (user_id, mandate_id);

-- What a mandate has used of one day, in millionths of its currency's unit.
CREATE TABLE budgets (
    user_id UUID NOT NULL,
    mandate_id UUID NOT NULL,
    day TEXT NOT NULL,
    reserved BIGINT NOT NULL,
    committed BIGINT NOT NULL,
    orders BIGINT NOT NULL,
    PRIMARY KEY (user_id, mandate_id, day)
);

-- What one decision holds of a budget. `held` is still reserved, `spent` is committed.
CREATE TABLE reservations (
    decision UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    mandate_id UUID NOT NULL,
    day TEXT NOT NULL,
    -- what was reserved at first
    worst BIGINT NOT NULL,
    held BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    -- a buy: all that is spent counts; a sell: never more than `worst`, for reducing sells count only as orders
    buys BOOLEAN NOT NULL,
    closed_at BIGINT
);

CREATE INDEX reservations_by_end ON reservations (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX budgets_by_day ON budgets (day);

-- Orders that wait for the person.
CREATE TABLE approvals (
    user_id UUID NOT NULL,
    id UUID NOT NULL,
    decision UUID NOT NULL,
    -- as who decided named it
    decision_id TEXT NOT NULL,
    mandate_id UUID NOT NULL,
    agent_id UUID NOT NULL,
    account_id UUID NOT NULL,
    -- the order as the person sees it
    order_view JSONB NOT NULL,
    -- SHA-256 over the exact order, hexadecimal
    order_hash TEXT NOT NULL,
    leaves JSONB NOT NULL,
    reason TEXT,
    confidence TEXT,
    live BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_why TEXT,
    -- it was taken up once
    released_at BIGINT,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX approvals_by_decision ON approvals (decision);
CREATE INDEX approvals_by_status ON approvals (user_id, status, id);
CREATE INDEX approvals_pending ON approvals (expires_at) WHERE status = 'pending';

-- Ended approvals that trading has still to act on.
CREATE TABLE approval_outbox (
    approval UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    decision UUID NOT NULL,
    -- approved, rejected, expired
    outcome TEXT NOT NULL,
    why TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX approval_outbox_by_age ON approval_outbox (created_at, approval);

-- Kill switches that are on. The nil user holds those of everybody (global, tenant).
CREATE TABLE kill_switches (
    user_id UUID NOT NULL,
    scope TEXT NOT NULL,
    -- the agent, the account, the tenant; empty for a person or everybody
    target TEXT NOT NULL,
    freeze_all BOOLEAN NOT NULL,
    cancel_open_orders BOOLEAN NOT NULL,
    reason TEXT,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, scope, target)
);
