//! The connections' SQL.

use super::model::{Connection, ConnectionId, Prepared};
use crate::kernel::{At, Conn, UserId, db, key_of};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

pub(super) async fn find(
    conn: &mut Conn,
    user: UserId,
    id: ConnectionId,
) -> Result<Option<Connection>, db::Error> {
    fetch_optional!(conn, Connection, "SELECT * FROM connections WHERE user_id = $1 AND id = $2", user, id)
}

pub(super) async fn insert(conn: &mut Conn, new: &Prepared, at: At) -> Result<u64, db::Error> {
    execute!(
        conn,
        "INSERT INTO connections (user_id, id, provider, sealed, key_id, version, created_at, changed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (user_id, id) DO NOTHING",
        new.user,
        new.id,
        &new.provider,
        &new.sealed,
        &new.key_id,
        new.version,
        at
    )
}

/// Only over the version before it.
pub(super) async fn swap(conn: &mut Conn, new: &Prepared, at: At) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE connections SET sealed = $4, key_id = $5, version = $3, changed_at = $6 \
         WHERE user_id = $1 AND id = $2 AND version = $3 - 1 AND destroyed_at IS NULL",
        new.user,
        new.id,
        new.version,
        &new.sealed,
        &new.key_id,
        at
    )
}

/// `shredded` is the text of `before` without its data key.
pub(super) async fn destroy(
    conn: &mut Conn,
    before: &Connection,
    shredded: &str,
    at: At,
) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE connections SET sealed = $4, changed_at = $5, destroyed_at = $5 \
         WHERE user_id = $1 AND id = $2 AND version = $3 AND destroyed_at IS NULL",
        before.user_id,
        before.id,
        before.version,
        shredded,
        at
    )
}

/// A page of rows that are wrapped by another key than the current one.
pub(in crate::vault) async fn due(
    conn: &mut Conn,
    current: &str,
    after: Option<(UserId, ConnectionId)>,
    limit: i64,
) -> Result<Vec<Connection>, db::Error> {
    let (user, id) = after.map_or((uuid::Uuid::nil(), uuid::Uuid::nil()), |(user, id)| (user.0, id.0));
    fetch_all!(
        conn,
        Connection,
        "SELECT * FROM connections WHERE destroyed_at IS NULL AND key_id <> $1 AND (user_id, id) > ($2, $3) \
         ORDER BY user_id, id LIMIT $4",
        current,
        user,
        id,
        limit
    )
}

/// The same secret under another key, unless it was replaced meanwhile.
pub(in crate::vault) async fn move_text(
    conn: &mut Conn,
    row: &Connection,
    text: &str,
) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE connections SET sealed = $4, key_id = $5 WHERE user_id = $1 AND id = $2 AND sealed = $3",
        row.user_id,
        row.id,
        &row.sealed,
        text,
        key_of(text)
    )
}

pub(in crate::vault) async fn count_by_key(conn: &mut Conn, key_id: &str) -> Result<i64, db::Error> {
    let (count,) = fetch_one!(
        conn,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM connections WHERE destroyed_at IS NULL AND key_id = $1",
        key_id
    )?;
    Ok(count)
}
