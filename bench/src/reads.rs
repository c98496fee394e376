//! users/me and JWKS, beside what an empty handler of the same framework serves.

use axum::Router;
use axum::routing::get;

use crate::Failure;
use crate::load::{self, Load, Next};
use crate::sample::{micros, millis};
use crate::server::{Server, sign_up};
use crate::table::{Row, Section, thousands};

const CLIENTS: usize = 32;
const ROUNDS: u64 = 5;

/// The handler that does nothing.
pub async fn serve_ceiling() -> Result<(), Failure> {
    let address = std::env::var("MANDATE_BENCH_LISTEN")?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, Router::new().route("/", get(async || "ok"))).await?;
    Ok(())
}

/// So many connections with the same request.
fn clients(path: &str, bearers: &[String]) -> Vec<Next> {
    let bearer = |n: usize| (!bearers.is_empty()).then(|| bearers[n % bearers.len()].as_str());
    (0..CLIENTS).map(|n| load::get(path, bearer(n))).collect()
}

fn row(what: &str, load: &Load, ceiling: &Load) -> Row {
    let refused =
        if load.refused == 0 { String::new() } else { format!(", {} NOT answered with 200", load.refused) };
    Row::new(what, format!("{}/s{refused}", thousands(load.per_second)))
        .beside(format!(
            "{:.0} % of the empty handler's rate; {} of processor, empty {} ({:.0} %); p50 {}, p99 {}",
            100.0 * load.per_second / ceiling.per_second,
            micros(load.processor),
            micros(ceiling.processor),
            100.0 * ceiling.processor.as_secs_f64() / load.processor.as_secs_f64(),
            millis(load.p50),
            millis(load.p99)
        ))
        .target("≥ 60 %")
}

pub async fn measure(seconds: u64) -> Result<Section, Failure> {
    let dir = tempfile::tempdir()?;
    let (empty, server) =
        (Server::ceiling().await?, Server::start(&dir.path().join("data"), None, &[]).await?);
    let mut bearers = Vec::new();
    for n in 0..8 {
        bearers.push(sign_up(&server, &format!("person{n}")).await?.access);
    }
    let each = (seconds / ROUNDS).max(1);
    let (mut ceiling, mut jwks, mut me) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ceiling.push(load::run(&empty, clients("/", &[]), each).await?);
        jwks.push(load::run(&server, clients("/.well-known/jwks.json", &[]), each).await?);
        me.push(load::run(&server, clients("/v1/users/me", &bearers), each).await?);
    }
    server.stop();
    let median = |runs| Load::median(runs).ok_or("no runs");
    let (ceiling, jwks, me) = (median(ceiling)?, median(jwks)?, median(me)?);
    Ok(Section {
        title: "Reads over HTTP",
        how: format!(
            "{CLIENTS} connections, each asking again as soon as it was answered; SQLite. The empty handler is axum's \
             `GET /` that answers two bytes, in a process of its own, under the same generator. The three take turns, \
             {each} s each after one of warming up; the median of {ROUNDS} rounds. The percentage of processor time \
             is what the empty handler needs of it."
        ),
        rows: vec![
            Row::new("empty handler", format!("{}/s", thousands(ceiling.per_second))).beside(format!(
                "p50 {}, p99 {}",
                millis(ceiling.p50),
                millis(ceiling.p99)
            )),
            row("GET /.well-known/jwks.json", &jwks, &ceiling),
            row("GET /v1/users/me", &me, &ceiling),
        ],
    })
}
