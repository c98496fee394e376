//! What trading knows when an order is judged.

use mandate_brokers::Side;
use rust_decimal::Decimal;

use super::model::Decision;
use super::store;
use super::wish::OrderWish;
use crate::kernel::{Num, Tx, seconds};
use crate::mandates::{Action, Facts, Price};
use crate::trading::accounts::Account;
use crate::trading::orders::OrderStatus;
use crate::trading::paper::Locked;
use crate::trading::{Error, Trading, orders, positions};

impl Trading {
    pub(super) async fn facts(
        &self,
        tx: &mut Tx,
        account: &Account,
        decision: &Decision,
        (wish, paper): (&OrderWish, Option<&Locked>),
        refuse_twins: bool,
    ) -> Result<Facts, Error> {
        let twin = if refuse_twins {
            let since = self.0.kernel.clock.now().minus(seconds(30));
            store::find_twin(tx, decision, since).await?.map(|(id,)| id)
        } else {
            None
        };
        let facts = Facts {
            price: None,
            position: Num::ZERO,
            open_buys: Num::ZERO,
            open_sells: Num::ZERO,
            account_currency: account.currency.clone(),
            live: !account.is_paper(),
            lot: Num(Decimal::new(1, 6)),
            tick: Num(Decimal::new(1, 4)),
            loss_today: None,
            twin,
        };
        match paper {
            Some(locked) => Ok(self.paper_facts(facts, &wish.symbol, locked)),
            None => self.remote_facts(tx, facts, account, wish).await,
        }
    }

    fn paper_facts(&self, facts: Facts, symbol: &str, locked: &Locked) -> Facts {
        let state = &locked.state;
        let price = |quote: mandate_brokers::paper::Quote| Price {
            last: Num(quote.last),
            currency: facts.account_currency.clone(),
        };
        let loss = (locked.day_worth - self.worth(state)).max(Decimal::ZERO);
        Facts {
            price: self.quote(symbol).map(price),
            position: Num(state.positions.get(symbol).map_or(Decimal::ZERO, |held| held.quantity)),
            open_buys: Num(state.open_quantity(symbol, Side::Buy)),
            open_sells: Num(state.open_quantity(symbol, Side::Sell)),
            loss_today: Some(Num(loss)),
            ..facts
        }
    }

    /// An exchange outside that gives no quotes: a buy is a sum of money, whose price is 1; a sell is priced at
    /// what the exchange last said, and by a person's own order not at all.
    async fn remote_facts(
        &self,
        tx: &mut Tx,
        facts: Facts,
        account: &Account,
        wish: &OrderWish,
    ) -> Result<Facts, Error> {
        let traded = orders::traded(tx, account.user_id, account.id).await?;
        let known = || positions::last_price(&traded, &wish.symbol);
        let last = match wish.action {
            Action::Buy => Some(Decimal::ONE),
            Action::Sell => known(),
        };
        let waiting = |side: &str| -> Decimal {
            let open = traded.iter().filter(|order| {
                order.symbol == wish.symbol
                    && order.side == side
                    && matches!(order.status, OrderStatus::Pending | OrderStatus::Sent | OrderStatus::Unknown)
            });
            open.map(|order| order.quantity.0).sum()
        };
        Ok(Facts {
            price: last.map(|last| Price { last: Num(last), currency: facts.account_currency.clone() }),
            position: Num(positions::held(&traded, &wish.symbol).quantity),
            open_buys: Num(waiting("buy")),
            open_sells: Num(waiting("sell")),
            lot: Num::ZERO,
            tick: Num::ZERO,
            ..facts
        })
    }
}
