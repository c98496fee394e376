//! A decision and its outcome.

use serde::Serialize;
use sqlx::types::Json;

use super::wish::Wish;
use crate::kernel::{Acting, AgentId, At, TradingAccountId, UserId};
use crate::mandates::{ApprovalId, MandateId, Reason};
use crate::trading::orders::{Order, OrderView};

crate::id!(DecisionId, "dec_");

words! {
    /// How a decision stands.
    Status {
        /// Filled.
        Executed = "executed",
        /// Sent; it rests or is filled in part, and the order says where it stands.
        Accepted = "accepted",
        Rejected = "rejected",
        PendingApproval = "pending_approval",
        /// Recorded, nothing was sent.
        DryRun = "dry_run",
        /// The account has no usable credential; nothing was sent.
        NoCredentials = "no_credentials",
        /// Nothing was executed.
        Failed = "failed",
        /// Sent, and the answer was lost: it may have been executed, and is never sent again by itself.
        Unknown = "unknown",
    }
}

/// A wish, and who brings it.
pub struct Proposal {
    /// For whom and from where.
    pub caller: Acting,
    /// The door it came through, where it is not the caller's own client: `chat` for an agent's command.
    pub client: Option<String>,
    /// The agent that decided; its mandate counts. `None`: what the body and the token say.
    pub agent: Option<AgentId>,
    /// Refuse what repeats a decision of the last 30 s with the same parameters: facades and chat commands.
    pub refuse_twins: bool,
    pub wish: Wish,
}

/// A stored decision.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(clippy::struct_field_names, reason = "the contract's names")]
pub struct Decision {
    pub user_id: UserId,
    pub decider: String,
    pub decision_id: String,
    pub id: DecisionId,
    pub body_hash: Vec<u8>,
    pub account_id: TradingAccountId,
    pub agent_id: Option<AgentId>,
    pub wish: Json<Wish>,
    #[sqlx(try_from = "String")]
    pub status: Status,
    pub reasons: Json<Vec<Reason>>,
    pub mandate_id: Option<MandateId>,
    pub approval_id: Option<ApprovalId>,
    pub would_send: Option<Json<serde_json::Value>>,
    pub created_at: At,
    pub updated_at: At,
}

/// The answer to a decision.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Decision)]
#[allow(clippy::struct_field_names, reason = "the contract's names")]
pub struct DecisionView {
    /// The decider's own id.
    pub decision_id: String,
    /// Ours; approvals name it.
    pub id: DecisionId,
    pub status: Status,
    pub reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_id: Option<ApprovalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandate_id: Option<MandateId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    pub account_id: TradingAccountId,
    /// What a dry run would have sent; never a credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_send: Option<serde_json::Value>,
    pub created_at: At,
    pub updated_at: At,
}

impl DecisionView {
    pub fn new(decision: Decision, order: Option<Order>) -> Self {
        Self {
            decision_id: decision.decision_id,
            id: decision.id,
            status: decision.status,
            reasons: decision.reasons.0,
            order: order.map(OrderView::from),
            approval_id: decision.approval_id,
            mandate_id: decision.mandate_id,
            agent_id: decision.agent_id,
            account_id: decision.account_id,
            would_send: decision.would_send.map(|Json(value)| value),
            created_at: decision.created_at,
            updated_at: decision.updated_at,
        }
    }
}
