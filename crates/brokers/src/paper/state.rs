//! Cash, positions and open orders of one paper account, and the two ways money and shares change hands.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{PLACES, Rejection, Terms};
use crate::Side;

/// One paper account. The caller stores it; decimals travel as strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub cash: Decimal,
    /// Fees paid so far.
    pub fees: Decimal,
    pub positions: BTreeMap<String, Position>,
    /// Open limit orders by their reference.
    pub orders: BTreeMap<String, Resting>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub quantity: Decimal,
    /// What the held quantity cost, fees left out.
    pub cost: Decimal,
    /// Profit taken by selling, fees left out.
    pub realised: Decimal,
}

impl Position {
    /// Cost per unit to 6 places; zero when nothing is held.
    pub fn average_price(&self) -> Decimal {
        self.cost.checked_div(self.quantity).unwrap_or_default().round_dp(PLACES)
    }
}

/// A limit order that waits for its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resting {
    pub symbol: String,
    pub side: Side,
    pub limit: Decimal,
    pub quantity: Decimal,
    pub filled: Decimal,
    pub value: Decimal,
    pub fee: Decimal,
}

impl Resting {
    pub fn remaining(&self) -> Decimal {
        self.quantity - self.filled
    }
}

impl State {
    pub fn new(cash: Decimal) -> Self {
        Self { cash, fees: Decimal::ZERO, positions: BTreeMap::new(), orders: BTreeMap::new() }
    }

    /// Cash that no resting buy may need.
    pub fn free_cash(&self, terms: &Terms) -> Decimal {
        let held = self.orders.values().filter(|order| order.side == Side::Buy);
        self.cash - held.map(|order| total(terms, order.limit, order.remaining())).sum::<Decimal>()
    }

    /// Shares that no resting sell has promised.
    pub fn free_quantity(&self, symbol: &str) -> Decimal {
        let held = self.positions.get(symbol).map_or(Decimal::ZERO, |position| position.quantity);
        let promised =
            self.orders.values().filter(|order| order.side == Side::Sell && order.symbol == symbol);
        held - promised.map(Resting::remaining).sum::<Decimal>()
    }

    /// Sum of what is still to be traded on `side` by open orders.
    pub fn open_quantity(&self, symbol: &str, side: Side) -> Decimal {
        let open = self.orders.values().filter(|order| order.side == side && order.symbol == symbol);
        open.map(Resting::remaining).sum()
    }

    pub(super) fn check_cash(
        &self,
        terms: &Terms,
        price: Decimal,
        quantity: Decimal,
    ) -> Result<(), Rejection> {
        let (needs, free) = (total(terms, price, quantity), self.free_cash(terms));
        if needs > free { Err(Rejection::Cash { needs, free }) } else { Ok(()) }
    }

    pub(super) fn check_shares(&self, symbol: &str, quantity: Decimal) -> Result<(), Rejection> {
        let free = self.free_quantity(symbol);
        if quantity > free {
            return Err(Rejection::Shares { symbol: symbol.to_owned(), wanted: quantity, free });
        }
        Ok(())
    }

    /// Moves money and shares; the caller has checked that both are there. Answers value and fee.
    pub(super) fn trade(
        &mut self,
        terms: &Terms,
        side: Side,
        (symbol, price): (&str, Decimal),
        quantity: Decimal,
    ) -> (Decimal, Decimal) {
        let (value, fee) = (value(price, quantity), fee(terms, price, quantity));
        let position = self.positions.entry(symbol.to_owned()).or_default();
        match side {
            Side::Buy => {
                position.quantity += quantity;
                position.cost += value;
                self.cash -= value + fee;
            }
            Side::Sell => {
                let cost = if quantity == position.quantity {
                    position.cost
                } else {
                    (position.cost * (quantity / position.quantity)).round_dp(2 * PLACES).min(position.cost)
                };
                position.quantity -= quantity;
                position.cost -= cost;
                position.realised += value - cost;
                self.cash += value - fee;
            }
        }
        self.fees += fee;
        (value, fee)
    }
}

/// Exact: a price and a quantity have at most [`PLACES`] places each.
fn value(price: Decimal, quantity: Decimal) -> Decimal {
    price * quantity
}

/// Rounded down, so that the fees of the pieces of an order never pass the fee held back for the whole.
fn fee(terms: &Terms, price: Decimal, quantity: Decimal) -> Decimal {
    (price * quantity * terms.fee).trunc_with_scale(PLACES)
}

/// What a buy takes out of the account.
fn total(terms: &Terms, price: Decimal, quantity: Decimal) -> Decimal {
    value(price, quantity) + fee(terms, price, quantity)
}
