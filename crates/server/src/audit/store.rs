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

/// Rows without a place, oldest first, from `after` on.
pub(super) async fn unlinked(conn: &mut Conn, after: (At, Uuid), limit: i64) -> Result<Vec<Row>, db::Error> {
    fetch_all!(
        conn,
        Row,
        "SELECT * FROM audit_events WHERE link IS NULL AND (at, id) > ($1, $2) ORDER BY at, id LIMIT $3",
        after.0,
        after.1,
        limit
    )
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

/// A head as it is stored.
#[derive(sqlx::FromRow)]
pub(super) struct StoredHead {
    pub link: i64,
    pub hash: Vec<u8>,
    pub at: At,
    pub signature: Vec<u8>,
}

/// Heads beyond a link, in their order, or the newest first.
pub(super) async fn heads_after(
    conn: &mut Conn,
    link: i64,
    limit: i64,
    newest_first: bool,
) -> Result<Vec<StoredHead>, db::Error> {
    let sql = if newest_first {
        "SELECT * FROM audit_heads WHERE link > $1 ORDER BY link DESC LIMIT $2"
    } else {
        "SELECT * FROM audit_heads WHERE link > $1 ORDER BY link LIMIT $2"
    };
    fetch_all!(conn, StoredHead, sql, link, limit)
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

/// Rows whose place is beyond `after` and below `before`.
pub(super) async fn linked_between(
    conn: &mut Conn,
    after: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, db::Error> {
    fetch_all!(
        conn,
        Row,
        "SELECT * FROM audit_events WHERE link > $1 AND link < $2 ORDER BY link LIMIT $3",
        after,
        before,
        limit
    )
}

pub(super) async fn has_link_after(conn: &mut Conn, link: i64) -> Result<bool, db::Error> {
    let found = fetch_optional!(conn, (i64,), "SELECT link FROM audit_events WHERE link > $1 LIMIT 1", link)?;
    Ok(found.is_some())
}

/// An owner's counter beside the rows that are there.
#[derive(sqlx::FromRow)]
pub(super) struct Numbers {
    pub owner: Uuid,
    pub counter: i64,
    pub rows: i64,
    pub highest: i64,
}

/// Owners whose numbers are not dense from 1 to their counter. One statement: it sees one moment.
pub(super) async fn uneven_owners(conn: &mut Conn) -> Result<Vec<Numbers>, db::Error> {
    fetch_all!(
        conn,
        Numbers,
        "SELECT * FROM ( \
           SELECT e.owner AS owner, COALESCE(c.seq, 0) AS counter, CAST(COUNT(e.seq) AS BIGINT) AS rows, \
                  MIN(e.seq) AS lowest, MAX(e.seq) AS highest \
           FROM audit_events e LEFT JOIN audit_counters c ON c.owner = e.owner GROUP BY e.owner, c.seq \
           UNION ALL \
           SELECT c.owner, c.seq, CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM audit_counters c \
           WHERE NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.owner = c.owner) \
         ) n WHERE n.rows <> n.counter OR n.highest <> n.counter OR (n.rows > 0 AND n.lowest <> 1) ORDER BY n.owner"
    )
}

/// The first row of an owner that has no number before it, a number below 1, or one beyond the counter.
pub(super) async fn first_uneven(conn: &mut Conn, numbers: &Numbers) -> Result<Option<Row>, db::Error> {
    fetch_optional!(
        conn,
        Row,
        "SELECT * FROM audit_events e WHERE e.owner = $1 AND (e.seq < 1 OR e.seq > $2 OR (e.seq > 1 AND NOT EXISTS \
         (SELECT 1 FROM audit_events p WHERE p.owner = e.owner AND p.seq = e.seq - 1))) ORDER BY e.seq LIMIT 1",
        numbers.owner,
        numbers.counter
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
