//! The orders' SQL.

use uuid::Uuid;

use super::model::{Order, OrderId};
use crate::kernel::{At, Conn, TradingAccountId, UserId, db};
use crate::trading::accounts::Account;
use crate::trading::decisions::DecisionId;
use crate::{execute, fetch_all, fetch_one, fetch_optional};

pub async fn insert(conn: &mut Conn, order: &Order) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO orders (user_id, id, account_id, broker, decision, decision_id, agent_id, mandate_id, \
         approval_id, symbol, side, quantity, filled_quantity, order_type, limit_price, worst_price, \
         average_price, value, fee, status, broker_order_id, message, sent_at, created_at, updated_at, \
         market_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
         $21, $22, $23, $24, $25, $26)",
        order.user_id,
        order.id,
        order.account_id,
        &order.broker,
        order.decision,
        &order.decision_id,
        order.agent_id,
        order.mandate_id,
        order.approval_id,
        &order.symbol,
        &order.side,
        order.quantity,
        order.filled_quantity,
        &order.order_type,
        order.limit_price,
        order.worst_price,
        order.average_price,
        order.value,
        order.fee,
        order.status.word(),
        &order.broker_order_id,
        &order.message,
        order.sent_at,
        order.created_at,
        order.updated_at,
        order.market_time
    )?;
    Ok(())
}

/// A stock was split `ratio` for one: its resting orders are multiplied as the account's state is.
pub async fn split(
    conn: &mut Conn,
    account: &Account,
    (symbol, ratio): (&str, u32),
    market_time: i64,
) -> Result<(), db::Error> {
    let resting = fetch_all!(
        conn,
        Order,
        "SELECT * FROM orders WHERE user_id = $1 AND account_id = $2 AND symbol = $3 \
         AND status IN ('open', 'partially_filled')",
        account.user_id,
        account.id,
        symbol
    )?;
    for order in resting {
        let split = order.split(ratio);
        execute!(
            conn,
            "UPDATE orders SET quantity = $3, filled_quantity = $4, limit_price = $5, average_price = $6, \
             market_time = $7 WHERE user_id = $1 AND id = $2",
            split.user_id,
            split.id,
            split.quantity,
            split.filled_quantity,
            split.limit_price,
            split.average_price,
            market_time
        )?;
    }
    Ok(())
}

pub async fn find(conn: &mut Conn, user: UserId, id: OrderId) -> Result<Option<Order>, db::Error> {
    fetch_optional!(conn, Order, "SELECT * FROM orders WHERE user_id = $1 AND id = $2", user, id)
}

pub async fn find_by_decision(conn: &mut Conn, decision: DecisionId) -> Result<Option<Order>, db::Error> {
    fetch_optional!(conn, Order, "SELECT * FROM orders WHERE decision = $1", decision)
}

/// What a list asks for.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// `None` for all accounts.
    pub account: Option<TradingAccountId>,
    /// A status; empty for all.
    pub status: &'a str,
    /// Ids before this one.
    pub before: Uuid,
    pub limit: i64,
}

/// Newest first.
pub async fn list(conn: &mut Conn, user: UserId, wanted: Wanted<'_>) -> Result<Vec<Order>, db::Error> {
    match wanted.account {
        Some(account) => fetch_all!(
            conn,
            Order,
            "SELECT * FROM orders WHERE user_id = $1 AND account_id = $2 AND id < $3 \
             AND ($4 = '' OR status = $4) ORDER BY id DESC LIMIT $5",
            user,
            account,
            wanted.before,
            wanted.status,
            wanted.limit
        ),
        None => fetch_all!(
            conn,
            Order,
            "SELECT * FROM orders WHERE user_id = $1 AND id < $2 AND ($3 = '' OR status = $3) \
             ORDER BY id DESC LIMIT $4",
            user,
            wanted.before,
            wanted.status,
            wanted.limit
        ),
    }
}

/// Takes a pending order for sending; `None`: somebody else did, or it is no longer pending.
pub async fn claim(conn: &mut Conn, id: OrderId, at: At) -> Result<Option<Order>, db::Error> {
    fetch_optional!(
        conn,
        Order,
        "UPDATE orders SET status = 'sent', sent_at = $2, updated_at = $2 \
         WHERE id = $1 AND status = 'pending' RETURNING *",
        id,
        at
    )
}

/// Writes what the order became, if its state is still `from`. False: somebody was first.
pub async fn update(conn: &mut Conn, order: &Order, from: super::OrderStatus) -> Result<bool, db::Error> {
    let changed = execute!(
        conn,
        "UPDATE orders SET status = $3, quantity = $4, filled_quantity = $5, average_price = $6, value = $7, \
         fee = $8, broker_order_id = $9, message = $10, updated_at = $11 \
         WHERE user_id = $1 AND id = $2 AND status = $12",
        order.user_id,
        order.id,
        order.status.word(),
        order.quantity,
        order.filled_quantity,
        order.average_price,
        order.value,
        order.fee,
        &order.broker_order_id,
        &order.message,
        order.updated_at,
        from.word()
    )?;
    Ok(changed == 1)
}

/// Orders that wait to be sent since before `pending`, or for an answer since before `sent`.
pub async fn outbox(conn: &mut Conn, pending: At, sent: At) -> Result<Vec<Order>, db::Error> {
    fetch_all!(
        conn,
        Order,
        "SELECT * FROM orders WHERE status IN ('pending', 'sent') AND \
         ((status = 'pending' AND created_at <= $1) OR (status = 'sent' AND sent_at <= $2)) \
         ORDER BY created_at LIMIT 200",
        pending,
        sent
    )
}

/// Paper's resting orders, in the order of their ids, after one.
pub async fn resting(conn: &mut Conn, after: Uuid) -> Result<Vec<Order>, db::Error> {
    fetch_all!(
        conn,
        Order,
        "SELECT * FROM orders WHERE status IN ('open', 'partially_filled') AND broker = 'paper' AND id > $1 \
         ORDER BY id LIMIT 500",
        after
    )
}

/// Whether an account has orders that may still be filled.
pub async fn has_open(conn: &mut Conn, user: UserId, account: TradingAccountId) -> Result<bool, db::Error> {
    let (open,) = fetch_one!(
        conn,
        (bool,),
        "SELECT EXISTS (SELECT 1 FROM orders WHERE user_id = $1 AND account_id = $2 \
         AND status IN ('pending', 'sent', 'open', 'partially_filled'))",
        user,
        account
    )?;
    Ok(open)
}

/// What traded of one symbol, or may have: `(side, quantity, filled, average price, status)`, newest first. For
/// brokers that do not tell positions.
pub async fn traded(
    conn: &mut Conn,
    user: UserId,
    account: TradingAccountId,
) -> Result<Vec<Order>, db::Error> {
    fetch_all!(
        conn,
        Order,
        "SELECT * FROM orders WHERE user_id = $1 AND account_id = $2 \
         AND status NOT IN ('rejected') ORDER BY id",
        user,
        account
    )
}
