//! The sessions' SQL.

use sqlx::types::Json;

use super::model::Session;
use crate::kernel::{At, Conn, SessionId, UserId, db};
use crate::{execute, fetch_all, fetch_optional};

pub(super) async fn find(conn: &mut Conn, user: UserId, id: SessionId) -> Result<Option<Session>, db::Error> {
    fetch_optional!(conn, Session, "SELECT * FROM sessions WHERE user_id = $1 AND id = $2", user, id)
}

pub(super) async fn insert(conn: &mut Conn, session: &Session) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO sessions (user_id, id, delivery, persist, device_name, address, user_agent, fingerprint, device, \
         auth_time, amr, created_at, last_seen_at, expires_at, ends_at, generation, confirmed, current_hash, rotated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        session.user_id,
        session.id,
        &session.delivery,
        session.persist,
        &session.device_name,
        &session.address,
        &session.user_agent,
        &session.fingerprint,
        &session.device,
        session.auth_time,
        Json(&session.amr.0),
        session.created_at,
        session.last_seen_at,
        session.expires_at,
        session.ends_at,
        session.generation,
        session.confirmed,
        &session.current_hash,
        session.rotated_at
    )?;
    Ok(())
}

/// What a rotation writes.
pub(super) struct Rotation {
    pub user: UserId,
    pub session: SessionId,
    pub presented: Vec<u8>,
    pub next: Vec<u8>,
    pub successor: Vec<u8>,
    pub now: At,
    pub expires_at: At,
    pub address: String,
}

/// The compare-and-set that makes a rotation single: false when the presented token is not the current one of a live
/// session. Presenting it confirms its own generation.
pub(super) async fn rotate(conn: &mut Conn, rotation: Rotation) -> Result<bool, db::Error> {
    let changed = execute!(
        conn,
        "UPDATE sessions SET previous_hash = current_hash, current_hash = $4, successor = $5, rotated_at = $6, \
         confirmed = generation, generation = generation + 1, last_seen_at = $6, expires_at = $7, address = $8 \
         WHERE user_id = $1 AND id = $2 AND current_hash = $3 AND revoked_at IS NULL AND expires_at > $6 AND ends_at > $6",
        rotation.user,
        rotation.session,
        rotation.presented,
        rotation.next,
        rotation.successor,
        rotation.now,
        rotation.expires_at,
        rotation.address
    )?;
    Ok(changed == 1)
}

/// The session was asked for its successor again. False when it has moved on or ended since it was read; else its row
/// is held until the transaction ends.
pub(super) async fn seen(conn: &mut Conn, session: &Session, now: At) -> Result<bool, db::Error> {
    let changed = execute!(
        conn,
        "UPDATE sessions SET last_seen_at = $4 WHERE user_id = $1 AND id = $2 AND generation = $3 AND revoked_at IS NULL",
        session.user_id,
        session.id,
        session.generation,
        now
    )?;
    Ok(changed == 1)
}

/// The first use of a generation.
pub(super) async fn confirm(
    conn: &mut Conn,
    user: UserId,
    id: SessionId,
    generation: i64,
) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE sessions SET confirmed = $3 WHERE user_id = $1 AND id = $2 AND confirmed < $3 AND generation >= $3",
        user,
        id,
        generation
    )
}

/// Wipes successors that no predecessor may ask for any more.
pub(super) async fn wipe_successors(conn: &mut Conn, rotated_before: At) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE sessions SET successor = NULL WHERE successor IS NOT NULL AND rotated_at < $1 \
         AND (confirmed >= generation OR revoked_at IS NOT NULL)",
        rotated_before
    )
}

/// False when it was revoked already or is not this user's.
pub(super) async fn revoke(
    conn: &mut Conn,
    user: UserId,
    id: SessionId,
    at: At,
    reason: &str,
) -> Result<bool, db::Error> {
    let changed = execute!(
        conn,
        "UPDATE sessions SET revoked_at = $3, revoked_reason = $4, successor = NULL \
         WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL",
        user,
        id,
        at,
        reason
    )?;
    Ok(changed == 1)
}

/// Revokes all of a user's sessions but one; answers which.
pub(super) async fn revoke_all(
    conn: &mut Conn,
    user: UserId,
    except: Option<SessionId>,
    at: At,
    reason: &str,
) -> Result<Vec<SessionId>, db::Error> {
    let except = except.unwrap_or(SessionId(uuid::Uuid::nil()));
    let rows = fetch_all!(
        conn,
        (SessionId,),
        "UPDATE sessions SET revoked_at = $3, revoked_reason = $4, successor = NULL \
         WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL RETURNING id",
        user,
        except,
        at,
        reason
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn set_auth(
    conn: &mut Conn,
    user: UserId,
    id: SessionId,
    auth_time: At,
    amr: &[String],
) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE sessions SET auth_time = $3, amr = $4 WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL",
        user,
        id,
        auth_time,
        Json(amr)
    )
}

pub(super) async fn live(
    conn: &mut Conn,
    user: UserId,
    now: At,
    before: (At, SessionId),
    limit: i64,
) -> Result<Vec<Session>, db::Error> {
    fetch_all!(
        conn,
        Session,
        "SELECT * FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND ends_at > $2 \
         AND (last_seen_at, id) < ($3, $4) ORDER BY last_seen_at DESC, id DESC LIMIT $5",
        user,
        now,
        before.0,
        before.1,
        limit
    )
}

/// A device this user has signed in from before.
pub(super) async fn knows_device(conn: &mut Conn, user: UserId, device: &[u8]) -> Result<bool, db::Error> {
    let row = fetch_optional!(
        conn,
        (SessionId,),
        "SELECT id FROM sessions WHERE user_id = $1 AND device = $2 LIMIT 1",
        user,
        device
    )?;
    Ok(row.is_some())
}

/// Deletes what ended before `before`, some at a time, so that the table stays bounded.
pub(super) async fn sweep(conn: &mut Conn, before: At, limit: i64) -> Result<u64, db::Error> {
    execute!(
        conn,
        "DELETE FROM sessions WHERE (user_id, id) IN \
         (SELECT user_id, id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        before,
        limit
    )
}
