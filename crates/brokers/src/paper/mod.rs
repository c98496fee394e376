//! The paper exchange: pure matching over a state value that the caller stores.
//!
//! Market orders fill at once against the quote; limit orders rest and fill when the quote crosses them, at the
//! limit or better. Buying on credit and selling what is not held are refused with words.
//!
//! INVARIANT: cash and positions are never negative, also with every resting order filled: what resting orders
//! may need is held back (`State::free_cash`, `State::free_quantity`).
//! INVARIANT: `cash + cost of positions − realised + fees` changes by deposits alone (`State::buy`, `State::sell`).
//! INVARIANT: the same state, order and quote give the same result: no clock, no randomness, ordered maps.

mod matching;
mod split;
mod state;
#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use state::{Position, Resting, State};

use crate::{CredentialShape, Descriptor, Login};

/// Paper needs no credentials.
pub static DESCRIPTOR: Descriptor = Descriptor {
    broker: "paper",
    name: "Paper account",
    credential_shape: CredentialShape::None,
    fields: &[],
    login: Login::None,
};

/// Most decimal places of prices and quantities; a value, their product, has twice as many.
pub const PLACES: u32 = 6;

/// The best prices of one instrument at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub symbol: String,
    pub bid: Decimal,
    pub ask: Decimal,
    pub last: Decimal,
    /// How much may trade against this quote; `None` is without bound.
    pub size: Option<Decimal>,
}

/// What trading costs here. Rates are fractions: `0.0005` is five hundredths of a percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// The least distance between what one buys and sells at, as a fraction of the last price.
    pub spread: Decimal,
    /// Fee as a fraction of the value traded, rounded up.
    pub fee: Decimal,
}

impl Default for Terms {
    fn default() -> Self {
        Self { spread: Decimal::new(2, 4), fee: Decimal::new(5, 4) }
    }
}

/// Why paper refuses, in words for a person. The state is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("not enough cash: the order needs {needs} and {free} is free")]
    Cash { needs: Decimal, free: Decimal },
    #[error("not enough shares: the order sells {wanted} {symbol} and {free} is free to sell")]
    Shares { symbol: String, wanted: Decimal, free: Decimal },
    #[error("there is no open order {id}")]
    UnknownOrder { id: String },
    #[error("an order {id} is open already")]
    Duplicate { id: String },
    #[error("the quantity must be positive, with at most 6 decimal places and not above 1000000000")]
    Quantity,
    #[error("the price must be positive, with at most 6 decimal places and not above 1000000000")]
    Price,
    #[error("an order's value must not be above {most}")]
    Value { most: Decimal },
    #[error("the quote of {symbol} is not usable")]
    Quote { symbol: String },
    #[error("the price moved past {worst}: {price} now")]
    Moved { worst: Decimal, price: Decimal },
}
