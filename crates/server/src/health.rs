//! Health: alive, ready, and what a person wants to see.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::fetch_one;
use crate::kernel::{At, Json, Kernel, db, deaths, lost_lines};

pub fn routes() -> OpenApiRouter<Kernel> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(live)).routes(routes!(ready))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Health {
    /// `ok` or `failing`
    status: &'static str,
    service: &'static str,
    version: &'static str,
    timestamp: At,
    /// Each check's name with `ok` or what is wrong.
    checks: BTreeMap<&'static str, String>,
    /// Tasks of this process that have panicked; each was begun again or told to whoever waited.
    task_deaths: u64,
    /// Log lines that could not be written.
    lost_log_lines: u64,
}

async fn check(kernel: &Kernel) -> BTreeMap<&'static str, String> {
    async fn ask(kernel: &Kernel) -> Result<(), db::Error> {
        let mut conn = kernel.db.read().await?;
        fetch_one!(conn, (i64,), "SELECT CAST(1 AS BIGINT)").map(|_| ())
    }
    let answer = tokio::time::timeout(std::time::Duration::from_secs(2), ask(kernel)).await;
    let database = match answer {
        Ok(Ok(())) => kernel.pulse.writes().await.err().unwrap_or("ok"),
        Ok(Err(_)) => "not reachable",
        Err(_) => "no answer within 2 s",
    };
    let stopping = if kernel.shutdown.is_cancelled() { "shutting down" } else { "ok" };
    BTreeMap::from([("database", database.to_owned()), ("process", stopping.to_owned())])
}

async fn answer(kernel: &Kernel) -> Response {
    let checks = check(kernel).await;
    let fine = checks.values().all(|state| state == "ok");
    let body = Health {
        status: if fine { "ok" } else { "failing" },
        service: "mandate",
        version: env!("CARGO_PKG_VERSION"),
        timestamp: kernel.clock.now(),
        checks,
        task_deaths: deaths(),
        lost_log_lines: lost_lines(),
    };
    (if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(body)).into_response()
}

/// What works and what does not.
#[utoipa::path(get, path = "/health", tag = "health",
    responses((status = 200, description = "All checks pass", body = Health), (status = 503, description = "One fails", body = Health)))]
async fn health(State(kernel): State<Kernel>) -> Response {
    answer(&kernel).await
}

/// The process answers.
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, description = "Alive")))]
async fn live() -> &'static str {
    "ok"
}

/// The process can serve: its database answers and takes writes, and it is not shutting down.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, description = "Ready", body = Health), (status = 503, description = "Not ready", body = Health)))]
async fn ready(State(kernel): State<Kernel>) -> Response {
    answer(&kernel).await
}
