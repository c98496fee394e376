//! What exists in development mode alone: moving the clock.
//!
//! INVARIANT: the routes are there only where the clock can be moved, which `mandate serve` makes so only with
//! `mode = "development"`, and that is refused on a listener that others can reach (`config.rs`).

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kernel::{Admin, At, Clock as _, FreshAdmin, Json, Kernel, Problem};

/// The furthest that one call moves the clock.
const FURTHEST: std::time::Duration = crate::kernel::days(3_660);

pub fn routes(kernel: &Kernel) -> OpenApiRouter {
    if kernel.clock.settable().is_none() {
        return OpenApiRouter::new();
    }
    OpenApiRouter::new().routes(routes!(show, set)).with_state(kernel.clone())
}

/// The server's time.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ServerClock)]
struct View {
    now: At,
}

/// Where the clock is to be set.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServerClockChange)]
struct Change {
    /// Later than now.
    now: At,
}

/// The server's time. In development mode only; elsewhere this route does not exist.
#[utoipa::path(get, path = "/v1/admin/clock", tag = "development",
    responses((status = 200, description = "The time", body = View)))]
async fn show(State(kernel): State<Kernel>, _admin: Admin) -> Json<View> {
    Json(View { now: kernel.clock.now() })
}

/// Move the server's time ahead: day limits, summer time and expiry without waiting. In development mode only.
///
/// Tokens, sessions and approvals that end before the new time have ended then. Timers (heartbeats, jobs) keep running
/// at their own pace.
#[utoipa::path(put, path = "/v1/admin/clock", tag = "development", request_body = Change,
    responses((status = 200, description = "The time now", body = View),
              (status = 422, description = "Not later than now, or more than ten years ahead")))]
async fn set(
    State(kernel): State<Kernel>,
    _admin: FreshAdmin,
    Json(change): Json<Change>,
) -> Result<Json<View>, Problem> {
    let clock = kernel.clock.settable().ok_or_else(|| Problem::not_found("route"))?;
    let now = clock.now();
    let ahead = change.now.since(now);
    if ahead.is_zero() {
        return Err(Problem::invalid("now", format!("must be later than {now}: time only goes forward")));
    }
    if ahead > FURTHEST {
        return Err(Problem::invalid("now", "at most ten years ahead"));
    }
    clock.advance(ahead);
    tracing::warn!(now = %clock.now(), "the clock was moved ahead (development mode)");
    Ok(Json(View { now: clock.now() }))
}
