//! The stored state of paper accounts.
//!
//! INVARIANT: a state is read for change only by `lock`, which holds its row until the transaction ends.

use mandate_brokers::paper::State;
use rust_decimal::Decimal;
use sqlx::types::Json;

use super::accounts::Account;
use crate::kernel::{Conn, Num, TradingAccountId, Tx, db};
use crate::{execute, fetch_one, fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    state: Json<State>,
    day: String,
    day_worth: Num,
}

/// A state whose row is held.
pub struct Locked {
    pub account: TradingAccountId,
    pub state: State,
    /// What the account was worth when it was first touched today.
    pub day_worth: Decimal,
}

pub async fn insert(tx: &mut Tx, account: &Account, cash: Decimal, day: &str) -> Result<(), db::Error> {
    execute!(
        tx,
        "INSERT INTO paper_states (account_id, user_id, state, version, day, day_worth) \
         VALUES ($1, $2, $3, 1, $4, $5)",
        account.id,
        account.user_id,
        Json(State::new(cash)),
        day,
        Num(cash)
    )?;
    Ok(())
}

/// Reads without holding.
pub async fn find(conn: &mut Conn, account: TradingAccountId) -> Result<Option<State>, db::Error> {
    let row = fetch_optional!(
        conn,
        (Json<State>,),
        "SELECT state FROM paper_states WHERE account_id = $1",
        account
    )?;
    Ok(row.map(|(Json(state),)| state))
}

/// Holds the state's row. `worth` prices the account when this is the first touch of `day`.
pub async fn lock(
    tx: &mut Tx,
    account: TradingAccountId,
    day: &str,
    worth: impl Fn(&State) -> Decimal,
) -> Result<Locked, db::Error> {
    let row = fetch_one!(
        tx,
        Row,
        "UPDATE paper_states SET version = version + 1 WHERE account_id = $1 \
         RETURNING state, day, day_worth",
        account
    )?;
    let Json(state) = row.state;
    let mut day_worth = row.day_worth.0;
    if row.day != day {
        day_worth = worth(&state);
        execute!(
            tx,
            "UPDATE paper_states SET day = $2, day_worth = $3 WHERE account_id = $1",
            account,
            day,
            Num(day_worth.round_dp(12))
        )?;
    }
    Ok(Locked { account, state, day_worth })
}

pub async fn store(tx: &mut Tx, locked: &Locked) -> Result<(), db::Error> {
    execute!(
        tx,
        "UPDATE paper_states SET state = $2 WHERE account_id = $1",
        locked.account,
        Json(&locked.state)
    )?;
    Ok(())
}
