//! Error bodies, one renderer per mount.
//!
//! Layers that serve every mount (authenticate, limits, body size) answer with a `Problem`; which body it gets is
//! decided here, by the path, after everything else has run.

use axum::response::Response;
use http::StatusCode;
use http::header::{ALLOW, CONTENT_LENGTH};

use super::mounts;
use crate::kernel::Problem;

/// Turns a `Problem` into its mount's body.
pub(super) fn render(response: Response, path: &str, request_id: &str) -> Response {
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        None => match of_the_framework(&response) {
            Some(problem) => problem,
            None => return response,
        },
    };
    let mut rendered = (mounts::of(path).render)(&problem, request_id);
    for (name, value) in response.headers() {
        if !rendered.headers().contains_key(name) && name != CONTENT_LENGTH {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered
}

/// What axum and tower answer by themselves.
fn of_the_framework(response: &Response) -> Option<Problem> {
    let (code, detail) = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "this path does not take that method"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is too large"),
        StatusCode::REQUEST_TIMEOUT => ("timeout", "the body came too slowly"),
        _ => return None,
    };
    let problem = Problem::new(response.status(), code, detail);
    Some(match response.headers().get(ALLOW) {
        Some(allow) => problem.header(ALLOW, allow.clone()),
        None => problem,
    })
}
