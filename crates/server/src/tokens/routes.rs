//! The public keys (RFC 7517).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::Tokens;

impl Tokens {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(jwks)).routes(routes!(jwks_v1)).with_state(self)
    }
}

fn answer(tokens: &Tokens, headers: &HeaderMap) -> Response {
    let published = tokens.jwks();
    let known = headers.get(IF_NONE_MATCH).is_some_and(|tag| *tag == published.etag);
    let caching = [
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (ETAG, published.etag),
        (CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json")),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, published.body).into_response()
}

/// The keys that verify our tokens: current, next and retiring.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "tokens",
    responses((status = 200, description = "JSON Web Key Set (RFC 7517)", body = serde_json::Value)))]
async fn jwks(State(tokens): State<Tokens>, headers: HeaderMap) -> Response {
    answer(&tokens, &headers)
}

/// The same under the path older clients know.
#[utoipa::path(get, path = "/v1/auth/.well-known/jwks.json", tag = "tokens",
    responses((status = 200, description = "JSON Web Key Set (RFC 7517)", body = serde_json::Value)))]
async fn jwks_v1(State(tokens): State<Tokens>, headers: HeaderMap) -> Response {
    answer(&tokens, &headers)
}
