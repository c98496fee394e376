//! Serves the n-dollar stand-in: `standin-ndollar [ADDRESS]`, by default on `127.0.0.1:8010`.
//!
//! Two accounts are open, `ann` with the token `ann-token` and `ben` with `ben-token`, and the token `MINT1` costs
//! 2. `GET /standin/log` shows whose token traded; `POST /standin/behaviour {"mode":"refuse","words":"…"}` makes
//! it misbehave.
#![allow(clippy::print_stdout, reason = "a program for demonstrations says where it listens")]

use std::{io, net::SocketAddr};

use mandate_standins::ndollar::Exchange;
use rust_decimal::dec;

#[tokio::main]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8010".to_owned());
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let exchange = Exchange::default();
    exchange.open("ann", "ann-token", dec!(1000)).open("ben", "ben-token", dec!(1000));
    exchange.set_price("MINT1", dec!(2));
    let running = exchange.serve(address).await?;
    println!("stand-in for n-dollar on {}", running.base);
    running.wait().await
}
