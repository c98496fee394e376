//! The approvals' SQL.

use sqlx::types::Json;
use uuid::Uuid;

use super::model::{Approval, ApprovalId, Ended, Outcome, Reach};
use crate::{
    execute, fetch_all, fetch_optional,
    kernel::{At, Conn, UserId, db},
    mandates::kill_switch::Scope,
};

macro_rules! approvals {
    ($rest:literal) => {
        concat!(
            "SELECT user_id, id, decision, decision_id, mandate_id, agent_id, account_id, order_view, order_hash, leaves, reason, \
             confidence, live, status, created_at, expires_at, decided_at, decided_why FROM approvals WHERE ",
            $rest
        )
    };
}

pub(in crate::mandates) async fn insert(conn: &mut Conn, approval: &Approval) -> Result<u64, db::Error> {
    execute!(
        conn,
        "INSERT INTO approvals (user_id, id, decision, mandate_id, agent_id, account_id, order_view, order_hash, \
         leaves, reason, confidence, live, status, created_at, expires_at, decision_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pending', $13, $14, $15)",
        approval.user_id,
        approval.id,
        approval.decision,
        approval.mandate_id,
        approval.agent_id,
        approval.account_id,
        Json(&approval.order_view.0),
        &approval.order_hash,
        Json(&approval.leaves.0),
        &approval.reason,
        &approval.confidence,
        approval.live,
        approval.created_at,
        approval.expires_at,
        &approval.decision_id
    )
}

pub(in crate::mandates) async fn find(
    conn: &mut Conn,
    user: UserId,
    id: ApprovalId,
) -> Result<Option<Approval>, db::Error> {
    fetch_optional!(conn, Approval, approvals!("user_id = $1 AND id = $2"), user, id)
}

/// A page, newest first; an empty status is any.
pub(super) async fn list(
    conn: &mut Conn,
    user: UserId,
    (status, before): (&str, Option<ApprovalId>),
    limit: i64,
) -> Result<Vec<Approval>, db::Error> {
    fetch_all!(
        conn,
        Approval,
        approvals!("user_id = $1 AND ($2 = '' OR status = $2) AND id < $3 ORDER BY id DESC LIMIT $4"),
        user,
        status,
        before.unwrap_or(ApprovalId(Uuid::max())),
        limit
    )
}

/// Those whose time is over.
pub(super) async fn due(conn: &mut Conn, now: At, limit: i64) -> Result<Vec<Approval>, db::Error> {
    fetch_all!(
        conn,
        Approval,
        approvals!("status = 'pending' AND expires_at <= $1 ORDER BY expires_at LIMIT $2"),
        now,
        limit
    )
}

/// Those that wait within a reach.
pub(super) async fn waiting(conn: &mut Conn, reach: Reach<'_>) -> Result<Vec<Approval>, db::Error> {
    match reach {
        Reach::Mandate(user, mandate) => {
            fetch_all!(
                conn,
                Approval,
                approvals!("user_id = $1 AND status = 'pending' AND mandate_id = $2 ORDER BY id"),
                user,
                mandate
            )
        }
        Reach::Switch { scope: Scope::Global, .. } => {
            fetch_all!(conn, Approval, approvals!("status = 'pending' ORDER BY user_id, id"))
        }
        Reach::Switch { scope: Scope::Tenant, target, .. } => {
            fetch_all!(
                conn,
                Approval,
                approvals!(
                    "status = 'pending' AND user_id IN (SELECT id FROM users WHERE tenant = $1) ORDER BY user_id, id"
                ),
                target
            )
        }
        Reach::Switch { scope, owner, target } => {
            let mine = fetch_all!(
                conn,
                Approval,
                approvals!("user_id = $1 AND status = 'pending' ORDER BY id"),
                owner
            )?;
            let within = |approval: &Approval| match scope {
                Scope::Agent => approval.agent_id.to_string() == target,
                Scope::Account => approval.account_id.to_string() == target,
                _ => true,
            };
            Ok(mine.into_iter().filter(within).collect())
        }
    }
}

/// Ends a waiting approval and leaves word for trading; false when it had ended, or, to be approved, is too late.
pub(super) async fn end(
    conn: &mut Conn,
    approval: &Approval,
    (outcome, why): (Outcome, &str),
    now: At,
) -> Result<bool, db::Error> {
    let ended = execute!(
        conn,
        "UPDATE approvals SET status = $3, decided_at = $4, decided_why = $5 \
         WHERE user_id = $1 AND id = $2 AND status = 'pending' AND ($3 <> 'approved' OR expires_at > $4)",
        approval.user_id,
        approval.id,
        outcome.name(),
        now,
        why
    )?;
    if ended != 1 {
        return Ok(false);
    }
    execute!(
        conn,
        "INSERT INTO approval_outbox (approval, user_id, decision, outcome, why, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        approval.id,
        approval.user_id,
        approval.decision,
        outcome.name(),
        why,
        now
    )?;
    Ok(true)
}

/// Takes up an approved one; false when that was done before.
pub(in crate::mandates) async fn spend(
    conn: &mut Conn,
    user: UserId,
    id: ApprovalId,
    now: At,
) -> Result<bool, db::Error> {
    let spent = execute!(
        conn,
        "UPDATE approvals SET released_at = $3 \
         WHERE user_id = $1 AND id = $2 AND status = 'approved' AND released_at IS NULL",
        user,
        id,
        now
    )?;
    Ok(spent == 1)
}

/// The oldest words for trading.
pub(super) async fn outbox(conn: &mut Conn, limit: i64) -> Result<Vec<Ended>, db::Error> {
    fetch_all!(
        conn,
        Ended,
        "SELECT approval, user_id, decision, outcome, why FROM approval_outbox ORDER BY created_at, approval LIMIT $1",
        limit
    )
}

/// Takes one; false when another node was first.
pub(super) async fn take(conn: &mut Conn, approval: ApprovalId) -> Result<bool, db::Error> {
    Ok(execute!(conn, "DELETE FROM approval_outbox WHERE approval = $1", approval)? == 1)
}
