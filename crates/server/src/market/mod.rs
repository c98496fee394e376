//! The market: real prices of the past replayed as live ones, as quotes, candles and a websocket.
//!
//! INVARIANT: every answer with prices names their source (`feed::Source`), and nothing is shown that lies ahead of
//! the replay clock.
//! INVARIANT: there is one replay clock for all symbols and nodes, a row that survives restarts (`store.rs`).

mod candles;
mod feed;
mod history;
mod model;
mod path;
mod price;
mod replay;
mod routes;
mod service;
mod socket;
mod store;
#[cfg(test)]
mod tests;

pub use candles::Candle;
pub use feed::Source;
pub use model::{Config, Error, Quote, Symbol};
pub use service::{Candles, Market};
