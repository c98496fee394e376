//! Paper's limit orders wait here for their price.

use std::collections::BTreeMap;

use mandate_brokers::Side;
use mandate_brokers::paper::Quote;
use uuid::Uuid;

use super::model::{Order, OrderId, OrderStatus};
use super::store;
use crate::kernel::TradingAccountId;
use crate::trading::{Error, Trading, accounts, paper};

impl Trading {
    /// The job: fills what the running quotes cross. Accounts that are not touched by a quote are not locked.
    pub(in crate::trading) async fn fill_resting(&self) -> Result<(), Error> {
        let mut after = Uuid::nil();
        loop {
            let page = store::resting(&mut self.0.kernel.db.read().await?, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id.0;
            let mut touched: BTreeMap<TradingAccountId, Vec<Order>> = BTreeMap::new();
            for order in page {
                let split = self.0.market.split_factor(&order.symbol, order.market_time) > 1;
                if split || self.quote(&order.symbol).is_some_and(|quote| may_fill(&order, &quote)) {
                    touched.entry(order.account_id).or_default().push(order);
                }
            }
            for orders in touched.into_values() {
                self.fill_account(orders).await?;
            }
        }
    }

    async fn fill_account(&self, orders: Vec<Order>) -> Result<(), Error> {
        let Some(first) = orders.first() else { return Ok(()) };
        let (user, account) = (first.user_id, first.account_id);
        let mut tx = self.0.kernel.db.begin().await?;
        let Some(account) = accounts::find(&mut tx, user, account).await? else {
            return Ok(tx.discard().await?);
        };
        let mut locked = self.lock_paper(&mut tx, &account).await?;
        let mut changed = Vec::new();
        let mut symbols: Vec<&str> = orders.iter().map(|order| order.symbol.as_str()).collect();
        symbols.sort_unstable();
        symbols.dedup();
        for symbol in symbols {
            let Some(quote) = self.quote(symbol) else { continue };
            for report in locked.state.on_quote(&self.terms(), &quote) {
                let id = report.broker_order_id.as_deref().and_then(|id| id.parse::<OrderId>().ok());
                let Some(id) = id else { continue };
                let Some(mut order) = store::find(&mut tx, user, id).await? else { continue };
                if self.settle(&mut tx, &mut order, &report).await? {
                    changed.push(order);
                }
            }
        }
        paper::store(&mut tx, &locked).await?;
        tx.commit().await?;
        for order in &changed {
            self.announce(order);
        }
        Ok(())
    }
}

/// Whether the market's own price has reached the limit: a cheap look before the account is locked.
fn may_fill(order: &Order, quote: &Quote) -> bool {
    debug_assert!(matches!(order.status, OrderStatus::Open | OrderStatus::PartiallyFilled));
    let Some(limit) = order.limit_price else { return true };
    match order.as_new().side {
        Side::Buy => quote.ask <= limit.0,
        Side::Sell => quote.bid >= limit.0,
    }
}
