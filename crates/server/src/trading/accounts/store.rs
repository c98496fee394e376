//! The trading accounts' SQL.

use super::model::{Account, AccountStatus};
use crate::kernel::{At, Conn, TradingAccountId, UserId, db};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

pub async fn find(conn: &mut Conn, user: UserId, id: TradingAccountId) -> Result<Option<Account>, db::Error> {
    fetch_optional!(
        conn,
        Account,
        "SELECT * FROM trading_accounts WHERE user_id = $1 AND id = $2 AND status <> 'deleted'",
        user,
        id
    )
}

pub async fn list(conn: &mut Conn, user: UserId) -> Result<Vec<Account>, db::Error> {
    fetch_all!(
        conn,
        Account,
        "SELECT * FROM trading_accounts WHERE user_id = $1 AND status <> 'deleted' ORDER BY id",
        user
    )
}

pub async fn count(conn: &mut Conn, user: UserId) -> Result<i64, db::Error> {
    let (count,) = fetch_one!(
        conn,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM trading_accounts WHERE user_id = $1 AND status <> 'deleted'",
        user
    )?;
    Ok(count)
}

pub async fn insert(conn: &mut Conn, account: &Account) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO trading_accounts (user_id, id, broker, name, currency, zone, status, user_id_broker, \
         auth_mode, connection_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        account.user_id,
        account.id,
        &account.broker,
        &account.name,
        &account.currency,
        &account.zone,
        account.status.word(),
        &account.user_id_broker,
        &account.auth_mode,
        account.connection_id,
        account.created_at,
        account.expires_at
    )?;
    Ok(())
}

/// Also when it was verified and when its token ends, where the broker said so.
pub async fn set_status(
    conn: &mut Conn,
    (user, id): (UserId, TradingAccountId),
    status: AccountStatus,
    verified_at: Option<At>,
    expires_at: Option<At>,
) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE trading_accounts SET status = $3, last_verified_at = COALESCE($4, last_verified_at), \
         expires_at = COALESCE($5, expires_at) WHERE user_id = $1 AND id = $2 AND status <> 'deleted'",
        user,
        id,
        status.word(),
        verified_at,
        expires_at
    )
}

/// The row stays for the audit.
pub async fn delete(conn: &mut Conn, user: UserId, id: TradingAccountId) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE trading_accounts SET status = 'deleted' WHERE user_id = $1 AND id = $2 AND status <> 'deleted'",
        user,
        id
    )
}
