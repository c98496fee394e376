//! Writing notices, waking their readers, forgetting old ones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::model::{Config, Kind};
use super::store;
use crate::kernel::{Kernel, Message, Tx, UserId, days, db, hours};

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

    /// Tells `user` in the caller's transaction. Write it last: it holds the person's counter until the commit.
    /// `data` is shown to the person and must hold no secret.
    pub async fn append(&self, tx: &mut Tx, user: UserId, kind: Kind, data: &Value) -> Result<(), db::Error> {
        store::append(tx, user, kind.name(), data, self.0.kernel.clock.now()).await
    }

    /// Call after the commit: open streams read at once instead of within seconds.
    pub fn wake(&self, user: UserId) {
        self.0.kernel.bus.publish(Message {
            topic: "notices.appended",
            user: Some(user.0),
            data: Value::Null,
        });
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
