//! An order as every broker understands it, and what a broker reports about it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Buy,
    Sell,
}

/// The order's type and, where it has one, its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `worst` is the price beyond which it must not be filled, where a mandate reserved by it.
    Market {
        worst: Option<Decimal>,
    },
    Limit {
        price: Decimal,
    },
}

/// An order to place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Ours, unique per account: a broker that carries it lets a lost answer be looked up.
    pub reference: String,
    /// The broker's name of the instrument.
    pub symbol: String,
    pub side: Side,
    pub quantity: Decimal,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    PartiallyFilled,
    Filled,
    Cancelled,
    Rejected,
}

/// Where an order stands after a call, cumulative over its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub broker_order_id: Option<String>,
    pub state: State,
    /// The order's size; smaller than asked for after a partial cancel.
    pub quantity: Decimal,
    pub filled: Decimal,
    /// Money that changed hands for `filled`, fees left out. `None` where the broker does not say.
    pub value: Option<Decimal>,
    /// Money per unit over what was filled, to 6 places.
    pub average_price: Option<Decimal>,
    pub fee: Decimal,
    pub message: Option<String>,
}

/// Value per unit, to 6 places; `None` when nothing was filled.
pub(crate) fn average(value: Decimal, filled: Decimal) -> Option<Decimal> {
    value.checked_div(filled).map(|price| price.round_dp(6))
}
