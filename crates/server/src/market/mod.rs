//! The market: replayed real prices, as quotes, candles and a websocket.

mod candles;
mod feed;
mod history;
mod path;
mod price;
mod replay;
#[cfg(test)]
mod tests;
