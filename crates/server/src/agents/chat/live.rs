//! The runs and readers of this node, so that they can be told to stop. Holds no truth: all of it is in the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::model::{End, RunEvent};
use crate::agents::model::RunId;
use crate::kernel::{AgentId, At, SessionId, UserId};

/// How many events a slow reader may be behind before it reads them from the database instead.
const BEHIND: usize = 64;

/// A run that this node is making.
pub struct Live {
    pub(super) id: RunId,
    pub(super) user: UserId,
    pub(super) session: Option<SessionId>,
    pub(super) agent: AgentId,
    /// The agent may trade: the kill switch ends it.
    pub(super) can_act: bool,
    pub(super) created_at: At,
    events: broadcast::Sender<Arc<RunEvent>>,
    /// Cancelled when `why` is set.
    stop: CancellationToken,
    why: Mutex<Option<End>>,
}

/// Who a run is for, and what it may do.
pub(super) struct Whose {
    pub id: RunId,
    pub user: UserId,
    pub session: Option<SessionId>,
    pub agent: AgentId,
    pub can_act: bool,
    pub created_at: At,
}

impl Live {
    /// Asks the run to end; the first reason counts.
    pub(super) fn stop(&self, why: End) {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.stop.cancel();
    }

    /// Returns when the run was asked to end.
    pub(super) async fn stopped(&self) -> End {
        self.stop.cancelled().await;
        self.why().unwrap_or(End::Cancelled)
    }

    pub(super) fn why(&self) -> Option<End> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn show(&self, event: Arc<RunEvent>) {
        // nobody may be reading
        drop(self.events.send(event));
    }

    pub(super) fn read(&self) -> broadcast::Receiver<Arc<RunEvent>> {
        self.events.subscribe()
    }
}

#[derive(Clone, Default)]
pub struct Runs(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    runs: HashMap<RunId, Arc<Live>>,
    readers: HashMap<SessionId, Weak<CancellationToken>>,
}

impl Runs {
    pub(super) fn add(&self, whose: Whose) -> Arc<Live> {
        let live = Arc::new(Live {
            id: whose.id,
            user: whose.user,
            session: whose.session,
            agent: whose.agent,
            can_act: whose.can_act,
            created_at: whose.created_at,
            events: broadcast::channel(BEHIND).0,
            stop: CancellationToken::new(),
            why: Mutex::new(None),
        });
        self.lock().runs.insert(live.id, Arc::clone(&live));
        live
    }

    pub(super) fn remove(&self, id: RunId) {
        self.lock().runs.remove(&id);
    }

    pub(super) fn get(&self, id: RunId) -> Option<Arc<Live>> {
        self.lock().runs.get(&id).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Live>> {
        self.lock().runs.values().cloned().collect()
    }

    /// Cancelled when the session is revoked; kept while somebody reads with it.
    pub(super) fn reader(&self, session: SessionId) -> Arc<CancellationToken> {
        let mut inner = self.lock();
        if let Some(token) = inner.readers.get(&session).and_then(Weak::upgrade) {
            return token;
        }
        if inner.readers.len() > 1_000 {
            inner.readers.retain(|_, token| token.strong_count() > 0);
        }
        let token = Arc::new(CancellationToken::new());
        inner.readers.insert(session, Arc::downgrade(&token));
        token
    }

    /// Ends what a revoked session reads and, where it can act, what it started.
    pub(super) fn end_session(&self, session: SessionId) {
        if let Some(token) = self.lock().readers.remove(&session).and_then(|token| token.upgrade()) {
            token.cancel();
        }
        for live in self.all() {
            if live.session == Some(session) && live.can_act {
                live.stop(End::session_ended());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
