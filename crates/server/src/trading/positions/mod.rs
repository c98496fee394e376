//! What is held: on paper by the account's state, at exchanges that do not tell by our own orders.

mod model;
mod routes;

pub use model::PositionView;
pub use routes::routes;

pub(super) use model::{held, last_price};

use crate::kernel::{TradingAccountId, UserId};
use crate::trading::accounts::Account;
use crate::trading::{Error, Trading, orders, paper};

impl Trading {
    /// What the person holds, in one account or in all.
    pub async fn positions(
        &self,
        user: UserId,
        account: Option<TradingAccountId>,
    ) -> Result<Vec<PositionView>, Error> {
        let accounts = match account {
            Some(id) => vec![self.account(user, id).await?],
            None => self.list_accounts(user).await?,
        };
        let mut all = Vec::new();
        for account in accounts {
            all.extend(self.positions_of(&account).await?);
        }
        Ok(all)
    }

    async fn positions_of(&self, account: &Account) -> Result<Vec<PositionView>, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        if account.is_paper() {
            let state = paper::find(&mut conn, account.id).await?;
            let held = state.map(|state| self.up_to_date(state).positions).unwrap_or_default();
            let shown = held.into_iter().filter(|(_, position)| !position.quantity.is_zero());
            return Ok(shown
                .map(|(symbol, position)| {
                    let last = self.quote(&symbol).map(|quote| quote.last);
                    PositionView::new(account, symbol, &position, last)
                })
                .collect());
        }
        let traded = orders::traded(&mut conn, account.user_id, account.id).await?;
        let mut symbols: Vec<&String> = traded.iter().map(|order| &order.symbol).collect();
        symbols.sort_unstable();
        symbols.dedup();
        let positions = symbols.into_iter().map(|symbol| (symbol, held(&traded, symbol)));
        Ok(positions
            .filter(|(_, position)| !position.quantity.is_zero())
            .map(|(symbol, position)| {
                PositionView::new(account, symbol.clone(), &position, last_price(&traded, symbol))
            })
            .collect())
    }
}
