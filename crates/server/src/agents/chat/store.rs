//! The runs' SQL.

use super::model::{RunEvent, RunRow};
use crate::agents::model::{ConversationId, RunId};
use crate::kernel::{At, Conn, UserId, db};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// False when the conversation has a run already.
pub(super) async fn insert(conn: &mut Conn, run: &RunRow) -> Result<bool, db::Error> {
    let inserted = execute!(
        conn,
        "INSERT INTO runs (user_id, id, conversation_id, message_id, agent_id, session_id, status, cancel_requested, \
         heartbeat_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'running', FALSE, $7, $7) ON CONFLICT DO NOTHING",
        run.user_id,
        run.id,
        run.conversation_id,
        run.message_id,
        run.agent_id,
        run.session_id,
        run.created_at
    )?;
    Ok(inserted == 1)
}

pub(super) async fn find(conn: &mut Conn, user: UserId, id: RunId) -> Result<Option<RunRow>, db::Error> {
    fetch_optional!(
        conn,
        RunRow,
        "SELECT user_id, id, conversation_id, message_id, agent_id, session_id, status, created_at FROM runs \
         WHERE user_id = $1 AND id = $2",
        user,
        id
    )
}

pub(super) async fn count_running(conn: &mut Conn, user: UserId) -> Result<i64, db::Error> {
    let row = fetch_one!(
        conn,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM runs WHERE user_id = $1 AND status = 'running'",
        user
    )?;
    Ok(row.0)
}

/// Says that the run is alive; gives whether somebody asked to cancel it, none if it is no longer running.
pub(super) async fn touch(
    conn: &mut Conn,
    user: UserId,
    id: RunId,
    at: At,
) -> Result<Option<bool>, db::Error> {
    let row = fetch_optional!(
        conn,
        (bool,),
        "UPDATE runs SET heartbeat_at = $3 WHERE user_id = $1 AND id = $2 AND status = 'running' \
         RETURNING cancel_requested",
        user,
        id,
        at
    )?;
    Ok(row.map(|(requested,)| requested))
}

pub(super) async fn request_cancel(conn: &mut Conn, user: UserId, id: RunId) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE runs SET cancel_requested = TRUE WHERE user_id = $1 AND id = $2 AND status = 'running'",
        user,
        id
    )
}

/// Zero when it ended already.
pub(super) async fn end(
    conn: &mut Conn,
    user: UserId,
    id: RunId,
    (status, at): (&str, At),
) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE runs SET status = $3, ended_at = $4 WHERE user_id = $1 AND id = $2 AND status = 'running'",
        user,
        id,
        status,
        at
    )
}

pub(super) async fn append(
    conn: &mut Conn,
    user: UserId,
    id: RunId,
    event: &RunEvent,
) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO run_events (user_id, run_id, seq, event, data) VALUES ($1, $2, $3, $4, $5)",
        user,
        id,
        event.seq,
        &event.event,
        &event.data
    )?;
    Ok(())
}

pub(super) async fn events(
    conn: &mut Conn,
    user: UserId,
    id: RunId,
    after: i64,
    limit: i64,
) -> Result<Vec<RunEvent>, db::Error> {
    fetch_all!(
        conn,
        RunEvent,
        "SELECT seq, event, data FROM run_events WHERE user_id = $1 AND run_id = $2 AND seq > $3 \
         ORDER BY seq LIMIT $4",
        user,
        id,
        after,
        limit
    )
}

/// Runs whose node has not been heard of since `before`.
pub(super) async fn lost(conn: &mut Conn, before: At, limit: i64) -> Result<Vec<RunRow>, db::Error> {
    fetch_all!(
        conn,
        RunRow,
        "SELECT user_id, id, conversation_id, message_id, agent_id, session_id, status, created_at FROM runs \
         WHERE status = 'running' AND heartbeat_at < $1 ORDER BY heartbeat_at LIMIT $2",
        before,
        limit
    )
}

/// Ends a run whose node is gone; nothing if it was heard of after all.
pub(super) async fn end_lost(conn: &mut Conn, run: &RunRow, before: At, at: At) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE runs SET status = 'failed', ended_at = $4 \
         WHERE user_id = $1 AND id = $2 AND status = 'running' AND heartbeat_at < $3",
        run.user_id,
        run.id,
        before,
        at
    )
}

/// Forgets runs that ended before a moment, with what they streamed; their messages stay.
pub(super) async fn forget(conn: &mut Conn, before: At, limit: i64) -> Result<u64, db::Error> {
    let old = fetch_all!(
        conn,
        (UserId, RunId),
        "SELECT user_id, id FROM runs WHERE ended_at IS NOT NULL AND ended_at < $1 ORDER BY ended_at LIMIT $2",
        before,
        limit
    )?;
    for (user, id) in &old {
        execute!(conn, "DELETE FROM run_events WHERE user_id = $1 AND run_id = $2", user, id)?;
        execute!(conn, "DELETE FROM runs WHERE user_id = $1 AND id = $2", user, id)?;
    }
    Ok(old.len() as u64)
}

/// The number of the answer that a run writes.
pub(super) async fn message_seq(
    conn: &mut Conn,
    user: UserId,
    conversation: ConversationId,
    message: crate::agents::model::MessageId,
) -> Result<Option<(i64, At)>, db::Error> {
    fetch_optional!(
        conn,
        (i64, At),
        "SELECT seq, created_at FROM messages WHERE user_id = $1 AND conversation_id = $2 AND id = $3",
        user,
        conversation,
        message
    )
}
