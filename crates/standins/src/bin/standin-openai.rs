//! Runs the model stand-in by itself: `standin-openai [ADDRESS]`, by default 127.0.0.1:8011.
#![allow(clippy::print_stdout)]

use mandate_standins::openai::{KEY, OpenAi};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8011".into());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("base URL http://{}/v1, key {KEY}", listener.local_addr()?);
    axum::serve(listener, OpenAi::default().router()).await
}
