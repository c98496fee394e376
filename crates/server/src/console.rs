//! The console, embedded in the binary.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, StatusCode, Uri};
use rust_embed::Embed;

use crate::kernel::Problem;

#[derive(Embed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Files;

/// Whether a console was built into this binary.
pub fn is_embedded() -> bool {
    Files::get("index.html").is_some()
}

/// A file of the console; for a path that looks like one of its pages, `index.html`.
pub async fn serve(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("v1/") || path.starts_with("ws/") || path.starts_with(".well-known/") {
        return Problem::not_found("route").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Problem::not_found("route").into_response();
    }
    let is_page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    let (name, file) = match Files::get(path) {
        Some(file) => (path, Some(file)),
        None if is_page => ("index.html", Files::get("index.html")),
        None => (path, None),
    };
    let Some(file) = file else {
        if is_page {
            let text = "This binary was built without the console. Build it with `make build`; the API is at /openapi.json.\n";
            return (StatusCode::NOT_FOUND, text).into_response();
        }
        return Problem::not_found("file").into_response();
    };
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    // Names under assets/ carry their content's hash; pages are asked for anew.
    let caching =
        if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(CONTENT_TYPE, kind.as_ref().to_owned()), (CACHE_CONTROL, caching.to_owned())];
    (headers, file.data.into_owned()).into_response()
}
