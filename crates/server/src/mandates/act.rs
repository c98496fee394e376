//! A wish to act, the facts it is judged by, and the verdict.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{approvals::ApprovalId, model::MandateId};
use crate::kernel::{AgentId, Num, TradingAccountId, UserId};

/// Which way an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Buy,
    Sell,
}

impl Action {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrderType {
    Market,
    Limit,
}

/// One order that somebody wants to place.
#[derive(Clone, Debug)]
pub struct Act {
    /// Whose money.
    pub user: UserId,
    /// Who decided; `None`: the person themself, who needs no mandate.
    pub agent: Option<AgentId>,
    pub account: TradingAccountId,
    /// The row of the decision: a reservation belongs to it.
    pub decision: Uuid,
    /// What the decider calls it.
    pub decision_id: String,
    pub action: Action,
    pub symbol: String,
    pub quantity: Num,
    pub order_type: OrderType,
    pub limit_price: Option<Num>,
    /// From 0 to 1; an agent that gives none counts as 0.
    pub confidence: Option<f64>,
    /// Why, in the agent's words; shown with an approval.
    pub reason: Option<String>,
    /// Nothing is to be sent: all is checked, nothing reserved.
    pub dry_run: bool,
    pub facts: Facts,
}

/// What trading knows at this moment. Money is in the account's currency.
#[derive(Clone, Debug)]
pub struct Facts {
    /// `None`: there is no price, and the order is refused. Brokers whose orders are sums of money pass a price of 1.
    pub price: Option<Price>,
    /// Held now; negative when short.
    pub position: Num,
    /// Quantities of this symbol in orders that may still fill.
    pub open_buys: Num,
    pub open_sells: Num,
    pub account_currency: String,
    /// Not a paper account.
    pub live: bool,
    /// Quantities are multiples of this; zero for any.
    pub lot: Num,
    /// Limit prices are multiples of this; zero for any.
    pub tick: Num,
    /// What the account has lost since the day began, realised and not, as a positive number; `None` when unknown.
    pub loss_today: Option<Num>,
    /// Id of a live decision with the same parameters in the last 30 s, where the door asks for that rule (facades
    /// and chat commands).
    pub twin: Option<String>,
}

/// The last price of an instrument.
#[derive(Clone, Debug)]
pub struct Price {
    pub last: Num,
    pub currency: String,
}

/// Whether an act is judged for the first time or released by its approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    First,
    /// All checks run again; the approval must be approved and bound to exactly this order.
    Release(ApprovalId),
}

/// Why an act is refused: a stable rule name and a sentence that names the numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// One of `RULES`.
    pub rule: String,
    pub detail: String,
}

impl Reason {
    pub fn new(rule: &'static str, detail: impl Into<String>) -> Self {
        Self { rule: rule.to_owned(), detail: detail.into() }
    }
}

/// Every rule name, in the order in which they are checked.
pub const RULES: [&str; 16] = [
    "kill_switch",
    "mandate",
    "account",
    "action",
    "instrument",
    "hours",
    "confidence",
    "sanity",
    "price_collar",
    "order_value",
    "position_value",
    "daily_value",
    "daily_orders",
    "daily_loss",
    "duplicate",
    "approval_above",
];

/// What the gate says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Allowed {
        mandate: Option<MandateId>,
        /// What the order may cost at worst; a market order must not be filled beyond `worst_price`.
        worst_case: Num,
        worst_price: Num,
        /// Record it, send nothing, nothing is reserved.
        dry_run: bool,
    },
    /// The budget is reserved; the person decides, or it expires.
    NeedsApproval {
        mandate: MandateId,
        approval: ApprovalId,
        order_hash: String,
        reason: Reason,
    },
    Refused {
        mandate: Option<MandateId>,
        reasons: Vec<Reason>,
    },
}
