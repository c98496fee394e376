//! The conversations' SQL.

use sqlx::types::Json;

use super::model::{Conversation, Message};
use crate::agents::model::ConversationId;
use crate::kernel::{AgentId, At, Conn, UserId, db};
use crate::{execute, fetch_all, fetch_optional};

pub async fn find(
    conn: &mut Conn,
    user: UserId,
    id: ConversationId,
) -> Result<Option<Conversation>, db::Error> {
    fetch_optional!(
        conn,
        Conversation,
        "SELECT user_id, id, agent_id, title, expires_at, messages, created_at, updated_at FROM conversations \
         WHERE user_id = $1 AND id = $2",
        user,
        id
    )
}

/// Newest first, before a place in that order; never temporary ones.
pub(super) async fn list(
    conn: &mut Conn,
    user: UserId,
    before: (At, ConversationId),
    limit: i64,
) -> Result<Vec<Conversation>, db::Error> {
    fetch_all!(
        conn,
        Conversation,
        "SELECT user_id, id, agent_id, title, expires_at, messages, created_at, updated_at FROM conversations \
         WHERE user_id = $1 AND expires_at IS NULL AND (updated_at, id) < ($2, $3) \
         ORDER BY updated_at DESC, id DESC LIMIT $4",
        user,
        before.0,
        before.1,
        limit
    )
}

pub async fn insert(conn: &mut Conn, row: &Conversation) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO conversations (user_id, id, agent_id, title, expires_at, messages, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.user_id,
        row.id,
        row.agent_id,
        &row.title,
        row.expires_at,
        row.messages,
        row.created_at,
        row.updated_at
    )?;
    Ok(())
}

/// Makes room for `count` messages; gives the number of the last of them, none if the conversation is not there.
pub async fn extend(
    conn: &mut Conn,
    user: UserId,
    id: ConversationId,
    (agent, at): (AgentId, At),
    count: i64,
) -> Result<Option<i64>, db::Error> {
    let row = fetch_optional!(
        conn,
        (i64,),
        "UPDATE conversations SET messages = messages + $3, agent_id = $4, updated_at = $5 \
         WHERE user_id = $1 AND id = $2 RETURNING messages",
        user,
        id,
        count,
        agent,
        at
    )?;
    Ok(row.map(|(last,)| last))
}

pub(super) async fn rename(
    conn: &mut Conn,
    user: UserId,
    id: ConversationId,
    title: &str,
) -> Result<u64, db::Error> {
    execute!(conn, "UPDATE conversations SET title = $3 WHERE user_id = $1 AND id = $2", user, id, title)
}

/// The conversation, its messages, its runs and what they streamed.
pub(super) async fn delete(conn: &mut Conn, user: UserId, id: ConversationId) -> Result<u64, db::Error> {
    execute!(
        conn,
        "DELETE FROM run_events WHERE user_id = $1 AND run_id IN \
         (SELECT id FROM runs WHERE user_id = $1 AND conversation_id = $2)",
        user,
        id
    )?;
    execute!(conn, "DELETE FROM runs WHERE user_id = $1 AND conversation_id = $2", user, id)?;
    execute!(conn, "DELETE FROM messages WHERE user_id = $1 AND conversation_id = $2", user, id)?;
    execute!(conn, "DELETE FROM conversations WHERE user_id = $1 AND id = $2", user, id)
}

pub(super) async fn expired(
    conn: &mut Conn,
    at: At,
    limit: i64,
) -> Result<Vec<(UserId, ConversationId)>, db::Error> {
    fetch_all!(
        conn,
        (UserId, ConversationId),
        "SELECT user_id, id FROM conversations WHERE expires_at IS NOT NULL AND expires_at < $1 \
         ORDER BY expires_at LIMIT $2",
        at,
        limit
    )
}

pub async fn insert_message(conn: &mut Conn, user: UserId, row: &Message) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO messages (user_id, conversation_id, seq, id, role, text, reasoning, commands, decisions, status, \
         error, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        user,
        row.conversation_id,
        row.seq,
        row.id,
        &row.role,
        &row.text,
        &row.reasoning,
        Json(&row.commands.0),
        Json(&row.decisions.0),
        &row.status,
        row.error.as_ref().map(|error| Json(&error.0)),
        row.created_at
    )?;
    Ok(())
}

/// Writes down how a message that was being written ended.
pub async fn end_message(conn: &mut Conn, user: UserId, row: &Message) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE messages SET text = $4, reasoning = $5, commands = $6, decisions = $7, status = $8, error = $9 \
         WHERE user_id = $1 AND conversation_id = $2 AND seq = $3 AND status = 'streaming'",
        user,
        row.conversation_id,
        row.seq,
        &row.text,
        &row.reasoning,
        Json(&row.commands.0),
        Json(&row.decisions.0),
        &row.status,
        row.error.as_ref().map(|error| Json(&error.0))
    )
}

/// Oldest first, after a number.
pub async fn messages(
    conn: &mut Conn,
    user: UserId,
    conversation: ConversationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Message>, db::Error> {
    fetch_all!(
        conn,
        Message,
        "SELECT conversation_id, seq, id, role, text, reasoning, commands, decisions, status, error, created_at \
         FROM messages WHERE user_id = $1 AND conversation_id = $2 AND seq > $3 ORDER BY seq LIMIT $4",
        user,
        conversation,
        after,
        limit
    )
}
