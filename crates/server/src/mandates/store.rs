//! The mandates' SQL.

use sqlx::types::Json;

use super::model::{Mandate, MandateId, Terms};
use crate::{
    execute, fetch_all, fetch_optional,
    kernel::{AgentId, At, Conn, TradingAccountId, UserId, db},
};

pub(super) async fn insert(conn: &mut Conn, mandate: &Mandate) -> Result<u64, db::Error> {
    execute!(
        conn,
        "INSERT INTO mandates (user_id, id, agent_id, terms, zone, live, created_at, updated_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        mandate.user_id,
        mandate.id,
        mandate.agent_id,
        Json(&mandate.terms.0),
        &mandate.zone,
        mandate.live,
        mandate.created_at,
        mandate.expires_at
    )
}

/// Makes the mandate the active one for an account; false when another is.
pub(super) async fn claim(
    conn: &mut Conn,
    mandate: &Mandate,
    account: TradingAccountId,
) -> Result<bool, db::Error> {
    let claimed = execute!(
        conn,
        "INSERT INTO mandate_accounts (user_id, agent_id, account_id, mandate_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, agent_id, account_id) DO NOTHING",
        mandate.user_id,
        mandate.agent_id,
        account,
        mandate.id
    )?;
    Ok(claimed == 1)
}

/// The mandate stops being anyone's active one.
pub(super) async fn disclaim(conn: &mut Conn, user: UserId, id: MandateId) -> Result<u64, db::Error> {
    execute!(conn, "DELETE FROM mandate_accounts WHERE user_id = $1 AND mandate_id = $2", user, id)
}

/// Lets go of the accounts of this person's and agent's mandates that have expired.
pub(super) async fn disclaim_expired(
    conn: &mut Conn,
    user: UserId,
    agent: AgentId,
    now: At,
) -> Result<u64, db::Error> {
    execute!(
        conn,
        "DELETE FROM mandate_accounts WHERE user_id = $1 AND agent_id = $2 AND mandate_id IN \
         (SELECT id FROM mandates WHERE user_id = $1 AND agent_id = $2 AND expires_at <= $3)",
        user,
        agent,
        now
    )
}

pub(super) async fn find(conn: &mut Conn, user: UserId, id: MandateId) -> Result<Option<Mandate>, db::Error> {
    fetch_optional!(
        conn,
        Mandate,
        "SELECT user_id, id, agent_id, terms, zone, live, created_at, updated_at, expires_at, revoked_at \
         FROM mandates WHERE user_id = $1 AND id = $2",
        user,
        id
    )
}

/// The mandates of a person's agent that hold an account now; an expired one may still be among them.
pub(super) async fn claimed(
    conn: &mut Conn,
    user: UserId,
    agent: AgentId,
) -> Result<Vec<Mandate>, db::Error> {
    fetch_all!(
        conn,
        Mandate,
        "SELECT user_id, id, agent_id, terms, zone, live, created_at, updated_at, expires_at, revoked_at \
         FROM mandates WHERE user_id = $1 AND revoked_at IS NULL AND id IN \
         (SELECT mandate_id FROM mandate_accounts WHERE user_id = $1 AND agent_id = $2) ORDER BY id",
        user,
        agent
    )
}

/// A page, newest first.
pub(super) async fn list(
    conn: &mut Conn,
    user: UserId,
    before: Option<MandateId>,
    limit: i64,
) -> Result<Vec<Mandate>, db::Error> {
    fetch_all!(
        conn,
        Mandate,
        "SELECT user_id, id, agent_id, terms, zone, live, created_at, updated_at, expires_at, revoked_at \
         FROM mandates WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        user,
        before.unwrap_or(MandateId(uuid::Uuid::max())),
        limit
    )
}

/// New terms of a mandate that nobody changed since `seen`; false when somebody did or it has ended.
pub(super) async fn replace(
    conn: &mut Conn,
    mandate: &Mandate,
    terms: &Terms,
    seen: At,
) -> Result<bool, db::Error> {
    let changed = execute!(
        conn,
        "UPDATE mandates SET terms = $3, zone = $4, live = $5, expires_at = $6, updated_at = $7 \
         WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL AND updated_at = $8",
        mandate.user_id,
        mandate.id,
        Json(terms),
        &mandate.zone,
        mandate.live,
        mandate.expires_at,
        mandate.updated_at,
        seen
    )?;
    Ok(changed == 1)
}

/// False when it was revoked before or does not exist.
pub(super) async fn revoke(conn: &mut Conn, user: UserId, id: MandateId, now: At) -> Result<bool, db::Error> {
    let revoked = execute!(
        conn,
        "UPDATE mandates SET revoked_at = $3 WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL",
        user,
        id,
        now
    )?;
    Ok(revoked == 1)
}
