//! `GET /v1/events`.

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use http::HeaderMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::Notices;
use crate::kernel::{Problem, Signed};

impl Notices {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(events)).with_state(self)
    }
}

/// What happens to the caller, as it happens.
///
/// Server-sent events: `ready` first, then notices with a number as their id: `approval.waiting`, `approval.decided`,
/// `order.changed`, `decision.changed`, `mandate.changed`, `kill_switch.changed`, `account.changed`,
/// `connection.needs_login`, `session.started`, `session.revoked`, `security.password_changed`, `security.reuse`. The data
/// says what happened (`event`), to what (`resource`), how it ended, and the details that the audit log has of it.
///
/// A stream that broke is resumed with `Last-Event-ID`; without it the stream begins now. It ends with `close` and a
/// reason: `token_expired` (connect again with a new one), `revoked`, `shutdown`.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<String>, Header, description = "the id of the last event that arrived")),
    responses((status = 200, description = "Notices as they happen", content_type = "text/event-stream", body = String)))]
async fn events(
    State(notices): State<Notices>,
    Signed(caller): Signed,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, std::convert::Infallible>>>, Problem> {
    let after = match headers.get("last-event-id") {
        None => None,
        Some(value) => {
            let number =
                value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|number| *number >= 0);
            Some(number.ok_or_else(|| {
                Problem::bad_request("bad_event_id", "Last-Event-ID is not one this stream gave")
            })?)
        }
    };
    let seat = notices.enter(caller.user).ok_or_else(|| {
        Problem::too_many("too_many_streams", "too many open event streams; close one and try again", 5)
    })?;
    let stream = notices.stream(caller, after, seat).await?;
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}
