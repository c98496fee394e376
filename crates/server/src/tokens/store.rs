//! The signing keys' SQL.

use sqlx::types::Json;

use crate::kernel::{At, Conn, db};
use crate::{execute, fetch_all};

#[derive(sqlx::FromRow)]
pub(super) struct KeyRow {
    pub kid: String,
    pub algorithm: String,
    pub private_key: String,
    pub public_jwk: Json<serde_json::Value>,
    pub state: String,
}

pub(super) async fn live(conn: &mut Conn, now: At) -> Result<Vec<KeyRow>, db::Error> {
    fetch_all!(
        conn,
        KeyRow,
        "SELECT kid, algorithm, private_key, public_jwk, state FROM signing_keys \
         WHERE state <> 'retiring' OR until > $1 ORDER BY created_at, kid",
        now
    )
}

/// False when another node was first with a key for this state.
pub(super) async fn insert(conn: &mut Conn, row: &KeyRow, at: At) -> Result<bool, db::Error> {
    let inserted = execute!(
        conn,
        "INSERT INTO signing_keys (kid, algorithm, private_key, public_jwk, state, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (algorithm, state) WHERE state <> 'retiring' DO NOTHING",
        &row.kid,
        &row.algorithm,
        &row.private_key,
        Json(&row.public_jwk.0),
        &row.state,
        at
    )?;
    Ok(inserted == 1)
}

/// Every key's id and sealed private half.
pub(super) async fn sealed(conn: &mut Conn) -> Result<Vec<(String, String)>, db::Error> {
    fetch_all!(conn, (String, String), "SELECT kid, private_key FROM signing_keys ORDER BY kid")
}

/// The same private half under another wrapping key.
pub(super) async fn move_text(conn: &mut Conn, kid: &str, old: &str, new: &str) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE signing_keys SET private_key = $3 WHERE kid = $1 AND private_key = $2",
        kid,
        old,
        new
    )
}
