//! The running market: quotes from memory, candles, the clock's beat.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::broadcast;

use super::{
    candles::{Candle, Timeframe, Wanted},
    feed::{Feed, Source},
    model::{Config, Error, Quote, Symbol},
    replay::{Anchor, Position, Replay},
    store::{self, BEAT},
};
use crate::{
    kernel::{At, Kernel, db},
    sessions::Sessions,
};

/// Quotes that a slow reader may be behind before it skips.
const BUFFER: usize = 1_024;

/// The market. Cheap to clone.
#[derive(Clone)]
pub struct Market(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub kernel: Kernel,
    pub sessions: Sessions,
    pub config: Config,
    feed: Feed,
    anchor: RwLock<Anchor>,
    quotes: broadcast::Sender<Arc<Quote>>,
    frames: broadcast::Sender<Arc<Frames>>,
}

/// A quote as sockets send it, written once for all of them.
pub(super) struct Frames {
    pub symbol: String,
    /// `ltp`, `quote`, `full`.
    pub text: [Utf8Bytes; 3],
}

impl Market {
    /// Reads where the replay stands; stores nothing and starts nothing.
    pub async fn open(kernel: Kernel, sessions: Sessions, config: Config) -> Result<Self, Error> {
        let feed = Feed::load(u64::from(config.seed))?;
        let stored = store::find(&mut kernel.db.read().await?).await?;
        let anchor = store::resume(stored.as_ref(), &config, kernel.clock.now()).anchor();
        let (quotes, frames) = (broadcast::channel(BUFFER).0, broadcast::channel(BUFFER).0);
        Ok(Self(Arc::new(Inner {
            kernel,
            sessions,
            config,
            feed,
            anchor: RwLock::new(anchor),
            quotes,
            frames,
        })))
    }

    /// Starts the ticks and the beat that keeps the clock over restarts.
    pub fn start(&self) {
        let (ticks, beats) = (self.clone(), self.clone());
        let jobs = &self.0.kernel.jobs;
        jobs.supervise("market.tick", move || {
            let ticks = ticks.clone();
            async move { ticks.tick().await }
        });
        jobs.supervise("market.beat", move || {
            let beats = beats.clone();
            async move { beats.beat().await }
        });
    }

    /// The last price, from memory; `None` for what is not (or not yet) traded here.
    pub fn quote(&self, symbol: &str) -> Option<Quote> {
        let (now, position) = self.now();
        if !self.0.feed.is_listed(symbol, position) {
            return None;
        }
        self.0.feed.snapshot(symbol, position).map(|snapshot| Quote::new(&snapshot, now))
    }

    /// All quotes as they tick. A reader that falls behind skips (`Lagged`): ask `quote` then.
    pub fn quotes(&self) -> broadcast::Receiver<Arc<Quote>> {
        self.0.quotes.subscribe()
    }

