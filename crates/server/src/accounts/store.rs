//! The accounts' SQL.

use sqlx::types::Json;

use super::model::User;
use crate::kernel::{Conn, UserId, db};
use crate::{execute, fetch_one, fetch_optional};

pub(super) async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, db::Error> {
    fetch_optional!(
        conn,
        User,
        "SELECT id, email, email_verified, name, phone, roles, tenant, tier, external_ids, password_hash, \
         disabled_at, created_at FROM users WHERE id = $1",
        id
    )
}

pub(super) async fn find_by_email(conn: &mut Conn, email_lower: &str) -> Result<Option<User>, db::Error> {
    fetch_optional!(
        conn,
        User,
        "SELECT id, email, email_verified, name, phone, roles, tenant, tier, external_ids, password_hash, \
         disabled_at, created_at FROM users WHERE email_lower = $1",
        email_lower
    )
}

/// False when the address is taken.
pub(super) async fn insert(conn: &mut Conn, user: &User, email_lower: &str) -> Result<bool, db::Error> {
    let inserted = execute!(
        conn,
        "INSERT INTO users (id, email, email_lower, email_verified, name, phone, roles, tenant, tier, external_ids, \
         password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (email_lower) DO NOTHING",
        user.id,
        &user.email,
        email_lower,
        user.email_verified,
        &user.name,
        &user.phone,
        Json(&user.roles.0),
        &user.tenant,
        &user.tier,
        Json(&user.external_ids.0),
        &user.password_hash,
        user.created_at
    )?;
    Ok(inserted == 1)
}

pub(super) async fn set_profile(
    conn: &mut Conn,
    id: UserId,
    name: &str,
    phone: Option<&str>,
) -> Result<u64, db::Error> {
    execute!(conn, "UPDATE users SET name = $2, phone = $3 WHERE id = $1", id, name, phone)
}

pub(super) async fn set_password(conn: &mut Conn, id: UserId, hash: &str) -> Result<u64, db::Error> {
    execute!(conn, "UPDATE users SET password_hash = $2 WHERE id = $1", id, hash)
}

pub(super) async fn count(conn: &mut Conn) -> Result<i64, db::Error> {
    Ok(fetch_one!(conn, (i64,), "SELECT CAST(COUNT(*) AS BIGINT) FROM users")?.0)
}

pub(super) async fn first_admin(conn: &mut Conn) -> Result<Option<UserId>, db::Error> {
    let row = fetch_optional!(
        conn,
        (UserId,),
        "SELECT id FROM users WHERE CAST(roles AS TEXT) LIKE '%\"admin\"%' AND disabled_at IS NULL \
         ORDER BY created_at, id LIMIT 1"
    )?;
    Ok(row.map(|(id,)| id))
}
