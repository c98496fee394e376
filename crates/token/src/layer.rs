//! A tower layer for resource servers.
//!
//! INVARIANT: a request reaches the inner service only with `Arc<Claims>` of a token that was valid when it
//! came; every other is answered with 401 and `WWW-Authenticate` (RFC 6750, 3).

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::{Either, Ready, ready};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use tower::{Layer, Service};

use crate::{Error, Verifier};

type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Wraps services so that they see verified requests only; `clock` gives Unix seconds.
#[derive(Clone)]
pub struct VerifyLayer {
    verifier: Arc<Verifier>,
    clock: Clock,
}

impl VerifyLayer {
    pub fn new(verifier: Arc<Verifier>, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self { verifier, clock: Arc::new(clock) }
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = Verify<S>;

    fn layer(&self, inner: S) -> Verify<S> {
        Verify { inner, layer: self.clone() }
    }
}

/// What [`VerifyLayer`] makes of a service.
#[derive(Clone)]
pub struct Verify<S> {
    inner: S,
    layer: VerifyLayer,
}

impl<S, I, O> Service<Request<I>> for Verify<S>
where
    S: Service<Request<I>, Response = Response<O>>,
    O: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<Ready<Result<S::Response, S::Error>>, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<I>) -> Self::Future {
        let verified = match bearer(request.headers()) {
            None => Err(None),
            Some(token) => self.layer.verifier.verify(token, (self.layer.clock)()).map_err(Some),
        };
        match verified {
            Ok(claims) => {
                request.extensions_mut().insert(claims);
                Either::Right(self.inner.call(request))
            }
            Err(error) => Either::Left(ready(Ok(refusal(error.as_ref())))),
        }
    }
}

/// The token of the only `Authorization: Bearer` header; two headers are none.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let value = all.next()?.to_str().ok()?;
    if all.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refusal<O: Default>(error: Option<&Error>) -> Response<O> {
    let challenge = match error {
        None => "Bearer".to_owned(),
        Some(error) => format!("Bearer error=\"invalid_token\", error_description=\"{}\"", error.word()),
    };
    let mut response = Response::new(O::default());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}
