-- A person's credentials at a third party. A destroyed row stays for the audit, without its data key.
CREATE TABLE connections (
    user_id UUID NOT NULL,
    id UUID NOT NULL,
    -- where they are good for: ndollar, …
    provider TEXT NOT NULL,
    -- one JSON object of named secrets, sealed for (user, row, version)
    sealed TEXT NOT NULL,
    -- the wrapping key of `sealed`: what is not the current one is due for re-wrapping
    key_id TEXT NOT NULL,
    -- counts the credentials this row has held
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    destroyed_at BIGINT,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX connections_by_key ON connections (key_id, user_id, id) WHERE destroyed_at IS NULL;
