//! The decisions' SQL.

use sqlx::types::Json;

use super::model::{Decision, DecisionId, Status};
use crate::kernel::{At, Conn, UserId, db};
use crate::mandates::Reason;
use crate::trading::orders::Order;
use crate::{execute, fetch_optional};

/// False: the key was used before. A second caller waits here until the first has committed.
pub async fn insert(conn: &mut Conn, decision: &Decision) -> Result<bool, db::Error> {
    let inserted = execute!(
        conn,
        "INSERT INTO decisions (user_id, decider, decision_id, id, body_hash, account_id, agent_id, wish, status, \
         reasons, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (user_id, decider, decision_id) DO NOTHING",
        decision.user_id,
        &decision.decider,
        &decision.decision_id,
        decision.id,
        &decision.body_hash,
        decision.account_id,
        decision.agent_id,
        Json(&decision.wish.0),
        decision.status.word(),
        Json(&decision.reasons.0),
        decision.created_at,
        decision.updated_at
    )?;
    Ok(inserted == 1)
}

pub async fn find(
    conn: &mut Conn,
    user: UserId,
    (decider, decision_id): (&str, &str),
) -> Result<Option<Decision>, db::Error> {
    fetch_optional!(
        conn,
        Decision,
        "SELECT * FROM decisions WHERE user_id = $1 AND decider = $2 AND decision_id = $3",
        user,
        decider,
        decision_id
    )
}

pub async fn find_by_id(
    conn: &mut Conn,
    user: UserId,
    id: DecisionId,
) -> Result<Option<Decision>, db::Error> {
    fetch_optional!(conn, Decision, "SELECT * FROM decisions WHERE user_id = $1 AND id = $2", user, id)
}

/// By the decider's own id, whoever of the person's deciders used it: the newest.
pub async fn find_by_name(conn: &mut Conn, user: UserId, name: &str) -> Result<Option<Decision>, db::Error> {
    fetch_optional!(
        conn,
        Decision,
        "SELECT * FROM decisions WHERE user_id = $1 AND decision_id = $2 ORDER BY created_at DESC LIMIT 1",
        user,
        name
    )
}

/// A decision with the same parameters since `since` that was not refused. `parameters` is compared as a whole.
pub async fn find_twin(conn: &mut Conn, of: &Decision, since: At) -> Result<Option<(String,)>, db::Error> {
    let recent = crate::fetch_all!(
        conn,
        Decision,
        "SELECT * FROM decisions WHERE user_id = $1 AND account_id = $2 AND created_at > $3 AND id <> $4 \
         AND status IN ('executed', 'accepted', 'pending_approval', 'unknown')",
        of.user_id,
        of.account_id,
        since,
        of.id
    )?;
    let wanted = &of.wish.0;
    let same = |other: &Decision| {
        let other = &other.wish.0;
        other.action == wanted.action
            && other.symbol == wanted.symbol
            && other.quantity == wanted.quantity
            && other.limit_price == wanted.limit_price
    };
    Ok(recent.into_iter().find(same).map(|twin| (twin.decision_id,)))
}

/// Writes the outcome of judging.
pub async fn conclude(conn: &mut Conn, decision: &Decision) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE decisions SET status = $3, reasons = $4, mandate_id = $5, approval_id = $6, would_send = $7, \
         updated_at = $8 WHERE user_id = $1 AND id = $2",
        decision.user_id,
        decision.id,
        decision.status.word(),
        Json(&decision.reasons.0),
        decision.mandate_id,
        decision.approval_id,
        &decision.would_send,
        decision.updated_at
    )
}

/// What the order became is what its decision became. Reasons are kept where none are given.
pub async fn set_status(
    conn: &mut Conn,
    order: &Order,
    status: Status,
    reasons: &[Reason],
) -> Result<u64, db::Error> {
    if reasons.is_empty() {
        return execute!(
            conn,
            "UPDATE decisions SET status = $3, updated_at = $4 WHERE user_id = $1 AND id = $2",
            order.user_id,
            order.decision,
            status.word(),
            order.updated_at
        );
    }
    execute!(
        conn,
        "UPDATE decisions SET status = $3, updated_at = $4, reasons = $5 WHERE user_id = $1 AND id = $2",
        order.user_id,
        order.decision,
        status.word(),
        order.updated_at,
        Json(reasons)
    )
}
