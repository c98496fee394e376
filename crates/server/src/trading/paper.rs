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
    market_time: i64,
    day: String,
    day_worth: Num,
}

/// A state whose row is held.
pub struct Locked {
    pub account: TradingAccountId,
    pub state: State,
    /// The market's time up to which splits are worked into it, Unix seconds.
    pub market_time: i64,
    /// The wall-clock day when it was last touched, and what it was worth when it was first touched that day.
    pub day: String,
    pub day_worth: Decimal,
}

/// A new account with nothing but cash.
pub async fn insert(tx: &mut Tx, account: &Account, new: Locked) -> Result<(), db::Error> {
    execute!(
        tx,
        "INSERT INTO paper_states (account_id, user_id, state, version, market_time, day, day_worth) \
         VALUES ($1, $2, $3, 1, $4, $5, $6)",
        account.id,
        account.user_id,
        Json(&new.state),
        new.market_time,
        &new.day,
        Num(new.day_worth)
    )?;
    Ok(())
}

/// Reads without holding: the state, and the market's time it belongs to.
pub async fn find(conn: &mut Conn, account: TradingAccountId) -> Result<Option<(State, i64)>, db::Error> {
    let row = fetch_optional!(
        conn,
        (Json<State>, i64),
        "SELECT state, market_time FROM paper_states WHERE account_id = $1",
        account
    )?;
    Ok(row.map(|(Json(state), market_time)| (state, market_time)))
}

/// Holds the state's row until the transaction ends.
pub async fn lock(tx: &mut Tx, account: TradingAccountId) -> Result<Locked, db::Error> {
    let row = fetch_one!(
        tx,
        Row,
        "UPDATE paper_states SET version = version + 1 WHERE account_id = $1 \
         RETURNING state, market_time, day, day_worth",
        account
    )?;
    let Json(state) = row.state;
    Ok(Locked { account, state, market_time: row.market_time, day: row.day, day_worth: row.day_worth.0 })
}

/// Writes what is held, all of it.
pub async fn store(tx: &mut Tx, locked: &Locked) -> Result<(), db::Error> {
    execute!(
        tx,
        "UPDATE paper_states SET state = $2, market_time = $3, day = $4, day_worth = $5 WHERE account_id = $1",
        locked.account,
        Json(&locked.state),
        locked.market_time,
        &locked.day,
        Num(locked.day_worth.round_dp(12))
    )?;
    Ok(())
}
