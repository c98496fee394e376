//! A day's budget and what each decision holds of it.
//!
//! INVARIANT: reserved + committed of a mandate's day never passes its limit by a reservation, and orders never pass
//! their number, whatever runs at once on however many nodes: `reserve` and `adjust` are conditional updates whose
//! row count says who won.
//! INVARIANT: a reservation moves to its end once (`closed_at IS NULL` in every update).

use uuid::Uuid;

use super::model::{Budget, Limits, MandateId};
use crate::{
    execute, fetch_optional,
    kernel::{At, Conn, Micros, UserId, db},
};

/// Whose budget of which day.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub user: UserId,
    pub mandate: MandateId,
    pub day: String,
}

/// What a decision holds.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Reservation {
    pub user_id: UserId,
    pub mandate_id: MandateId,
    pub day: String,
    pub worst: Micros,
    pub held: Micros,
    pub spent: Micros,
    pub buys: bool,
    pub closed_at: Option<At>,
}

impl Reservation {
    fn key(&self) -> Key {
        Key { user: self.user_id, mandate: self.mandate_id, day: self.day.clone() }
    }

    /// What of a sum spent counts: reducing sells hold nothing and count nothing.
    fn counting(&self, spent: Micros) -> Micros {
        if self.buys { spent } else { spent.min(self.worst) }
    }
}

pub(super) async fn find(conn: &mut Conn, key: &Key) -> Result<Budget, db::Error> {
    let row = fetch_optional!(
        conn,
        Budget,
        "SELECT reserved, committed, orders FROM budgets WHERE user_id = $1 AND mandate_id = $2 AND day = $3",
        key.user,
        key.mandate,
        &key.day
    )?;
    Ok(row.unwrap_or_default())
}

pub(super) async fn reservation(conn: &mut Conn, decision: Uuid) -> Result<Option<Reservation>, db::Error> {
    fetch_optional!(
        conn,
        Reservation,
        "SELECT user_id, mandate_id, day, worst, held, spent, buys, closed_at FROM reservations WHERE decision = $1",
        decision
    )
}

/// What a decision asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub decision: Uuid,
    pub worst: Micros,
    pub buys: bool,
}

/// Takes the worst case and one order of the day; false when the day has no room, and then nothing is taken.
pub(super) async fn reserve(
    conn: &mut Conn,
    key: &Key,
    wish: Wish,
    limits: &Limits,
) -> Result<bool, db::Error> {
    let Some(most) = Micros::ceil(limits.max_daily_value) else { return Ok(false) };
    execute!(
        conn,
        "INSERT INTO budgets (user_id, mandate_id, day, reserved, committed, orders) VALUES ($1, $2, $3, 0, 0, 0) \
         ON CONFLICT (user_id, mandate_id, day) DO NOTHING",
        key.user,
        key.mandate,
        &key.day
    )?;
    // a sell that only reduces weighs nothing: it passes a day whose value is used up, and counts as an order
    let taken = execute!(
        conn,
        "UPDATE budgets SET reserved = reserved + $4, orders = orders + 1 \
         WHERE user_id = $1 AND mandate_id = $2 AND day = $3 \
         AND ($4 = 0 OR reserved + committed + $4 <= $5) AND orders < $6",
        key.user,
        key.mandate,
        &key.day,
        wish.worst,
        most,
        i64::from(limits.max_daily_orders)
    )?;
    if taken != 1 {
        return Ok(false);
    }
    execute!(
        conn,
        "INSERT INTO reservations (decision, user_id, mandate_id, day, worst, held, spent, buys) \
         VALUES ($1, $2, $3, $4, $5, $5, 0, $6) ON CONFLICT (decision) DO UPDATE SET day = excluded.day, \
         worst = excluded.worst, held = excluded.held, spent = 0, buys = excluded.buys, closed_at = NULL",
        wish.decision,
        key.user,
        key.mandate,
        &key.day,
        wish.worst,
        wish.buys
    )?;
    Ok(true)
}

/// Ends a reservation: `spent` in all is committed, the rest is free again. Does nothing where there is none or it
/// has ended.
pub(super) async fn settle(
    conn: &mut Conn,
    decision: Uuid,
    spent: Option<Micros>,
    now: At,
) -> Result<(), db::Error> {
    let Some(held) = reservation(conn, decision).await?.filter(|held| held.closed_at.is_none()) else {
        return Ok(());
    };
    let spent = spent.map_or(held.spent, |spent| held.counting(spent));
    let ended = execute!(
        conn,
        "UPDATE reservations SET held = 0, spent = $2, closed_at = $3 \
         WHERE decision = $1 AND closed_at IS NULL AND held = $4 AND spent = $5",
        decision,
        spent,
        now,
        held.held,
        held.spent
    )?;
    moved(ended)?;
    shift(conn, &held, (-held.held.0, spent.0 - held.spent.0, 0)).await
}

/// A part was filled: `spent` in all so far is committed, the rest stays reserved.
pub(super) async fn commit_part(conn: &mut Conn, decision: Uuid, spent: Micros) -> Result<(), db::Error> {
    let Some(held) = reservation(conn, decision).await?.filter(|held| held.closed_at.is_none()) else {
        return Ok(());
    };
    let spent = held.counting(spent).max(held.spent);
    let rest = Micros((held.worst.0 - spent.0).max(0));
    let changed = execute!(
        conn,
        "UPDATE reservations SET held = $2, spent = $3 \
         WHERE decision = $1 AND closed_at IS NULL AND held = $4 AND spent = $5",
        decision,
        rest,
        spent,
        held.held,
        held.spent
    )?;
    moved(changed)?;
    shift(conn, &held, (rest.0 - held.held.0, spent.0 - held.spent.0, 0)).await
}

/// Takes everything back, the order of the day too: nothing was ever sent.
pub(super) async fn withdraw(conn: &mut Conn, decision: Uuid, now: At) -> Result<(), db::Error> {
    let Some(held) = reservation(conn, decision).await?.filter(|held| held.closed_at.is_none()) else {
        return Ok(());
    };
    let ended = execute!(
        conn,
        "UPDATE reservations SET held = 0, closed_at = $2 WHERE decision = $1 AND closed_at IS NULL AND held = $3",
        decision,
        now,
        held.held
    )?;
    moved(ended)?;
    shift(conn, &held, (-held.held.0, 0, -1)).await
}

/// Forgets days and ended reservations from before a moment.
pub(super) async fn sweep(conn: &mut Conn, before: At) -> Result<(), db::Error> {
    execute!(conn, "DELETE FROM reservations WHERE closed_at < $1", before)?;
    // ISO days sort as text; a day of any zone began before the next one of UTC
    execute!(conn, "DELETE FROM budgets WHERE day < $1 AND reserved = 0", before.day_in("UTC"))?;
    Ok(())
}

/// Another transaction moved the reservation between our read and our update: the caller's transaction must go.
fn moved(rows: u64) -> Result<(), db::Error> {
    match rows {
        1 => Ok(()),
        _ => Err(db::Error::Unavailable("a reservation was changed at the same time".into())),
    }
}

async fn shift(
    conn: &mut Conn,
    of: &Reservation,
    (reserved, committed, orders): (i64, i64, i64),
) -> Result<(), db::Error> {
    let key = of.key();
    execute!(
        conn,
        "UPDATE budgets SET reserved = reserved + $4, committed = committed + $5, orders = orders + $6 \
         WHERE user_id = $1 AND mandate_id = $2 AND day = $3",
        key.user,
        key.mandate,
        &key.day,
        reserved,
        committed,
        orders
    )?;
    Ok(())
}
