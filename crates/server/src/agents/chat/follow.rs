//! Reading a run: what is stored, then what comes, each event once and in order.
//!
//! INVARIANT: an event from the node's own broadcast is shown only when it is the very next; after a gap or a lag the
//! database is read.

use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::model::{RunEvent, RunRow};
use super::store;
use crate::agents::model::RunId;
use crate::agents::{Agents, Error};
use crate::kernel::{Acting, UserId, db, seconds};

/// How many events one read takes.
const BATCH: i64 = 200;
/// How often a run of another node is looked at.
const POLL: Duration = Duration::from_millis(250);
/// How often a silent stream shows that it lives.
const ALIVE: Duration = seconds(15);
/// Ends a stream that is not over: the reader comes back for the rest.
const CLOSE: &str = "event: close\ndata: {}\n\n";

/// A place in a run, and how to learn what comes next.
struct Place {
    agents: Agents,
    user: UserId,
    run: RunId,
    after: i64,
    live: Option<Receiver<Arc<RunEvent>>>,
    /// All that was stored so far has been shown: `live` has the next.
    caught_up: bool,
    session: Option<Arc<CancellationToken>>,
}

impl Agents {
    /// The run's events after a number, as `text/event-stream`.
    pub(super) async fn follow(&self, caller: &Acting, run: RunId, after: i64) -> Result<Response, Error> {
        // before the first read, so that no event falls between the two
        let live = self.0.runs.get(run).map(|live| live.read());
        store::find(&mut self.0.kernel.db.read().await?, caller.user, run)
            .await?
            .ok_or(Error::NotFound("run"))?;
        let session = caller.session().map(|session| self.0.runs.reader(session));
        let place =
            Place { agents: self.clone(), user: caller.user, run, after, live, caught_up: false, session };
        let mut response = Response::new(Body::from_stream(frames(place)));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        Ok(response)
    }
}

fn frames(mut place: Place) -> impl futures::Stream<Item = Result<Bytes, std::convert::Infallible>> + Send {
    stream! {
        let shutdown = place.agents.0.kernel.shutdown.clone();
        let signed_out = place.session.clone();
        loop {
            let next = tokio::select! {
                biased;
                () = shutdown.cancelled() => Next::Close,
                () = gone(signed_out.as_deref()) => Next::Close,
                next = place.next() => next,
                () = tokio::time::sleep(ALIVE) => Next::Silence,
            };
            match next {
                Next::Events(events) => {
                    let over = events.last().is_some_and(RunEvent::is_last);
                    let text: String = events.iter().map(RunEvent::frame).collect();
                    yield Ok(Bytes::from(text));
                    if over {
                        return;
                    }
                }
                Next::Silence => yield Ok(Bytes::from_static(b": alive\n\n")),
                Next::Over => return,
                Next::Close => {
                    yield Ok(Bytes::from_static(CLOSE.as_bytes()));
                    return;
                }
            }
        }
    }
}

async fn gone(session: Option<&CancellationToken>) {
    match session {
        Some(token) => token.cancelled().await,
        None => std::future::pending().await,
    }
}

enum Next {
    Events(Vec<RunEvent>),
    Silence,
    /// The run ended and its last event was shown, or the run is forgotten.
    Over,
    Close,
}

impl Place {
    /// Cancel-safe: the place moves only when events are given.
    async fn next(&mut self) -> Next {
        loop {
            if !self.caught_up {
                match self.stored().await {
                    Ok(events) if !events.is_empty() => return Next::Events(events),
                    Ok(_) => self.caught_up = self.live.is_some(),
                    Err(error) => {
                        tracing::warn!(run = %self.run, %error, "a run cannot be read");
                        return Next::Close;
                    }
                }
            }
            let heard = match &mut self.live {
                Some(live) => live.recv().await,
                None => match self.elsewhere().await {
                    Some(next) => return next,
                    None => continue,
                },
            };
            match heard {
                Ok(event) if event.seq <= self.after => {}
                Ok(event) if event.seq == self.after + 1 => {
                    self.after = event.seq;
                    return Next::Events(vec![RunEvent::clone(&event)]);
                }
                // a gap or a lag: the database has it
                Ok(_) | Err(RecvError::Lagged(_)) => self.caught_up = false,
                Err(RecvError::Closed) => {
                    self.live = None;
                    self.caught_up = false;
                }
            }
        }
    }

    /// Waits a little for a run that another node makes, or that has ended.
    async fn elsewhere(&mut self) -> Option<Next> {
        match self.row().await {
            Ok(Some(row)) if row.status == "running" => {
                tokio::time::sleep(POLL).await;
                None
            }
            // it may have ended between the two reads
            Ok(Some(_)) => match self.stored().await {
                Ok(events) if !events.is_empty() => Some(Next::Events(events)),
                _ => Some(Next::Over),
            },
            Ok(None) => Some(Next::Over),
            Err(_) => Some(Next::Close),
        }
    }

    async fn stored(&mut self) -> Result<Vec<RunEvent>, db::Error> {
        let mut conn = self.agents.0.kernel.db.read().await?;
        let events = store::events(&mut conn, self.user, self.run, self.after, BATCH).await?;
        if let Some(last) = events.last() {
            self.after = last.seq;
        }
        Ok(events)
    }

    async fn row(&self) -> Result<Option<RunRow>, db::Error> {
        store::find(&mut self.agents.0.kernel.db.read().await?, self.user, self.run).await
    }
}
