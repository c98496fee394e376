//! The replay clock's row, and how a server that starts goes on from it.
//!
//! INVARIANT: the market stands still while no server runs, and never goes back: a server that was killed may have
//! shown up to [`BEAT`] more than its last beat, so that much is taken as shown (`resume`).

use std::time::Duration;

use super::{model::Config, replay::Anchor};
use crate::{
    execute, fetch_optional,
    kernel::{At, Conn, db, seconds},
};

/// How often a running server says that it runs.
pub(super) const BEAT: Duration = seconds(10);
/// A server that has not been seen for this long is gone.
const GONE: Duration = seconds(25);

/// The stored clock.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Row {
    pub seed: i64,
    pub speed: i64,
    pub at: At,
    pub market_micros: i64,
    pub seen_at: At,
    pub stopped_at: Option<At>,
}

impl Row {
    pub fn anchor(&self) -> Anchor {
        Anchor {
            at: self.at.0,
            market_micros: self.market_micros,
            speed: u32::try_from(self.speed).unwrap_or(0),
        }
    }
}

/// The clock of a server that starts now: a running one's as it is, a standing one's from where it stood.
pub(super) fn resume(stored: Option<&Row>, config: &Config, now: At) -> Row {
    let fresh = |market_micros| Row {
        seed: i64::from(config.seed),
        speed: i64::from(config.speed()),
        at: now,
        market_micros,
        seen_at: now,
        stopped_at: None,
    };
    let Some(row) = stored else { return fresh(0) };
    let stood_since = match row.stopped_at {
        Some(stopped) => Some(stopped.min(now)),
        None if now.since(row.seen_at) > GONE => Some(row.seen_at.plus(BEAT)),
        None => None,
    };
    match stood_since {
        Some(since) => fresh(row.anchor().market_micros(since.0)),
        None if row.speed != i64::from(config.speed()) || row.seed != i64::from(config.seed) => {
            fresh(row.anchor().market_micros(now.0))
        }
        None => Row { seen_at: now, ..row.clone() },
    }
}

pub(super) async fn find(conn: &mut Conn) -> Result<Option<Row>, db::Error> {
    fetch_optional!(
        conn,
        Row,
        "SELECT seed, speed, at, market_micros, seen_at, stopped_at FROM replay_clock WHERE name = 'replay'"
    )
}

/// Stores a resumed clock unless somebody moved it since it was `seen`; false when somebody did.
pub(super) async fn replace(conn: &mut Conn, row: &Row, seen: Option<&Row>) -> Result<bool, db::Error> {
    let changed = match seen {
        None => execute!(
            conn,
            "INSERT INTO replay_clock (name, seed, speed, at, market_micros, seen_at) \
             VALUES ('replay', $1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING",
            row.seed,
            row.speed,
            row.at,
            row.market_micros,
            row.seen_at
        )?,
        Some(seen) => execute!(
            conn,
            "UPDATE replay_clock SET seed = $1, speed = $2, at = $3, market_micros = $4, seen_at = $5, \
             stopped_at = NULL WHERE name = 'replay' AND at = $6 AND seen_at = $7",
            row.seed,
            row.speed,
            row.at,
            row.market_micros,
            row.seen_at,
            seen.at,
            seen.seen_at
        )?,
    };
    Ok(changed == 1)
}

/// A running server was here.
pub(super) async fn beat(conn: &mut Conn, now: At, stopped: bool) -> Result<u64, db::Error> {
    execute!(
        conn,
        "UPDATE replay_clock SET seen_at = $1, stopped_at = $2 WHERE name = 'replay' AND seen_at <= $1",
        now,
        stopped.then_some(now)
    )
}
