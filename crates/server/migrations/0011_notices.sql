-- What a person is told through /v1/events. `seq` is dense per person, so that a reader that asks for what comes after
-- a number misses nothing: a later number cannot be committed before an earlier one.
CREATE TABLE notices (
    user_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    data JSONB NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, seq)
);
CREATE INDEX notices_by_age ON notices (at);

CREATE TABLE notice_counters (
    user_id UUID NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
);