    pub fn symbols(&self) -> Vec<Symbol> {
        let (_, position) = self.now();
        let symbol = |listing: &'static super::history::Listing| Symbol {
            symbol: listing.symbol,
            name: listing.name,
            exchange: listing.exchange,
            currency: "USD",
            listed: self.0.feed.is_listed(listing.symbol, position),
        };
        self.0.feed.listings().map(symbol).collect()
    }

    /// Where the prices come from, to be shown with them.
    pub fn source(&self) -> Source {
        Source::replay(self.now().1, self.anchor().speed)
    }

    /// Shares that one share held since a market time has become: above 1 once the replay has passed a split.
    pub fn split_factor(&self, symbol: &str, since_market_time: i64) -> u32 {
        let day = i32::try_from(since_market_time.div_euclid(86_400)).unwrap_or(i32::MAX);
        self.0.feed.split_factor(symbol, day, self.now().1)
    }

    /// Candles of `from..=to` (Unix seconds), oldest first, never ahead of the clock.
    pub fn candles(&self, symbol: &str, timeframe: &str, (from, to): (i64, i64)) -> Result<Candles, Error> {
        let timeframe: Timeframe = super::feed::timeframe(timeframe)?;
        let (_, position) = self.now();
        let candles = self.0.feed.candles(symbol, position, Wanted { timeframe, from, to })?;
        Ok(Candles { candles, source: Source::replay(position, self.anchor().speed) })
    }

    pub(super) fn frames(&self) -> broadcast::Receiver<Arc<Frames>> {
        self.0.frames.subscribe()
    }

    pub(super) fn frame(&self, symbol: &str) -> Option<Frames> {
        self.quote(symbol).map(|quote| Frames::new(&quote, &self.source()))
    }

    pub(super) fn is_known(&self, symbol: &str) -> bool {
        self.0.feed.listings().any(|listing| listing.symbol == symbol)
    }

    fn anchor(&self) -> Anchor {
        *self.0.anchor.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> (At, Position) {
        let now = self.0.kernel.clock.now();
        (now, self.0.feed.position(&self.anchor(), now.0))
    }

    /// Sends each new tick to whoever listens.
    async fn tick(&self) {
        let mut shown = None;
        loop {
            let micros =
                Replay::tick_interval(self.anchor().speed).unwrap_or(1_000_000).clamp(50_000, 1_000_000);
            tokio::select! {
                () = self.0.kernel.shutdown.cancelled() => return,
                () = tokio::time::sleep(Duration::from_micros(micros.unsigned_abs())) => {}
            }
            let (now, position) = self.now();
            let heard = self.0.quotes.receiver_count() + self.0.frames.receiver_count() > 0;
            if heard && shown.replace(position) != Some(position) {
                self.send(now, position);
            }
        }
    }

    fn send(&self, now: At, position: Position) {
        let source = Source::replay(position, self.anchor().speed);
        for snapshot in self.0.feed.snapshots(position) {
            let quote = Arc::new(Quote::new(&snapshot, now));
            if self.0.frames.receiver_count() > 0 {
                // no reader is no error
                let _ = self.0.frames.send(Arc::new(Frames::new(&quote, &source)));
            }
            let _ = self.0.quotes.send(quote);
        }
    }

    /// Stores the clock, says every few seconds that a server runs, and where it stopped.
    async fn beat(&self) {
        loop {
            if let Err(error) = self.keep().await {
                tracing::warn!(%error, "the replay clock could not be stored; it will be tried again");
            }
            tokio::select! {
                () = self.0.kernel.shutdown.cancelled() => break,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
        if let Err(error) = self.note(true).await {
            tracing::warn!(%error, "the replay clock's stop could not be stored");
        }
    }

    /// Follows the stored clock; stores one where there is none or where it had stood.
    async fn keep(&self) -> Result<(), db::Error> {
        let kernel = &self.0.kernel;
        let mut tx = kernel.db.begin().await?;
        let seen = store::find(&mut tx).await?;
        let now = kernel.clock.now();
        let mut row = store::resume(seen.as_ref(), &self.0.config, now);
        let stood = seen.as_ref().is_none_or(|seen| seen.at != row.at);
        if stood {
            // what this server has shown since it opened counts: the market does not go back
            row.market_micros = row.market_micros.max(self.anchor().market_micros(now.0));
        }
        if store::replace(&mut tx, &row, seen.as_ref()).await? {
            tx.commit().await?;
            *self.0.anchor.write().unwrap_or_else(PoisonError::into_inner) = row.anchor();
            return Ok(());
        }
        tx.discard().await
    }

    async fn note(&self, stopped: bool) -> Result<(), db::Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        store::beat(&mut tx, self.0.kernel.clock.now(), stopped).await?;
        tx.commit().await
    }
}

/// Candles and where they come from.
#[derive(Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Candles {
    /// `[time, open, high, low, close, volume]`; time in Unix seconds.
    #[schema(value_type = Vec<[f64; 6]>)]
    pub candles: Vec<Candle>,
    pub source: Source,
}

impl Frames {
    fn new(quote: &Quote, source: &Source) -> Self {
        let last = serde_json::json!({
            "op": "quote", "mode": "ltp", "symbol": quote.symbol, "last": quote.last, "currency": quote.currency,
            "at": quote.at, "market_time": quote.market_time,
        });
        let with = |mode: &str| {
            let mut value = serde_json::to_value(quote).unwrap_or_default();
            value["op"] = "quote".into();
            value["mode"] = mode.into();
            value
        };
        let mut full = with("full");
        full["source"] = serde_json::to_value(source).unwrap_or_default();
        let text = [last, with("quote"), full].map(|value| Utf8Bytes::from(value.to_string()));
        Self { symbol: quote.symbol.clone(), text }
    }
}
