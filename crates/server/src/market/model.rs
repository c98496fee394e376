//! Settings, quotes and errors of the market.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    feed::{NoData, Snapshot},
    history::Malformed,
    replay::{DEFAULT_SPEED, MAX_SPEED},
};
use crate::kernel::{At, Num, Problem, db};

/// `[market]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Market seconds per real second, at most 23400; 0 stands still.
    pub speed: u32,
    /// Another seed gives other ticks within the same real days.
    pub seed: u32,
    /// Accept an access token as `?token=` of a websocket, for compatible clients only: addresses end up in logs.
    pub token_in_query: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { speed: DEFAULT_SPEED, seed: 2012, token_in_query: false }
    }
}

impl Config {
    pub(super) fn speed(&self) -> u32 {
        self.speed.min(MAX_SPEED)
    }
}

/// The prices of one instrument at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quote {
    pub symbol: String,
    pub bid: Num,
    pub ask: Num,
    pub last: Num,
    /// Of the running day.
    pub open: Num,
    pub high: Num,
    pub low: Num,
    /// Of the trading day before; none on an instrument's first day.
    pub previous_close: Option<Num>,
    /// Shares traded on the running day.
    pub volume: u32,
    pub currency: &'static str,
    /// Wall clock.
    pub at: At,
    /// The market's own time, Unix seconds.
    pub market_time: i64,
}

impl Quote {
    pub(super) fn new(snapshot: &Snapshot, at: At) -> Self {
        Self {
            symbol: snapshot.symbol.to_owned(),
            bid: Num(snapshot.bid.decimal()),
            ask: Num(snapshot.ask.decimal()),
            last: Num(snapshot.last.decimal()),
            open: Num(snapshot.open.decimal()),
            high: Num(snapshot.high.decimal()),
            low: Num(snapshot.low.decimal()),
            previous_close: snapshot.previous_close.map(|price| Num(price.decimal())),
            volume: snapshot.volume,
            currency: "USD",
            at,
            market_time: snapshot.market_time,
        }
    }
}

/// An instrument of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Symbol {
    #[schema(example = "AAPL")]
    pub symbol: &'static str,
    pub name: &'static str,
    pub exchange: &'static str,
    pub currency: &'static str,
    /// Traded already where the replay is.
    pub listed: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    NoData(#[from] NoData),
    #[error("the sample history: {0}")]
    History(#[from] Malformed),
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NoData(NoData::UnknownSymbol { .. }) => {
                Self::new(http::StatusCode::NOT_FOUND, "unknown_symbol", error.to_string())
            }
            Error::NoData(_) => Self::unprocessable("timeframe_not_available", error.to_string()),
            Error::History(_) => Self::internal(),
            Error::Db(error) => error.into(),
        }
    }
}
