//! The replay clock: where in the history we are, as a pure function of what is stored.
//!
//! INVARIANT: `Replay::position` depends on its arguments alone, so every node and every restart that
//! reads the same anchor shows the same tick.
//! INVARIANT: the position never moves back while wall time does not (`saturating_sub` for clock steps).

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};

use super::{
    history::{Day, History, date_of, day_of},
    path::{SECONDS_PER_TICK, TICKS_PER_DAY},
};

/// The day on which every replay begins, so that documented examples keep their prices.
pub const START: Date = jiff::civil::date(2012, 1, 3);
/// Market seconds per real second: one market minute each second.
pub const DEFAULT_SPEED: u32 = 60;
/// One market day each second is as fast as a watcher can follow.
pub const MAX_SPEED: u32 = 23_400;

const MICROS_PER_TICK: i64 = SECONDS_PER_TICK as i64 * 1_000_000;
const OPEN_SECONDS: i64 = 9 * 3_600 + 30 * 60;

/// Stored with the replay: at wall time `at`, the market had run for `market_micros`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Wall clock, microseconds since 1970.
    pub at: i64,
    /// Market time since the first tick, microseconds, closed hours left out.
    pub market_micros: i64,
    /// Market seconds per real second; 0 stands still.
    pub speed: u32,
}

impl Anchor {
    /// Market time that has passed at wall time `now`, microseconds.
    pub fn market_micros(&self, now: i64) -> i64 {
        let elapsed = now.saturating_sub(self.at).max(0);
        self.market_micros.saturating_add(elapsed.saturating_mul(i64::from(self.speed)))
    }
}

/// One place in the replay: everything up to and including `tick` of `day` has been emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub day: Day,
    pub tick: u32,
    /// The history is used up; the feed holds its last prices.
    pub ended: bool,
}

impl Position {
    /// Unix seconds of the market at this tick.
    pub fn market_time(self) -> i64 {
        tick_time(self.day, self.tick)
    }
}

/// The trading days of the replay and the seed of its paths.
#[derive(Debug)]
pub struct Replay {
    /// Trading days from [`START`] on.
    pub days: Box<[Day]>,
    pub seed: u64,
}

impl Replay {
    pub fn new(history: &History, seed: u64) -> Self {
        let start = day_of(START);
        Self { days: history.calendar.iter().copied().filter(|day| *day >= start).collect(), seed }
    }

    /// Ticks from the first day's open to the last day's close.
    pub fn ticks(&self) -> i64 {
        self.days.len() as i64 * i64::from(TICKS_PER_DAY)
    }

    pub fn position(&self, anchor: &Anchor, now: i64) -> Position {
        let emitted = anchor.market_micros(now) / MICROS_PER_TICK;
        let last = (self.ticks() - 1).max(0);
        let tick = emitted.clamp(0, last);
        let day = (tick / i64::from(TICKS_PER_DAY)) as usize;
        Position {
            day: self.days.get(day).copied().unwrap_or_else(|| day_of(START)),
            tick: (tick % i64::from(TICKS_PER_DAY)) as u32,
            ended: emitted > last,
        }
    }

    /// Real time between two ticks at this speed, microseconds; none when the replay stands still.
    pub fn tick_interval(speed: u32) -> Option<i64> {
        (speed > 0).then(|| MICROS_PER_TICK / i64::from(speed))
    }
}

/// Unix seconds of a tick of a trading day.
pub fn tick_time(day: Day, tick: u32) -> i64 {
    let midnight = i64::from(day) * 86_400;
    let local = midnight + OPEN_SECONDS + i64::from(tick * SECONDS_PER_TICK);
    local - i64::from(new_york(day).seconds())
}

/// Offset of New York's clocks at a day's opening.
fn new_york(day: Day) -> Offset {
    let open = date_of(day).at(9, 30, 0, 0);
    TimeZone::get("America/New_York")
        .ok()
        .and_then(|zone| open.to_zoned(zone).ok())
        .map_or(jiff::tz::offset(-5), |zoned| zoned.offset())
}

/// "3 January 2012 10:31 New York" for Unix seconds of a trading day.
pub fn spoken_time(market_time: i64, day: Day) -> String {
    let offset = new_york(day);
    let stamp = Timestamp::from_second(market_time).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{} New York", offset.to_datetime(stamp).strftime("%-d %B %Y %H:%M"))
}
