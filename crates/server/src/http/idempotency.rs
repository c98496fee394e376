//! `Idempotency-Key`: a write that is repeated gives its first answer again, for 24 hours.
//!
//! INVARIANT: of requests with one key at most one is carried out: the key's row is claimed by a conditional insert
//! before the handler runs, on whatever node (`claim`).
//! INVARIANT: the kept answer is sealed to its person and key; it is never kept for `/v1/auth`.
//!
//! The same key with another route, body or acting client is 422; one that is still running is 409 with
//! `Retry-After`. An answer that says "not now" (401, 429, 5xx) is not kept: the same key may be tried again. The
//! handler runs to its end even when the client has gone, so that a repeat finds the answer.

use std::sync::Arc;

use aws_lc_rs::digest;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tracing::Instrument;

use super::mounts;
use crate::app::App;
use crate::kernel::{Acting, At, Kernel, Problem, UserId, db, hours};
use crate::{execute, fetch_one};

const KEPT: std::time::Duration = hours(24);
/// The largest answer that is kept.
const LARGEST_ANSWER: usize = 16 << 20;
const CHUNK: i64 = 1_000;
const STREAM: &str = "text/event-stream";
static KEY: HeaderName = HeaderName::from_static("idempotency-key");
static REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request's claim on its key.
#[derive(Clone)]
struct Claim {
    kernel: Kernel,
    user: UserId,
    key: String,
    request_hash: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Kept {
    request_hash: Vec<u8>,
    status: Option<i32>,
    content_type: Option<String>,
    body: Option<String>,
}

/// The layer; it stands inside authentication and outside the handlers.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Arc<Acting>>().cloned();
    let (Some(caller), true) = (caller, applies(&request)) else { return next.run(request).await };
    match answer(app.kernel.clone(), &caller, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

fn applies(request: &Request) -> bool {
    let path = request.uri().path();
    let write = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(request.method());
    write && mounts::of(path).idempotent && request.headers().contains_key(&KEY)
}

async fn answer(kernel: Kernel, caller: &Acting, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let key = key(&parts)?;
    let body = to_bytes(body, super::BODY_LIMIT)
        .await
        .map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is too large"))?;
    let request_hash = fingerprint(&parts, &body, caller);
    let claim = Claim { kernel, user: caller.user, key, request_hash };
    if let Some(kept) = claim.take().await? {
        return claim.replay(kept).await;
    }
    let request = Request::from_parts(parts, Body::from(body));
    let request_id = caller.origin.request_id.clone();
    let running = claim.clone();
    let work = async move {
        let response = next.run(request).await;
        running.keep(response, &request_id).await
    };
    if let Ok(answer) = claim.kernel.jobs.spawn("http.answer", work.in_current_span()).await {
        return answer;
    }
    // the handler panicked: the log has it
    claim.give_up().await?;
    Err(Problem::internal())
}

fn key(parts: &Parts) -> Result<String, Problem> {
    let mut values = parts.headers.get_all(&KEY).iter();
    let key = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    if values.next().is_some() || key.is_empty() || key.len() > 255 {
        return Err(Problem::bad_request(
            "bad_idempotency_key",
            "send one Idempotency-Key of 1 to 255 visible ASCII characters, e.g. a UUID",
        ));
    }
    Ok(key.to_owned())
}

/// What makes two requests the same: method, path, query, body, and who acts.
fn fingerprint(parts: &Parts, body: &Bytes, caller: &Acting) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let actor = caller.actor().unwrap_or_default();
    let client = caller.client().unwrap_or_default();
    for part in [parts.method.as_str(), target, actor, client] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.update(body);
    context.finish().as_ref().to_vec()
}

/// Whether an answer is final: one that says "not now" is not.
fn is_final(status: StatusCode) -> bool {
    !status.is_server_error()
        && !matches!(
            status,
            StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
        )
}

impl Claim {
    /// `None`: the key is ours and the request may run. Otherwise what is known about it.
    async fn take(&self) -> Result<Option<Kept>, Problem> {
        let now = self.kernel.clock.now();
        let mut tx = self.kernel.db.begin().await?;
        let claimed = execute!(
            tx,
            "INSERT INTO idempotency (user_id, key, request_hash, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id, key) DO UPDATE SET request_hash = excluded.request_hash, status = NULL, \
             content_type = NULL, body = NULL, created_at = excluded.created_at \
             WHERE idempotency.created_at < $5",
            self.user,
            &self.key,
            &self.request_hash,
            now,
            now.minus(KEPT)
        )?;
        if claimed == 1 {
            tx.commit().await?;
            return Ok(None);
        }
        let kept = fetch_one!(
            tx,
            Kept,
            "SELECT request_hash, status, content_type, body FROM idempotency WHERE user_id = $1 AND key = $2",
            self.user,
            &self.key
        );
        // what is answered from it must be durable
        tx.discard().await?;
        match kept {
            Ok(kept) => Ok(Some(kept)),
            // given up between the two statements
            Err(db::Error::NotFound) => Err(running()),
            Err(error) => Err(error.into()),
        }
    }

