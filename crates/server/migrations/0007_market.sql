-- Where the replay is: at wall time `at` the market had run for `market_micros`. One row.
CREATE TABLE replay_clock (
    name TEXT NOT NULL PRIMARY KEY,
    seed BIGINT NOT NULL,
    -- market seconds per real second
    speed BIGINT NOT NULL,
    at BIGINT NOT NULL,
    market_micros BIGINT NOT NULL,
    -- when a running server was last seen
    seen_at BIGINT NOT NULL,
    -- when the last server stopped in good order: the market stands still from there
    stopped_at BIGINT
);
