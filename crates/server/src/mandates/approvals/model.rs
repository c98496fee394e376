//! An order that waits, and the hash that binds an approval to it.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    id,
    kernel::{AgentId, At, Num, TradingAccountId, UserId},
    mandates::{
        act::{Act, Action, OrderType},
        kill_switch::Scope,
        model::MandateId,
    },
};

id!(
    /// One order's approval.
    ApprovalId, "apr_"
);

/// The exact order, as the person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderView {
    pub account_id: TradingAccountId,
    pub symbol: String,
    pub side: Action,
    pub quantity: Num,
    pub order_type: OrderType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_price: Option<Num>,
    /// In the mandate's currency.
    pub worst_case_value: Num,
    pub currency: String,
}

impl OrderView {
    pub(in crate::mandates) fn new(act: &Act, worst_case: Num) -> Self {
        Self {
            account_id: act.account,
            symbol: act.symbol.clone(),
            side: act.action,
            quantity: act.quantity,
            order_type: act.order_type,
            limit_price: act.limit_price,
            worst_case_value: worst_case,
            currency: act.facts.account_currency.clone(),
        }
    }

    /// Whether this is the order of an act, whatever its worth now.
    pub(in crate::mandates) fn is_of(&self, act: &Act) -> bool {
        *self == Self { worst_case_value: self.worst_case_value, ..Self::new(act, Num::ZERO) }
    }
}

/// SHA-256, hexadecimal, over the decision, the mandate and every field of the order, each with its length, so that
/// none can be shifted into another.
pub fn order_hash(decision: Uuid, mandate: MandateId, order: &OrderView) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    let limit = order.limit_price.map_or_else(|| "none".to_owned(), |limit| limit.to_string());
    let fields = [
        "mandate-order-1",
        &decision.to_string(),
        &mandate.to_string(),
        &order.account_id.to_string(),
        &order.symbol,
        order.side.name(),
        &order.quantity.to_string(),
        match order.order_type {
            OrderType::Market => "market",
            OrderType::Limit => "limit",
        },
        &limit,
        &order.worst_case_value.to_string(),
        &order.currency,
    ];
    for field in fields {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field.as_bytes());
    }
    hex::encode(context.finish().as_ref())
}

/// What is left of the day once the order is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leaves {
    pub daily_value: Num,
    pub daily_orders: u32,
}

/// A stored approval.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Approval {
    pub user_id: UserId,
    pub id: ApprovalId,
    pub decision: Uuid,
    pub decision_id: String,
    pub mandate_id: MandateId,
    pub agent_id: AgentId,
    pub account_id: TradingAccountId,
    pub order_view: Json<OrderView>,
    pub order_hash: String,
    pub leaves: Json<Leaves>,
    pub reason: Option<String>,
    pub confidence: Option<String>,
    pub live: bool,
    pub status: String,
    pub created_at: At,
    pub expires_at: At,
    pub decided_at: Option<At>,
    pub decided_why: Option<String>,
}

/// How an approval ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Approved,
    Rejected,
    Expired,
}

impl Outcome {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }
}

/// An ended approval that trading has still to act on: approved ones are judged again and sent, others end their
/// decision.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Ended {
    pub approval: ApprovalId,
    pub user_id: UserId,
    pub decision: Uuid,
    /// `approved`, `rejected` or `expired`.
    pub outcome: String,
    /// For the decision's reasons.
    pub why: String,
}

/// Which waiting approvals end together.
#[derive(Clone, Copy, Debug)]
pub(in crate::mandates) enum Reach<'a> {
    Mandate(UserId, MandateId),
    Switch { scope: Scope, owner: Uuid, target: &'a str },
}
