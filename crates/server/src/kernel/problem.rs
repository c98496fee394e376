//! Errors on the wire: problem details (RFC 9457).
//!
//! INVARIANT: a `Problem` carries no secret and nothing internal; what went wrong inside goes to the log, with the
//! request id that the answer names.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::db;

/// One field that failed its rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// An error for the caller. It travels in the response's extensions, and the mount's renderer turns it into the body
/// of that mount's dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    /// Stable and documented, e.g. `order_value`.
    pub code: &'static str,
    /// One sentence that says what to do.
    pub detail: String,
    pub errors: Vec<FieldError>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// The body of an error under `/v1` (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Body<'a> {
    /// A URI reference that identifies the code.
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), headers: Vec::new() }
    }
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }
    /// 401 with a Bearer challenge (RFC 6750, section 3).
    pub fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        let challenge = if code == "unauthorized" {
            "Bearer".to_owned()
        } else {
            "Bearer error=\"invalid_token\"".to_owned()
        };
        Self::new(StatusCode::UNAUTHORIZED, code, detail).challenge(&challenge)
    }
    /// 401 that asks for a recent second factor or password (RFC 9470).
    pub fn step_up(max_age_seconds: u64) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "insufficient_user_authentication",
            "this act needs you to confirm who you are: POST /v1/auth/step-up and repeat",
        )
        .challenge(&format!(
            "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"a more recent authentication is required\", max_age=\"{max_age_seconds}\""
        ))
    }
    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }
    /// Also for what exists but is not the caller's.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("no such {what}"))
    }
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }
    /// 422 `invalid_field` about one field; more by `field`.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::unprocessable("invalid_field", "a field does not follow its rule").field(field, message)
    }
    pub fn too_many(code: &'static str, detail: impl Into<String>, retry_after_seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail).retry_after(retry_after_seconds)
    }
    pub fn unavailable(detail: impl Into<String>, retry_after_seconds: u64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(retry_after_seconds)
    }
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong on our side; the log names this request id",
        )
    }

    #[must_use]
    pub fn field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), message: message.into() });
        self
    }
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }
    fn challenge(self, text: &str) -> Self {
        match HeaderValue::from_str(text) {
            Ok(value) => self.header(WWW_AUTHENTICATE, value),
            Err(_) => self,
        }
    }

    /// `application/problem+json`: the renderer of `/v1`.
    pub fn render(&self, request_id: &str) -> Response {
        let body = Body {
            kind: format!("/docs/errors#{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id,
            errors: &self.errors,
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::NotFound => Self::not_found("record"),
            db::Error::Duplicate => Self::conflict("exists", "this already exists"),
            db::Error::Unavailable(why) => {
                tracing::warn!(%why, "database not available");
                Self::unavailable("the database is not available; try again shortly", 2)
            }
            db::Error::Other(error) => {
                tracing::error!(%error, "database error");
                Self::internal()
            }
        }
    }
}
