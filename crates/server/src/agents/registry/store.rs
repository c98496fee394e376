//! The registry's SQL.

use sqlx::types::Json;

use super::model::Agent;
use crate::kernel::{AgentId, At, Conn, db};
use crate::{execute, fetch_all, fetch_optional};

pub(super) async fn find(conn: &mut Conn, id: AgentId) -> Result<Option<Agent>, db::Error> {
    fetch_optional!(
        conn,
        Agent,
        "SELECT id, name, description, provider, model, base_url, api_key, instructions, capabilities, allow, \
         created_at, updated_at FROM agents WHERE id = $1 AND deleted_at IS NULL",
        id
    )
}

/// Oldest first, after an id.
pub(super) async fn list(
    conn: &mut Conn,
    after: Option<(At, AgentId)>,
    limit: i64,
) -> Result<Vec<Agent>, db::Error> {
    let (at, id) = after.unwrap_or((At(i64::MIN), AgentId(uuid::Uuid::nil())));
    fetch_all!(
        conn,
        Agent,
        "SELECT id, name, description, provider, model, base_url, api_key, instructions, capabilities, allow, \
         created_at, updated_at FROM agents WHERE deleted_at IS NULL AND (created_at, id) > ($1, $2) \
         ORDER BY created_at, id LIMIT $3",
        at,
        id,
        limit
    )
}

/// False when the id is there already, also deleted.
pub(super) async fn insert(conn: &mut Conn, agent: &Agent) -> Result<bool, db::Error> {
    let inserted = execute!(
        conn,
        "INSERT INTO agents (id, name, description, provider, model, base_url, api_key, instructions, capabilities, \
         allow, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (id) DO NOTHING",
        agent.id,
        &agent.name,
        &agent.description,
        &agent.provider,
        &agent.model,
        &agent.base_url,
        &agent.api_key,
        &agent.instructions,
        Json(&agent.capabilities.0),
        Json(&agent.allow.0),
        agent.created_at,
        agent.updated_at
    )?;
    Ok(inserted == 1)
}

/// Nothing changes when somebody changed it since it was read.
pub(super) async fn update(conn: &mut Conn, agent: &Agent, read_at: At) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE agents SET name = $2, description = $3, provider = $4, model = $5, base_url = $6, api_key = $7, \
         instructions = $8, capabilities = $9, allow = $10, updated_at = $11 \
         WHERE id = $1 AND updated_at = $12 AND deleted_at IS NULL",
        agent.id,
        &agent.name,
        &agent.description,
        &agent.provider,
        &agent.model,
        &agent.base_url,
        &agent.api_key,
        &agent.instructions,
        Json(&agent.capabilities.0),
        Json(&agent.allow.0),
        agent.updated_at,
        read_at
    )
}

/// The key goes with it.
pub(super) async fn delete(conn: &mut Conn, id: AgentId, at: At) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE agents SET deleted_at = $2, api_key = NULL WHERE id = $1 AND deleted_at IS NULL",
        id,
        at
    )
}

/// Every agent's id and sealed API key, where it has one.
pub(super) async fn sealed(conn: &mut Conn) -> Result<Vec<(AgentId, String)>, db::Error> {
    fetch_all!(
        conn,
        (AgentId, String),
        "SELECT id, api_key FROM agents WHERE api_key IS NOT NULL AND deleted_at IS NULL ORDER BY id"
    )
}

/// The same API key under another wrapping key.
pub(super) async fn move_key(conn: &mut Conn, id: AgentId, old: &str, new: &str) -> Result<u64, db::Error> {
    execute!(conn, "UPDATE agents SET api_key = $3 WHERE id = $1 AND api_key = $2", id, old, new)
}
