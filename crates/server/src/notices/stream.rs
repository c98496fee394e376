//! The stream of one person's notices.
//!
//! The database is read when the bus says that something of this person's changed, and every few seconds in any
//! case: a lost message or another node delays a notice, it cannot lose one.

use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use axum::response::sse::Event;
use futures::Stream;
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::service::{Notices, Seat};
use super::store;
use crate::kernel::{Acting, Message, db, seconds};

/// How long a notice may wait when the bus was silent.
const SILENCE: Duration = seconds(3);
/// Rows read at once: what a slow reader costs in memory.
const BATCH: i64 = 100;

/// Why waiting ended.
enum Woken {
    Look,
    Close(&'static str),
}

impl Notices {
    /// Events after number `after`, or from now on. The stream ends with an event `close` that says why.
    pub(super) async fn stream(
        &self,
        caller: Acting,
        after: Option<i64>,
        seat: Seat,
    ) -> Result<impl Stream<Item = Result<Event, std::convert::Infallible>> + use<>, db::Error> {
        let notices = self.clone();
        // subscribed before the first read, so that nothing falls between the two
        let mut bus = self.0.kernel.bus.subscribe();
        let mut seen = match after {
            Some(seq) => seq,
            None => store::newest(&mut self.0.kernel.db.read().await?, caller.user).await?,
        };
        Ok(stream! {
            let _seat = seat;
            yield Ok(Event::default().event("ready").id(seen.to_string()).data("{}"));
            loop {
                match notices.read(&caller, &mut seen).await {
                    Ok(events) => {
                        let more = events.len() == BATCH as usize;
                        for event in events {
                            yield Ok(event);
                        }
                        if more {
                            continue;
                        }
                    }
                    Err(error) => tracing::warn!(%error, "notices not read; trying again"),
                }
                if let Woken::Close(reason) = notices.wait(&caller, &mut bus).await {
                    yield Ok(Event::default().event("close").data(json!({ "reason": reason }).to_string()));
                    return;
                }
            }
        })
    }

    async fn read(&self, caller: &Acting, seen: &mut i64) -> Result<Vec<Event>, db::Error> {
        let rows = store::after(&mut self.0.kernel.db.read().await?, caller.user, *seen, BATCH).await?;
        let events = rows.into_iter().map(|row| {
            *seen = row.seq;
            let mut data = row.data.0;
            data["number"] = json!(row.seq);
            data["at"] = json!(row.at);
            Event::default().event(row.kind).id(row.seq.to_string()).data(data.to_string())
        });
        Ok(events.collect())
    }

    /// Until something of this person's changed, a while has passed, or the stream must end.
    async fn wait(&self, caller: &Acting, bus: &mut Receiver<Arc<Message>>) -> Woken {
        let silence = tokio::time::sleep(SILENCE);
        tokio::pin!(silence);
        loop {
            let woken = tokio::select! {
                biased;
                () = self.0.kernel.shutdown.cancelled() => Some(Woken::Close("shutdown")),
                message = bus.recv() => match message {
                    Ok(message) => judge(&message, caller),
                    Err(RecvError::Lagged(_)) => Some(Woken::Look),
                    Err(RecvError::Closed) => Some(Woken::Close("shutdown")),
                },
                () = &mut silence => Some(Woken::Look),
            };
            if self.0.kernel.clock.now() >= caller.expires_at {
                return Woken::Close("token_expired");
            }
            if let Some(woken) = woken {
                return woken;
            }
        }
    }
}

/// What a message means for this caller's stream.
fn judge(message: &Message, caller: &Acting) -> Option<Woken> {
    if message.user != Some(caller.user.0) {
        return None;
    }
    if message.topic == "session.revoked" {
        let own = caller.session().map(|session| json!(session));
        let ended = message.data["sessions"].as_array();
        // without a list every session of the person was ended
        let meant = ended.is_none_or(|ended| own.is_some_and(|own| ended.contains(&own)));
        return Some(if meant { Woken::Close("revoked") } else { Woken::Look });
    }
    Some(Woken::Look)
}
