//! Candles from the history and from ticks already emitted.
//!
//! INVARIANT: no candle holds anything later than the clock's position (`daily` takes bars of earlier days and
//! `running` cuts the day at the position; `intraday` walks emitted ticks only).
//! INVARIANT: the close of the newest candle is the last price at the same position.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::{
    history::{Day, Series},
    path::{DayPath, Span, TICKS_PER_DAY, TICKS_PER_MINUTE},
    price::Price,
    replay::{Position, Replay, tick_time},
};

/// Candles answered at most, newest kept.
pub const MOST: usize = 5_000;

/// Width of a candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeframe {
    Minutes(u32),
    Day,
    Week,
}

pub const TIMEFRAMES: [(&str, Timeframe); 7] = [
    ("1m", Timeframe::Minutes(1)),
    ("5m", Timeframe::Minutes(5)),
    ("15m", Timeframe::Minutes(15)),
    ("1h", Timeframe::Minutes(60)),
    ("4h", Timeframe::Minutes(240)),
    ("1d", Timeframe::Day),
    ("1w", Timeframe::Week),
];

impl FromStr for Timeframe {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        TIMEFRAMES.iter().find(|(name, _)| *name == text).map(|(_, frame)| *frame).ok_or(())
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = TIMEFRAMES.iter().find(|(_, frame)| frame == self).map_or("?", |(name, _)| name);
        f.write_str(name)
    }
}

/// `[time, open, high, low, close, volume]`: Unix seconds of the candle's beginning (days and weeks: midnight UTC of
/// their first date), prices in today's shares, volume in today's shares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Candle(pub i64, pub f64, pub f64, pub f64, pub f64, pub f64);

impl Candle {
    fn new(time: i64, span: Span, factor: u32) -> Self {
        let price = |price: Price| price.split(factor).number();
        let volume = f64::from(span.volume) * f64::from(factor);
        Self(time, price(span.open), price(span.high), price(span.low), price(span.close), volume)
    }

    /// Takes in a later candle of the same stretch.
    fn extend(&mut self, later: &Candle) {
        self.2 = self.2.max(later.2);
        self.3 = self.3.min(later.3);
        self.4 = later.4;
        self.5 += later.5;
    }
}

/// Which candles are wanted: times in Unix seconds, both ends included.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub timeframe: Timeframe,
    pub from: i64,
    pub to: i64,
}

impl Wanted {
    fn holds(&self, candle: &Candle) -> bool {
        (self.from..=self.to).contains(&candle.0)
    }
}

/// Candles of one symbol at a position of the replay, oldest first, the newest [`MOST`].
pub fn candles(series: &Series, replay: &Replay, position: Position, wanted: Wanted) -> Vec<Candle> {
    let mut candles = match wanted.timeframe {
        Timeframe::Minutes(minutes) => intraday(series, replay, position, (minutes, wanted)),
        Timeframe::Day => daily(series, replay, position),
        Timeframe::Week => weekly(&daily(series, replay, position)),
    };
    candles.retain(|candle| wanted.holds(candle));
    if candles.len() > MOST {
        candles.drain(..candles.len() - MOST);
    }
    candles
}

fn daily(series: &Series, replay: &Replay, position: Position) -> Vec<Candle> {
    let today = position.day;
    let past = series.before(today).iter().map(|bar| {
        let span =
            Span { open: bar.open, high: bar.high, low: bar.low, close: bar.close, volume: bar.volume };
        Candle::new(midnight(bar.day), span, series.split_factor(bar.day, today))
    });
    past.chain(running(series, replay, position)).collect()
}

/// The day that the clock is in, as far as its ticks have been emitted.
fn running(series: &Series, replay: &Replay, position: Position) -> Option<Candle> {
    let path = DayPath::new(replay.seed, series.symbol(), series.bar(position.day)?);
    Some(Candle::new(midnight(position.day), path.span(0, position.tick), 1))
}

fn weekly(days: &[Candle]) -> Vec<Candle> {
    let mut weeks: Vec<Candle> = Vec::with_capacity(days.len() / 4 + 1);
    for day in days {
        let monday = monday_of(day.0);
        match weeks.last_mut() {
            Some(week) if week.0 == monday => week.extend(day),
            _ => weeks.push(Candle(monday, day.1, day.2, day.3, day.4, day.5)),
        }
    }
    weeks
}

/// Walks back from the clock's day until enough candles are there, so a long replay costs no more than a short one.
fn intraday(
    series: &Series,
    replay: &Replay,
    position: Position,
    (minutes, wanted): (u32, Wanted),
) -> Vec<Candle> {
    let width = minutes * TICKS_PER_MINUTE;
    let mut newest_first: Vec<Candle> = Vec::new();
    for day in replay.days.iter().rev().copied().filter(|day| *day <= position.day) {
        if newest_first.len() > MOST || tick_time(day, TICKS_PER_DAY) < wanted.from {
            break;
        }
        let Some(bar) = series.bar(day).filter(|_| tick_time(day, 0) <= wanted.to) else { continue };
        let path = DayPath::new(replay.seed, series.symbol(), bar);
        let last = if day == position.day { position.tick } else { TICKS_PER_DAY - 1 };
        let factor = series.split_factor(day, position.day);
        newest_first.extend(
            (0..=last / width)
                .rev()
                .map(|bucket| {
                    let (from, to) = (bucket * width, (bucket * width + width - 1).min(last));
                    Candle::new(tick_time(day, from), path.span(from, to), factor)
                })
                .filter(|candle| wanted.holds(candle)),
        );
    }
    newest_first.reverse();
    newest_first
}

fn midnight(day: Day) -> i64 {
    i64::from(day) * 86_400
}

/// Midnight UTC of the Monday of a day; 1 January 1970 was a Thursday.
fn monday_of(time: i64) -> i64 {
    let day = time.div_euclid(86_400);
    (day - (day + 3).rem_euclid(7)) * 86_400
}
