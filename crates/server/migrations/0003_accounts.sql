-- People. One row each; what they prove themselves with stands beside it.
CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_lower TEXT NOT NULL UNIQUE,
    email_verified BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    phone TEXT,
    roles JSONB NOT NULL,
    tenant TEXT NOT NULL,
    tier TEXT NOT NULL,
    external_ids JSONB NOT NULL,
    -- PHC string: argon2id, or bcrypt by setting or import; null: no password login
    password_hash TEXT,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL
);
