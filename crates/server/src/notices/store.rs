//! The notices' SQL.

use serde_json::Value;
use sqlx::types::Json;

use super::model::Notice;
use crate::kernel::{At, Conn, UserId, db};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// The counter's row is held until the transaction ends: the next number cannot become visible before this one.
pub(super) async fn append(
    conn: &mut Conn,
    user: UserId,
    kind: &str,
    data: &Value,
    at: At,
) -> Result<(), db::Error> {
    let (seq,) = fetch_one!(
        conn,
        (i64,),
        "INSERT INTO notice_counters (user_id, seq) VALUES ($1, 1) \
         ON CONFLICT (user_id) DO UPDATE SET seq = notice_counters.seq + 1 RETURNING seq",
        user
    )?;
    execute!(
        conn,
        "INSERT INTO notices (user_id, seq, kind, data, at) VALUES ($1, $2, $3, $4, $5)",
        user,
        seq,
        kind,
        Json(data),
        at
    )?;
    Ok(())
}

/// The newest number; 0 when there is none yet.
pub(super) async fn newest(conn: &mut Conn, user: UserId) -> Result<i64, db::Error> {
    let row = fetch_optional!(conn, (i64,), "SELECT seq FROM notice_counters WHERE user_id = $1", user)?;
    Ok(row.map_or(0, |(seq,)| seq))
}

pub(super) async fn after(
    conn: &mut Conn,
    user: UserId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Notice>, db::Error> {
    fetch_all!(
        conn,
        Notice,
        "SELECT seq, kind, data, at FROM notices WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        user,
        seq,
        limit
    )
}

/// Deletes up to `limit` old rows; says how many.
pub(super) async fn prune(conn: &mut Conn, before: At, limit: i64) -> Result<u64, db::Error> {
    execute!(
        conn,
        "DELETE FROM notices WHERE (user_id, seq) IN \
         (SELECT user_id, seq FROM notices WHERE at < $1 ORDER BY at LIMIT $2)",
        before,
        limit
    )
}
