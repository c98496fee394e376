//! A position as it is shown, and positions told from our own orders.

use mandate_brokers::paper::Position;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::kernel::{Num, TradingAccountId};
use crate::trading::accounts::Account;
use crate::trading::orders::Order;

/// What is held of one instrument.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Position)]
pub struct PositionView {
    pub account_id: TradingAccountId,
    pub symbol: String,
    pub quantity: Num,
    pub average_price: Num,
    /// Absent where nobody tells a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_price: Option<Num>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Num>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrealised: Option<Num>,
    pub realised: Num,
    pub currency: String,
}

impl PositionView {
    pub(super) fn new(account: &Account, symbol: String, position: &Position, last: Option<Decimal>) -> Self {
        let value = last.and_then(|last| last.checked_mul(position.quantity));
        let shown = |money: Decimal| Num(money.round_dp(6).normalize());
        Self {
            account_id: account.id,
            symbol,
            quantity: Num(position.quantity.normalize()),
            average_price: shown(position.average_price()),
            last_price: last.map(shown),
            value: value.map(shown),
            unrealised: value.map(|value| shown(value - position.cost)),
            realised: shown(position.realised),
            currency: account.currency.clone(),
        }
    }
}

/// The price at which an exchange last traded a symbol for this account.
pub fn last_price(traded: &[Order], symbol: &str) -> Option<Decimal> {
    traded
        .iter()
        .rev()
        .filter(|order| order.symbol == symbol)
        .find_map(|order| order.average_price)
        .map(|p| p.0)
}

/// What our own orders left: a buy's quantity is money, which its price turns into tokens; a sell's is tokens. A
/// buy whose price the exchange did not tell adds nothing.
pub fn held(traded: &[Order], symbol: &str) -> Position {
    let mut position = Position::default();
    for order in traded.iter().filter(|order| order.symbol == symbol && !order.filled_quantity.0.is_zero()) {
        let filled = order.filled_quantity.0;
        if order.side == "buy" {
            let tokens =
                order.average_price.and_then(|price| filled.checked_div(price.0)).unwrap_or_default();
            position.quantity += tokens.round_dp(9);
            position.cost += filled;
            continue;
        }
        let sold = filled.min(position.quantity);
        let share = sold.checked_div(position.quantity).unwrap_or_default();
        let cost = (position.cost * share).round_dp(6);
        position.quantity -= sold;
        position.cost -= cost;
        position.realised += order.value.0 - cost;
    }
    position
}
