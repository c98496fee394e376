//! What agents ask of the slices below: prices, holdings, cash, and which account is meant.

use mandate_llm::{Context, Holding, Listing, Money};

use super::registry::Agent;
use super::{Agents, Error};
use crate::kernel::{Acting, Num, TradingAccountId};
use crate::mandates::Reason;
use crate::trading::{self, AccountStatus, OrderId};

impl Agents {
    /// The person's situation, as a model is told it.
    pub(super) async fn situation(&self, caller: &Acting) -> Result<Context, Error> {
        let symbols =
            self.0.market.symbols().into_iter().filter(|symbol| symbol.listed).map(|symbol| Listing {
                symbol: symbol.symbol.to_owned(),
                name: Some(symbol.name.to_owned()),
                last_price: self.0.market.quote(symbol.symbol).map(|quote| quote.last.0),
                currency: symbol.currency.to_owned(),
            });
        let holdings = self.0.trading.positions(caller.user, None).await?.into_iter().map(|held| Holding {
            symbol: held.symbol,
            quantity: held.quantity.0,
            average_price: Some(held.average_price.0),
            last_price: held.last_price.map(|price| price.0),
            currency: held.currency,
        });
        let mut cash: Vec<Money> = Vec::new();
        for account in self.0.trading.accounts(caller.user).await? {
            let Some(Num(amount)) = account.cash else { continue };
            match cash.iter_mut().find(|money| money.currency == account.currency) {
                Some(money) => money.amount = money.amount.saturating_add(amount),
                None => cash.push(Money { amount, currency: account.currency }),
            }
        }
        Ok(Context { symbols: symbols.collect(), holdings: holdings.collect(), cash, ..Context::default() })
    }

    /// The symbol as it is listed, whatever its case; else as written.
    pub(super) fn listed(&self, symbol: &str) -> String {
        let upper = symbol.trim().to_uppercase();
        if self.0.market.quote(&upper).is_some() { upper } else { symbol.trim().to_owned() }
    }

    /// The accounts in which a person's active mandates let an agent act.
    pub(super) async fn covered(
        &self,
        caller: &Acting,
        agent: &Agent,
    ) -> Result<Vec<TradingAccountId>, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        let mandates = self.0.mandates.active(&mut conn, caller.user, agent.id).await?;
        let mut covered: Vec<_> =
            mandates.into_iter().flat_map(|mandate| mandate.terms.0.account_ids).collect();
        covered.sort_unstable();
        covered.dedup();
        Ok(covered)
    }

    /// Those of the accounts that hold a symbol.
    pub(super) async fn holding(
        &self,
        caller: &Acting,
        accounts: &[TradingAccountId],
        symbol: &str,
    ) -> Result<Vec<TradingAccountId>, Error> {
        let symbol = self.listed(symbol);
        let positions = self.0.trading.positions(caller.user, None).await?;
        let held =
            positions.into_iter().filter(|held| held.symbol == symbol && accounts.contains(&held.account_id));
        Ok(held.map(|held| held.account_id).collect())
    }

    pub(super) async fn open_accounts(&self, caller: &Acting) -> Result<Vec<TradingAccountId>, Error> {
        let accounts = self.0.trading.accounts(caller.user).await?;
        let open = accounts.into_iter().filter(|account| account.status != AccountStatus::Deleted);
        Ok(open.map(|account| account.account_id).collect())
    }

    /// The account of one's own order.
    pub(super) async fn account_of(
        &self,
        caller: &Acting,
        order: OrderId,
    ) -> Result<TradingAccountId, Reason> {
        match self.0.trading.order_view(caller.user, order).await {
            Ok(order) => Ok(order.account_id),
            Err(trading::Error::NotFound(_)) => {
                Err(Reason { rule: "not_found".into(), detail: "there is no such order of yours".into() })
            }
            Err(_) => {
                Err(Reason { rule: "unavailable".into(), detail: "orders cannot be read: try again".into() })
            }
        }
    }
}
