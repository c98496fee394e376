-- What happened, who did it, for whom. Rows are written once; only `link` and `hash` are added later by the linking
-- job, and `personal` and `salt` are taken out when a person is erased (the commitment stays and is what the MAC covers).
CREATE TABLE audit_events (
    -- whose log: the user it concerns, or the nil UUID for the system's own
    owner UUID NOT NULL,
    -- dense per owner, from 1
    seq BIGINT NOT NULL,
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    -- the public facts, one JSON object as text, exactly as it was MACed
    body TEXT NOT NULL,
    -- address, user agent, free text about the person: one JSON object as text
    personal TEXT,
    salt BYTEA,
    commitment BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    link BIGINT,
    hash BYTEA,
    PRIMARY KEY (owner, seq)
);
CREATE UNIQUE INDEX audit_by_link ON audit_events (link);
CREATE INDEX audit_unlinked ON audit_events (at, id) WHERE link IS NULL;
CREATE INDEX audit_by_event ON audit_events (owner, event, seq);
CREATE INDEX audit_by_time ON audit_events (at, id);

-- The next sequence number of each owner.
CREATE TABLE audit_counters (
    owner UUID NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
);

-- Signed heads of the chain, one per linked batch.
CREATE TABLE audit_heads (
    link BIGINT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL,
    at BIGINT NOT NULL,
    signature BYTEA NOT NULL
);