    async fn replay(&self, kept: Kept) -> Result<Response, Problem> {
        if kept.request_hash != self.request_hash {
            return Err(Problem::unprocessable(
                "idempotency_key_reused",
                "this Idempotency-Key was used for another request; use a new key for a new request",
            ));
        }
        let Some(status) = kept.status else { return Err(running()) };
        let Some(body) = kept.body else {
            return Err(Problem::conflict(
                "idempotency_streamed",
                "this request was carried out and its answer was a stream; resume the stream or read its outcome",
            ));
        };
        let user = self.user.to_string();
        let opened = self.kernel.sealer.open(&["idempotency", &user, &self.key], &body).await;
        let opened = opened.map_err(|error| {
            tracing::error!(%error, "kept answer cannot be opened");
            Problem::internal()
        })?;
        let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok());
        let mut response = (status.unwrap_or(StatusCode::OK), opened.expose().clone()).into_response();
        response.headers_mut().remove(CONTENT_TYPE);
        if let Some(Ok(kind)) = kept.content_type.map(|kind| HeaderValue::from_str(&kind)) {
            response.headers_mut().insert(CONTENT_TYPE, kind);
        }
        response.headers_mut().insert(REPLAYED.clone(), HeaderValue::from_static("true"));
        Ok(response)
    }

    /// Keeps the answer, then gives it.
    async fn keep(&self, mut response: Response, request_id: &str) -> Result<Response, Problem> {
        if !is_final(response.status()) {
            self.give_up().await?;
            return Ok(response);
        }
        // rendered here, so that the first answer and its repeats are the same bytes
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = problem.render(request_id);
        }
        let kind =
            response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        if kind.as_deref().is_some_and(|kind| kind.starts_with(STREAM)) {
            self.write(response.status(), kind, None).await?;
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, LARGEST_ANSWER).await.map_err(|_| Problem::internal())?;
        let user = self.user.to_string();
        let sealed = self.kernel.sealer.seal(&["idempotency", &user, &self.key], &body).await;
        let sealed = sealed.map_err(|error| {
            tracing::error!(%error, "an answer could not be sealed");
            Problem::internal()
        })?;
        self.write(parts.status, kind, Some(sealed)).await?;
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    async fn write(
        &self,
        status: StatusCode,
        kind: Option<String>,
        body: Option<String>,
    ) -> Result<(), db::Error> {
        let mut tx = self.kernel.db.begin().await?;
        execute!(
            tx,
            "UPDATE idempotency SET status = $4, content_type = $5, body = $6 \
             WHERE user_id = $1 AND key = $2 AND request_hash = $3",
            self.user,
            &self.key,
            &self.request_hash,
            i32::from(status.as_u16()),
            kind,
            body
        )?;
        tx.commit().await
    }

    async fn give_up(&self) -> Result<(), db::Error> {
        let mut tx = self.kernel.db.begin().await?;
        execute!(
            tx,
            "DELETE FROM idempotency WHERE user_id = $1 AND key = $2 AND request_hash = $3 AND status IS NULL",
            self.user,
            &self.key,
            &self.request_hash
        )?;
        tx.commit().await
    }
}

fn running() -> Problem {
    Problem::conflict(
        "idempotency_in_progress",
        "the first request with this Idempotency-Key has not been answered yet; repeat it shortly",
    )
    .retry_after(1)
}

/// Starts the job that forgets answers after their time.
pub fn start_pruning(kernel: &Kernel) {
    let pruning = kernel.clone();
    kernel.jobs.every("idempotency.prune", hours(1), move || {
        let kernel = pruning.clone();
        async move { prune(&kernel, kernel.clock.now().minus(KEPT)).await }
    });
}

async fn prune(kernel: &Kernel, before: At) -> Result<(), db::Error> {
    loop {
        let mut tx = kernel.db.begin().await?;
        let gone = execute!(
            tx,
            "DELETE FROM idempotency WHERE (user_id, key) IN \
             (SELECT user_id, key FROM idempotency WHERE created_at < $1 LIMIT $2)",
            before,
            CHUNK
        )?;
        tx.commit().await?;
        if gone < CHUNK as u64 {
            return Ok(());
        }
    }
}

/// How many kept answers a wrapping key still holds. They are not moved at a rotation: they last a day.
pub async fn held_by(kernel: &Kernel, key_id: &str) -> Result<i64, db::Error> {
    let (count,) = fetch_one!(
        kernel.db.read().await?,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM idempotency WHERE body LIKE $1",
        format!("ms1.{key_id}.%")
    )?;
    Ok(count)
}
