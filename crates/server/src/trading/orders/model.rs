//! An order and its states.

use mandate_brokers::{Kind, NewOrder, Report, Side, State};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use crate::kernel::{AgentId, At, Num, TradingAccountId, UserId};
use crate::mandates::{ApprovalId, MandateId, OrderType};
use crate::trading::accounts::PAPER;
use crate::trading::decisions::DecisionId;

crate::id!(OrderId, "ord_");

words! {
    /// Where an order stands.
    OrderStatus {
        /// Allowed, not sent yet.
        Pending = "pending",
        /// Sent; the answer is awaited.
        Sent = "sent",
        /// Rests at the broker.
        Open = "open",
        PartiallyFilled = "partially_filled",
        Filled = "filled",
        Cancelled = "cancelled",
        Rejected = "rejected",
        /// Sent, and the answer was lost: it may have been executed.
        Unknown = "unknown",
    }
}

impl OrderStatus {
    /// Nothing more will happen to it.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Filled | Self::Cancelled | Self::Rejected)
    }

    /// It rests at the broker and can be cancelled.
    pub fn is_resting(self) -> bool {
        matches!(self, Self::Open | Self::PartiallyFilled)
    }
}

impl From<State> for OrderStatus {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::PartiallyFilled => Self::PartiallyFilled,
            State::Filled => Self::Filled,
            State::Cancelled => Self::Cancelled,
            State::Rejected => Self::Rejected,
        }
    }
}

/// A stored order.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(clippy::struct_field_names, reason = "the contract's names")]
pub struct Order {
    pub user_id: UserId,
    pub id: OrderId,
    pub account_id: TradingAccountId,
    pub broker: String,
    pub decision: DecisionId,
    pub decision_id: String,
    pub agent_id: Option<AgentId>,
    pub mandate_id: Option<MandateId>,
    pub approval_id: Option<ApprovalId>,
    pub symbol: String,
    pub side: String,
    pub quantity: Num,
    pub filled_quantity: Num,
    pub order_type: String,
    pub limit_price: Option<Num>,
    pub worst_price: Option<Num>,
    pub average_price: Option<Num>,
    pub value: Num,
    pub fee: Num,
    #[sqlx(try_from = "String")]
    pub status: OrderStatus,
    pub broker_order_id: Option<String>,
    pub message: Option<String>,
    pub sent_at: Option<At>,
    /// The market's time, Unix seconds, to whose splits quantity and limit belong.
    pub market_time: i64,
    pub created_at: At,
    pub updated_at: At,
}

impl Order {
    pub fn is_paper(&self) -> bool {
        self.broker == PAPER
    }

    /// As a broker takes it; our id is its reference.
    pub fn as_new(&self) -> NewOrder {
        NewOrder {
            reference: self.id.to_string(),
            symbol: self.symbol.clone(),
            side: if self.side == "buy" { Side::Buy } else { Side::Sell },
            quantity: self.quantity.0,
            kind: match self.limit_price {
                Some(price) => Kind::Limit { price: price.0 },
                None => Kind::Market { worst: self.worst_price.map(|price| price.0) },
            },
        }
    }

    /// Takes over what the broker reported. A report is cumulative.
    pub fn apply(&mut self, report: &Report, at: At) {
        self.status = report.state.into();
        self.quantity = Num(report.quantity.normalize());
        self.filled_quantity = Num(report.filled.normalize());
        self.average_price = report.average_price.map(|price| Num(price.normalize()));
        self.value = Num(report.value.unwrap_or(Decimal::ZERO).normalize());
        self.fee = Num(report.fee.normalize());
        if report.broker_order_id.is_some() {
            self.broker_order_id.clone_from(&report.broker_order_id);
        }
        self.message.clone_from(&report.message);
        self.updated_at = at;
    }

    /// After a split of `ratio` for one; limits round in the account's favour, as paper's do.
    #[must_use]
    pub fn split(mut self, ratio: u32) -> Self {
        let by = Decimal::from(ratio.max(1));
        let rounding =
            if self.side == "buy" { RoundingStrategy::ToZero } else { RoundingStrategy::AwayFromZero };
        self.quantity = Num(self.quantity.0 * by);
        self.filled_quantity = Num(self.filled_quantity.0 * by);
        self.limit_price =
            self.limit_price.map(|price| Num((price.0 / by).round_dp_with_strategy(6, rounding)));
        self.average_price = self.average_price.map(|price| Num((price.0 / by).round_dp(6)));
        self
    }

    pub fn type_word(order_type: OrderType) -> &'static str {
        match order_type {
            OrderType::Market => "market",
            OrderType::Limit => "limit",
        }
    }
}

/// An order on the wire.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Order)]
pub struct OrderView {
    pub order_id: OrderId,
    pub account_id: TradingAccountId,
    pub symbol: String,
    /// `buy` or `sell`
    pub side: String,
    pub quantity: Num,
    pub filled_quantity: Num,
    /// `market` or `limit`
    pub order_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_price: Option<Num>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_price: Option<Num>,
    /// Money that changed hands, fees left out.
    pub value: Num,
    pub fee: Num,
    pub status: OrderStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker_order_id: Option<String>,
    /// The decider's own id of the decision.
    pub decision_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandate_id: Option<MandateId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_id: Option<ApprovalId>,
    pub created_at: At,
    pub updated_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl From<Order> for OrderView {
    fn from(order: Order) -> Self {
        Self {
            order_id: order.id,
            account_id: order.account_id,
            symbol: order.symbol,
            side: order.side,
            quantity: order.quantity,
            filled_quantity: order.filled_quantity,
            order_type: order.order_type,
            limit_price: order.limit_price,
            average_price: order.average_price,
            value: order.value,
            fee: order.fee,
            status: order.status,
            broker_order_id: order.broker_order_id,
            decision_id: order.decision_id,
            agent_id: order.agent_id,
            mandate_id: order.mandate_id,
            approval_id: order.approval_id,
            created_at: order.created_at,
            updated_at: order.updated_at,
            message: order.message,
        }
    }
}
