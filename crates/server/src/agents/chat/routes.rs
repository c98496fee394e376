//! Chat as server-sent events. A person's own session only: an agent that could prompt another agent would borrow its
//! mandate.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{ChatRequest, RunView};
use crate::agents::Agents;
use crate::agents::model::RunId;
use crate::kernel::{AgentId, Json, Path, Person, Problem};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(in crate::agents) fn routes() -> OpenApiRouter<Agents> {
    OpenApiRouter::new().routes(routes!(chat)).routes(routes!(events)).routes(routes!(cancel))
}

/// Say something to an agent. The answer is a stream of events: `start`, `delta`, `reasoning`, `tool`, `commands`,
/// `decision`, and at the end `done` or `error`; each has an `id`. It goes on when the reader goes away.
#[utoipa::path(post, path = "/v1/agents/{id}/chat", tag = "chat", params(("id" = String, Path)),
    request_body = ChatRequest,
    responses((status = 200, description = "The run's events", content_type = "text/event-stream", body = String),
              (status = 404, description = "No such agent, or no such conversation"),
              (status = 409, description = "The conversation has an answer in the making"),
              (status = 422, description = "A field fails its rule"),
              (status = 429, description = "Too many answers in the making")))]
async fn chat(
    State(agents): State<Agents>,
    Person(caller): Person,
    Path(id): Path<AgentId>,
    Json(asked): Json<ChatRequest>,
) -> Result<Response, Problem> {
    let run = agents.ask(caller.clone(), id, asked).await?;
    Ok(agents.follow(&caller, run, 0).await?)
}

/// Read a run's events, from the beginning or after `Last-Event-ID`, while they are kept.
#[utoipa::path(get, path = "/v1/runs/{id}/events", tag = "chat",
    params(("id" = String, Path), ("Last-Event-ID" = Option<String>, Header, description = "Events after this one")),
    responses((status = 200, description = "The run's events", content_type = "text/event-stream", body = String),
              (status = 404, description = "No such run, or its events are no longer kept")))]
async fn events(
    State(agents): State<Agents>,
    Person(caller): Person,
    Path(id): Path<RunId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = match headers.get(LAST_EVENT_ID) {
        None => 0,
        Some(value) => {
            let number = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|n| *n >= 0);
            number.ok_or_else(|| {
                Problem::bad_request("bad_last_event_id", "Last-Event-ID is an id of this stream")
            })?
        }
    };
    Ok(agents.follow(&caller, id, after).await?)
}

/// Stop an answer; what was written stays. Harmless for one that has ended.
#[utoipa::path(post, path = "/v1/runs/{id}/cancel", tag = "chat", params(("id" = String, Path)),
    responses((status = 200, description = "How the run stood", body = RunView)))]
async fn cancel(
    State(agents): State<Agents>,
    Person(caller): Person,
    Path(id): Path<RunId>,
) -> Result<Json<RunView>, Problem> {
    Ok(Json(agents.cancel(caller.user, id).await?))
}
