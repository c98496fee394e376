-- Keys that sign our tokens. The private half is sealed.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    -- PKCS#8, sealed
    private_key TEXT NOT NULL,
    -- the public JWK (RFC 7517)
    public_jwk JSONB NOT NULL,
    -- next: published, not used yet; current: signs; retiring: verifies until `until`
    state TEXT NOT NULL,
    until BIGINT,
    created_at BIGINT NOT NULL
);
-- one key signs and one waits, whatever two nodes do at their first start
CREATE UNIQUE INDEX signing_keys_single ON signing_keys (algorithm, state) WHERE state <> 'retiring';
