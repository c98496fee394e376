//! Holding a paper account: brought up to the day and to the splits that the market has passed.
//!
//! INVARIANT: quantities, limits and quotes that meet belong to the same side of every split: `lock_paper` works
//! splits in before anything is judged or matched.

use mandate_brokers::paper::State;
use rust_decimal::Decimal;
use serde_json::json;

use super::accounts::Account;
use super::paper::{self, Locked};
use super::{Error, Trading, orders};
use crate::audit::Event;
use crate::kernel::Tx;

impl Trading {
    /// Holds a paper account's state. First in every transaction that needs it.
    pub(super) async fn lock_paper(&self, tx: &mut Tx, account: &Account) -> Result<Locked, Error> {
        let mut locked = paper::lock(tx, account.id).await?;
        let day = self.0.kernel.clock.now().day_in(&account.zone);
        let now = self.0.market.source().market_time;
        let splits = self.splits(&locked.state, locked.market_time);
        for (symbol, ratio) in &splits {
            locked.state.split(symbol, *ratio);
            orders::split(tx, account, (symbol, *ratio), now).await?;
            let row = Event::new("account.split").user(account.user_id).actor("market").resource(account.id);
            self.0.audit.append(tx, row.details(json!({ "symbol": symbol, "ratio": ratio }))).await?;
        }
        let new_day = locked.day != day;
        if new_day {
            locked.day_worth = self.worth(&locked.state);
            locked.day = day;
        }
        if new_day || !splits.is_empty() {
            locked.market_time = now;
            paper::store(tx, &locked).await?;
        }
        Ok(locked)
    }

    /// Splits since `market_time` of what an account holds or has ordered.
    fn splits(&self, state: &State, market_time: i64) -> Vec<(String, u32)> {
        let ordered = state.orders.values().map(|order| &order.symbol);
        let mut symbols: Vec<&String> = state.positions.keys().chain(ordered).collect();
        symbols.sort_unstable();
        symbols.dedup();
        let ratio = |symbol: &String| self.0.market.split_factor(symbol, market_time);
        let found = symbols.into_iter().map(|symbol| (symbol.clone(), ratio(symbol)));
        found.filter(|(_, ratio)| *ratio > 1).collect()
    }

    /// A state that was only read, with the splits since worked in.
    pub(super) fn up_to_date(&self, (mut state, market_time): (State, i64)) -> State {
        for (symbol, ratio) in self.splits(&state, market_time) {
            state.split(&symbol, ratio);
        }
        state
    }

    /// Cash and positions at the last prices; what has no price counts as it was paid.
    pub(super) fn worth(&self, state: &State) -> Decimal {
        let held = state.positions.iter().map(|(symbol, position)| match self.quote(symbol) {
            Some(quote) => position.quantity * quote.last,
            None => position.cost,
        });
        state.cash + held.sum::<Decimal>()
    }
}
