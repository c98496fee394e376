-- Agents: a model with instructions. `api_key` is sealed for this row; a deleted agent stays for its conversations.
CREATE TABLE agents (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    base_url TEXT,
    api_key TEXT,
    instructions TEXT NOT NULL,
    capabilities JSONB NOT NULL,
    -- who may use it: "*", "role:<role>" or a user's id
    allow JSONB NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);

CREATE TABLE conversations (
    user_id UUID NOT NULL,
    id UUID NOT NULL,
    agent_id UUID NOT NULL,
    title TEXT NOT NULL,
    -- temporary ones are in no list and die at this moment; null: kept
    expires_at BIGINT,
    -- the number of the newest message
    messages BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX conversations_by_use ON conversations (user_id, updated_at, id) WHERE expires_at IS NULL;
CREATE INDEX conversations_by_end ON conversations (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE messages (
    user_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    -- dense per conversation, from 1
    seq BIGINT NOT NULL,
    id UUID NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    reasoning TEXT,
    commands JSONB NOT NULL,
    decisions JSONB NOT NULL,
    -- streaming, complete, cancelled, failed
    status TEXT NOT NULL,
    error JSONB,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
);

-- One answer in the making. `heartbeat_at` is renewed by the node that makes it.
CREATE TABLE runs (
    user_id UUID NOT NULL,
    id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    message_id UUID NOT NULL,
    agent_id UUID NOT NULL,
    session_id UUID,
    -- running, done, cancelled, failed
    status TEXT NOT NULL,
    cancel_requested BOOLEAN NOT NULL,
    heartbeat_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (user_id, id)
);
-- one answer at a time in a conversation
CREATE UNIQUE INDEX runs_single ON runs (user_id, conversation_id) WHERE status = 'running';
CREATE INDEX runs_by_heartbeat ON runs (heartbeat_at) WHERE status = 'running';
CREATE INDEX runs_by_end ON runs (ended_at) WHERE ended_at IS NOT NULL;

-- What a run said, exactly as it is streamed, kept for readers that come back.
CREATE TABLE run_events (
    user_id UUID NOT NULL,
    run_id UUID NOT NULL,
    -- dense per run, from 1
    seq BIGINT NOT NULL,
    event TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (user_id, run_id, seq)
);
