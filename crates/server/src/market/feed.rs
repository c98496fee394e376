//! What the replay shows at a position: prices, candles, the source's name.
//!
//! INVARIANT: quotes and candles of one position come from the same path, so they never contradict each other.

use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    candles::{self, Candle, TIMEFRAMES, Wanted},
    history::{Day, History, Listing, Malformed, Series, date_of},
    path::{DayPath, Span},
    price::{CENT, Price},
    replay::{Anchor, Position, Replay, spoken_time},
};

/// Why the feed cannot answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoData {
    #[error("no symbol {symbol:?} here; known are {known}")]
    UnknownSymbol { symbol: String, known: String },
    #[error("no timeframe {timeframe:?} here; there are {available}")]
    UnknownTimeframe { timeframe: String, available: String },
    #[error("{symbol} has no {timeframe} candles yet: {reason}")]
    NotYet { symbol: &'static str, timeframe: String, reason: String },
}

/// Where prices come from, named wherever they are shown.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Source {
    /// `replay`: real history shown again.
    pub kind: &'static str,
    /// For people, e.g. "Replayed history, 3 January 2012 10:31 New York".
    pub label: String,
    /// The market's time, Unix seconds.
    pub market_time: i64,
    /// Market seconds per real second.
    pub speed: u32,
    /// The history is used up: the last prices stand.
    pub ended: bool,
    pub time_zone: &'static str,
}

impl Source {
    pub fn replay(position: Position, speed: u32) -> Self {
        let spoken = spoken_time(position.market_time(), position.day);
        let label = if position.ended {
            format!("Replayed history, ended {spoken}: the last prices stand")
        } else {
            format!("Replayed history, {spoken}")
        };
        Self {
            kind: "replay",
            label,
            market_time: position.market_time(),
            speed,
            ended: position.ended,
            time_zone: "America/New_York",
        }
    }
}

/// The prices of one symbol at one tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub symbol: &'static str,
    pub bid: Price,
    pub ask: Price,
    pub last: Price,
    pub open: Price,
    pub high: Price,
    pub low: Price,
    /// Close of the trading day before.
    pub previous_close: Option<Price>,
    /// Shares traded today.
    pub volume: u32,
    /// Unix seconds of the market.
    pub market_time: i64,
}

/// The replay of the sample history.
#[derive(Debug)]
pub struct Feed {
    history: History,
    replay: Replay,
    today: RwLock<Arc<Today>>,
}

/// Paths of the day that the clock was last seen in, in the order of the history's series.
#[derive(Debug)]
struct Today {
    day: Day,
    paths: Vec<Option<DayPath>>,
}

impl Feed {
    pub fn load(seed: u64) -> Result<Self, Malformed> {
        let history = History::load()?;
        let replay = Replay::new(&history, seed);
        Ok(Self { history, replay, today: RwLock::new(Arc::new(Today { day: Day::MIN, paths: Vec::new() })) })
    }

    pub fn position(&self, anchor: &Anchor, now: i64) -> Position {
        self.replay.position(anchor, now)
    }

    pub fn listings(&self) -> impl Iterator<Item = &'static Listing> {
        self.history.series.iter().map(|series| series.listing)
    }

    /// Whether the symbol is traded at this position.
    pub fn is_listed(&self, symbol: &str, position: Position) -> bool {
        self.history.find(symbol).is_some_and(|series| series.first_day() <= position.day)
    }

    pub fn snapshot(&self, symbol: &str, position: Position) -> Option<Snapshot> {
        let index = self.history.series.iter().position(|series| series.symbol() == symbol)?;
        self.snapshot_at(index, position)
    }

    pub fn snapshots(&self, position: Position) -> impl Iterator<Item = Snapshot> {
        (0..self.history.series.len()).filter_map(move |index| self.snapshot_at(index, position))
    }

    fn snapshot_at(&self, index: usize, position: Position) -> Option<Snapshot> {
        let series = &self.history.series[index];
        let today = self.today(position.day);
        let previous_close = series.before(position.day).last().map(|bar| bar.close);
        let span = match today.paths.get(index)? {
            Some(path) => path.span(0, position.tick),
            // not traded today: the last close stands
            None => still(previous_close?),
        };
        Some(Snapshot {
            symbol: series.symbol(),
            bid: Price(span.close.0.saturating_sub(CENT).max(1)),
            ask: Price(span.close.0 + CENT),
            last: span.close,
            open: span.open,
            high: span.high,
            low: span.low,
            previous_close,
            volume: span.volume,
            market_time: position.market_time(),
        })
    }

    pub fn candles(&self, symbol: &str, position: Position, wanted: Wanted) -> Result<Vec<Candle>, NoData> {
        let series = self.find(symbol)?;
        if series.first_day() > position.day {
            return Err(NoData::NotYet {
                symbol: series.symbol(),
                timeframe: wanted.timeframe.to_string(),
                reason: format!(
                    "it was first traded on {}, and the replay is at {}",
                    date_of(series.first_day()).strftime("%-d %B %Y"),
                    date_of(position.day).strftime("%-d %B %Y"),
                ),
            });
        }
        Ok(candles::candles(series, &self.replay, position, wanted))
    }

    /// Shares that one share held since `since` has become: above 1 when the replay has passed a split.
    pub fn split_factor(&self, symbol: &str, since: Day, position: Position) -> u32 {
        self.history.find(symbol).map_or(1, |series| series.split_factor(since, position.day))
    }

    fn find(&self, symbol: &str) -> Result<&Series, NoData> {
        self.history.find(symbol).ok_or_else(|| NoData::UnknownSymbol {
            symbol: symbol.to_owned(),
            known: self.listings().map(|listing| listing.symbol).collect::<Vec<_>>().join(", "),
        })
    }

    fn today(&self, day: Day) -> Arc<Today> {
        let known = Arc::clone(&self.today.read().unwrap_or_else(PoisonError::into_inner));
        if known.day == day {
            return known;
        }
        let path = |series: &Series| Some(DayPath::new(self.replay.seed, series.symbol(), series.bar(day)?));
        let fresh = Arc::new(Today { day, paths: self.history.series.iter().map(path).collect() });
        *self.today.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        fresh
    }
}

/// `1m`, `5m` … as a timeframe, or which there are.
pub fn timeframe(text: &str) -> Result<candles::Timeframe, NoData> {
    text.parse().map_err(|()| NoData::UnknownTimeframe {
        timeframe: text.to_owned(),
        available: TIMEFRAMES.map(|(name, _)| name).join(", "),
    })
}

fn still(price: Price) -> Span {
    Span { open: price, high: price, low: price, close: price, volume: 0 }
}
