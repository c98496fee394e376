//! The log's SQL.

use uuid::Uuid;

use super::model::Row;
use crate::kernel::{At, Conn, db};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// The owner's next number. The counter's row is locked until the transaction ends, so numbers stay dense: one
/// person's acts queue behind each other, never everybody's.
pub(super) async fn next_seq(conn: &mut Conn, owner: Uuid) -> Result<i64, db::Error> {
    let (seq,) = fetch_one!(
        conn,
        (i64,),
        "INSERT INTO audit_counters (owner, seq) VALUES ($1, 1) \
         ON CONFLICT (owner) DO UPDATE SET seq = audit_counters.seq + 1 RETURNING seq",
        owner
    )?;
    Ok(seq)
}

pub(super) async fn insert(conn: &mut Conn, row: Row) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO audit_events (owner, seq, id, at, event, body, personal, salt, commitment, mac) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.owner,
        row.seq,
        row.id,
        row.at,
        row.event,
        row.body,
        row.personal,
        row.salt,
        row.commitment,
        row.mac
    )?;
    Ok(())
}

pub(super) async fn unlinked(conn: &mut Conn, limit: i64) -> Result<Vec<Row>, db::Error> {
    fetch_all!(conn, Row, "SELECT * FROM audit_events WHERE link IS NULL ORDER BY at, id LIMIT $1", limit)
}

pub(super) async fn set_link(conn: &mut Conn, row: &Row, link: i64, hash: &[u8]) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE audit_events SET link = $1, hash = $2 WHERE owner = $3 AND seq = $4 AND link IS NULL",
        link,
        hash,
        row.owner,
        row.seq
    )
}

/// The chain's newest signed head.
pub(super) async fn head(conn: &mut Conn) -> Result<Option<(i64, Vec<u8>, At, Vec<u8>)>, db::Error> {
    fetch_optional!(
        conn,
        (i64, Vec<u8>, At, Vec<u8>),
        "SELECT link, hash, at, signature FROM audit_heads ORDER BY link DESC LIMIT 1"
    )
}

/// Fails with `Duplicate` when another node wrote the same head: then nothing of this batch stays.
pub(super) async fn insert_head(
    conn: &mut Conn,
    link: i64,
    hash: &[u8],
    at: At,
    signature: &[u8],
) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO audit_heads (link, hash, at, signature) VALUES ($1, $2, $3, $4)",
        link,
        hash,
        at,
        signature
    )?;
    Ok(())
}

pub(super) async fn linked_after(conn: &mut Conn, link: i64, limit: i64) -> Result<Vec<Row>, db::Error> {
    fetch_all!(conn, Row, "SELECT * FROM audit_events WHERE link > $1 ORDER BY link LIMIT $2", link, limit)
}

/// Owners whose highest number, count of rows and counter are not the same: `(owner, counter, rows, highest)`.
pub(super) async fn uneven_owners(conn: &mut Conn) -> Result<Vec<(Uuid, i64, i64, i64)>, db::Error> {
    fetch_all!(
        conn,
        (Uuid, i64, i64, i64),
        "SELECT c.owner, c.seq, CAST(COUNT(e.seq) AS BIGINT), CAST(COALESCE(MAX(e.seq), 0) AS BIGINT) \
         FROM audit_counters c LEFT JOIN audit_events e ON e.owner = c.owner GROUP BY c.owner, c.seq \
         HAVING COUNT(e.seq) <> c.seq OR COALESCE(MAX(e.seq), 0) <> c.seq ORDER BY c.owner"
    )
}

/// What a list asks for.
pub(super) struct Wanted<'a> {
    /// Event name, or its first part with a dot (`mandate.`); empty for all.
    pub event: &'a str,
    pub from: At,
    pub to: At,
    pub before: i64,
    pub limit: i64,
}

/// One owner's rows, newest first.
pub(super) async fn list(conn: &mut Conn, owner: Uuid, wanted: Wanted<'_>) -> Result<Vec<Row>, db::Error> {
    fetch_all!(
        conn,
        Row,
        "SELECT * FROM audit_events WHERE owner = $1 AND seq < $2 AND at >= $3 AND at < $4 \
         AND ($5 = '' OR event = $5 OR substr(event, 1, length($5)) = $5) ORDER BY seq DESC LIMIT $6",
        owner,
        wanted.before,
        wanted.from,
        wanted.to,
        wanted.event,
        wanted.limit
    )
}
