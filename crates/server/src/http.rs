//! Merges the slices' routers and lays the shared layers around them.
//!
//! INVARIANT: there is one authenticate layer; a token that is present but not valid is a 401, never a silent fall
//! back to an anonymous request.
//! INVARIANT: errors leave in the body of their mount's dialect: `Problem`s travel in response extensions and are
//! rendered in `errors.rs`, at the outside of every other layer.

mod errors;
mod idempotency;
mod limits;
mod mounts;

pub use idempotency::{held_by as answers_held_by, start_pruning as start_idempotency};
pub use limits::{Limits, Quotas};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tracing::Instrument as _;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use self::mounts::Tokens;
use crate::app::App;
use crate::kernel::{Origin, Problem, db};
use crate::{console, development, health};

/// Bodies of `/v1` are small; 1 MiB is far above the largest.
const BODY_LIMIT: usize = 1024 * 1024;
/// How long a body may pause between two pieces.
const BODY_PAUSE: Duration = Duration::from_secs(15);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Mandate",
    description = "Identity, tokens and mandates for applications in which AI agents act for people.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

/// The native API with its OpenAPI document. Each slice brings its own state.
pub fn api(app: &App) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(health::routes().with_state(app.kernel.clone()))
        .merge(development::routes(&app.kernel))
        .merge(app.accounts.clone().routes())
        .merge(app.tokens.clone().routes())
        .merge(app.sessions.clone().routes())
        .merge(app.audit.clone().routes())
        .merge(app.market.clone().routes())
        .merge(app.mandates.clone().routes())
        .merge(app.trading.clone().routes())
        .merge(app.notices.clone().routes())
        .merge(app.agents.clone().routes())
}

/// Everything this server answers.
pub fn router(app: App) -> Router {
    let (router, document) = api(&app).split_for_parts();
    let document: Arc<str> = document.to_json().unwrap_or_default().into();
    router
        .route(
            "/openapi.json",
            axum::routing::get(move || {
                let document = Arc::clone(&document);
                async move { ([(http::header::CONTENT_TYPE, "application/json")], document.to_string()) }
            }),
        )
        .fallback(console::serve)
        .layer(from_fn_with_state(app.clone(), idempotency::layer))
        .layer(from_fn_with_state(app.clone(), limits::layer))
        .layer(from_fn_with_state(app.clone(), authenticate))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app, outermost))
}

/// Request id, origin, trace span, security headers, error bodies.
async fn outermost(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let origin = origin(&app, &request);
    let (request_id, at) = (origin.request_id.clone(), origin.at);
    let span = tracing::info_span!("request", id = %request_id, method = %request.method(), path = request.uri().path());
    request.extensions_mut().insert(origin);
    let path = request.uri().path().to_owned();
    // no answer before that on which it rests is durable
    let response = db::resting(next.run(request).instrument(span.clone())).await;
    let response = response.unwrap_or_else(|error| Problem::from(error).into_response());
    let mut response = errors::render(response, &path, &request_id);
    let took = app.kernel.clock.now().since(at);
    let _in = span.enter();
    tracing::info!(status = response.status().as_u16(), ms = took.as_millis() as u64, "answered");
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    secure(headers);
    response
}

fn origin(app: &App, request: &Request) -> Origin {
    let headers = request.headers();
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(std::net::IpAddr::from([127, 0, 0, 1]), |ConnectInfo(address)| address.ip());
    let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    let agent =
        headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Origin {
        address: app.edge.proxies.client(peer, headers),
        user_agent: agent.chars().take(400).collect(),
        request_id: given.map_or_else(|| format!("req_{}", app.kernel.rng.uuid().simple()), str::to_owned),
        at: app.kernel.clock.now(),
    }
}

/// Headers every answer carries. A slice that needs another value sets it first.
fn secure(headers: &mut HeaderMap) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "content-security-policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; \
             object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
}

#[allow(clippy::needless_pass_by_value)] // the layer's signature
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let message = message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(%message, "a handler panicked");
    Problem::internal().into_response()
}

/// Finds out who asks. Without a token the request goes on as a stranger's; handlers demand what they need.
async fn authenticate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if mounts::of(request.uri().path()).tokens == Tokens::ByRoute {
        return next.run(request).await;
    }
    let Some(value) = request.headers().get(AUTHORIZATION) else { return next.run(request).await };
    let token = value.to_str().ok().and_then(bearer).map(str::to_owned);
    let Some(origin) = request.extensions().get::<Origin>().cloned() else {
        return Problem::internal().into_response();
    };
    let Some(token) = token else {
        return Problem::unauthorized("invalid_token", "send Authorization: Bearer <access token>")
            .into_response();
    };
    match app.sessions.authenticate(&token, &origin).await {
        Ok(caller) => {
            request.extensions_mut().insert(Arc::new(caller));
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
