//! Stock splits: more shares at a lower price, the same money.

use rust_decimal::{Decimal, RoundingStrategy::AwayFromZero};

use super::{PLACES, State};
use crate::Side;

impl State {
    /// A split of `ratio` for one: what is held and ordered of `symbol` is multiplied, what it cost stays.
    /// Limits are divided and rounded in the account's favour, so that cash held back still suffices.
    pub fn split(&mut self, symbol: &str, ratio: u32) {
        let by = Decimal::from(ratio.max(1));
        if let Some(position) = self.positions.get_mut(symbol) {
            position.quantity *= by;
        }
        for order in self.orders.values_mut().filter(|order| order.symbol == symbol) {
            order.quantity *= by;
            order.filled *= by;
            order.limit = match order.side {
                Side::Buy => (order.limit / by).trunc_with_scale(PLACES),
                Side::Sell => (order.limit / by).round_dp_with_strategy(PLACES, AwayFromZero),
            };
        }
    }
}
