//! Writing notices, waking their readers, forgetting old ones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::model::{Config, kind_of};
use super::store;
use crate::audit::Hook;
use crate::kernel::{Kernel, UserId, days, db, hours};

/// Rows deleted in one transaction, so that no writer waits long.
const CHUNK: i64 = 1_000;

#[derive(Clone)]
pub struct Notices(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub kernel: Kernel,
    pub config: Config,
    open: Mutex<HashMap<UserId, usize>>,
}

impl Notices {
    pub fn new(kernel: Kernel, config: Config) -> Self {
        Self(Arc::new(Inner { kernel, config, open: Mutex::default() }))
    }

    /// Starts the job that forgets old notices.
    pub fn start(&self) {
        let pruning = self.clone();
        self.0.kernel.jobs.every("notices.prune", hours(1), move || {
            let notices = pruning.clone();
            async move { notices.prune().await }
        });
    }

    /// What turns audit rows into notices, in their transaction. The details of an audit row hold no secret and are
    /// the person's own to read.
    pub fn hook(&self) -> Hook {
        let clock = self.0.kernel.clock.clone();
        Box::new(move |tx, recorded| {
            let at = clock.now();
            Box::pin(async move {
                let Some(kind) = kind_of(recorded.event) else { return Ok(()) };
                let data = json!({
                    "event": recorded.event,
                    "resource": recorded.resource,
                    "outcome": recorded.outcome,
                    "reason": recorded.reason,
                    "details": recorded.details,
                });
                store::append(tx, recorded.user, kind, &data, at).await
            })
        })
    }

    async fn prune(&self) -> Result<(), db::Error> {
        let before = self.0.kernel.clock.now().minus(days(self.0.config.keep_days));
        loop {
            let mut tx = self.0.kernel.db.begin().await?;
            let gone = store::prune(&mut tx, before, CHUNK).await?;
            tx.commit().await?;
            if gone < CHUNK as u64 {
                return Ok(());
            }
        }
    }

    /// Counts a stream in; `None` when the person holds too many.
    pub(super) fn enter(&self, user: UserId) -> Option<Seat> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user).or_default();
        if *count >= self.0.config.streams_per_user {
            return None;
        }
        *count += 1;
        Some(Seat { notices: self.clone(), user })
    }
}

/// One open stream; dropping it counts it out.
pub(super) struct Seat {
    notices: Notices,
    user: UserId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.notices.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}
