//! Background work that runs once per cluster.
//!
//! A job runs every `period`, or at once when woken, while this node holds its lease. The lease is a row that is
//! taken by conditional update and ends by itself, so that a crashed node's jobs move on.
//!
//! INVARIANT: a job may run twice when a lease ends under a slow run: jobs are written so that this is harmless.
//! INVARIANT: nothing a job does ends it: an error is logged, a panic is logged and counted, and it runs again
//! (`supervise.rs`).

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::clock::{SharedClock, seconds};
use super::db::{self, Db, Seen};
use super::supervise::{self, Backoff, Running};

/// How long a lease lasts beyond the job's period.
const LEASE: Duration = seconds(10);
/// How long `stop` waits for what still runs.
const PATIENCE: Duration = seconds(10);

#[derive(Clone)]
pub struct Jobs {
    db: Db,
    clock: SharedClock,
    node: Uuid,
    shutdown: CancellationToken,
    wakers: Arc<Mutex<HashMap<&'static str, Arc<Notify>>>>,
    tasks: TaskTracker,
}

impl Jobs {
    pub fn new(db: Db, clock: SharedClock, node: Uuid, shutdown: CancellationToken) -> Self {
        Self { db, clock, node, shutdown, wakers: Arc::default(), tasks: TaskTracker::new() }
    }

    /// Runs `work` every `period` while this node holds the lease. An error is logged and the job goes on; so is a
    /// panic, after a pause that grows while it goes on panicking.
    pub fn every<F, Fut, E>(&self, name: &'static str, period: Duration, work: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send,
        E: std::fmt::Display + Send,
    {
        let jobs = self.clone();
        let waker = self.waker(name);
        self.start(async move {
            let mut backoff = Backoff::new();
            let mut pause = period;
            loop {
                tokio::select! {
                    () = jobs.shutdown.cancelled() => return jobs.give_up(name).await,
                    () = tokio::time::sleep(pause) => {}
                    () = waker.notified() => {}
                }
                let began = tokio::time::Instant::now();
                pause = if supervise::caught(name, jobs.once(name, period, &work)).await.is_ok() {
                    backoff = Backoff::new();
                    period
                } else {
                    period.max(backoff.pause_after(began.elapsed()))
                };
            }
        });
    }

    async fn once<F, Fut, E>(&self, name: &'static str, period: Duration, work: &F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send,
        E: std::fmt::Display + Send,
    {
        match self.lease(name, period).await {
            Ok(true) => {
                if let Err(error) = work().await {
                    tracing::warn!(job = name, %error, "job failed; it will run again");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(job = name, %error, "no lease: database not available"),
        }
    }

    /// Runs a task on its own until it ends by itself, whether or not anybody awaits what this returns; `stop` waits
    /// for it, so a long one must watch the kernel's `shutdown`. A panic is logged, counted, and told to whoever
    /// awaits: `Err(Died)`.
    pub fn spawn<T: Send + 'static>(
        &self,
        name: &'static str,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Running<T> {
        let seen = Seen::of_this_task();
        Running { name, task: self.start(Seen::scope(seen, supervise::caught(name, task))) }
    }

    /// Keeps a task going for as long as the process: it is begun again after a panic, with growing pauses. It ends
    /// when a life of it returns, or at `shutdown`, which each life must watch.
    pub fn supervise<F, Fut>(&self, name: &'static str, begin: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        let shutdown = self.shutdown.clone();
        self.start(async move { supervise::restarted(name, &shutdown, begin).await });
    }

    /// The one place where tasks begin: what comes here has caught its panics.
    fn start<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.tasks.spawn(task)
    }

    /// Lets a job run at once.
    pub fn wake(&self, name: &'static str) {
        self.waker(name).notify_one();
    }

    /// Waits for running jobs to end, within reason; call after `shutdown` was cancelled.
    pub async fn stop(&self) {
        self.tasks.close();
        if tokio::time::timeout(PATIENCE, self.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "some tasks did not end in time and were left");
        }
    }

    fn waker(&self, name: &'static str) -> Arc<Notify> {
        let mut wakers = self.wakers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(wakers.entry(name).or_default())
    }

    async fn lease(&self, name: &'static str, period: Duration) -> Result<bool, db::Error> {
        // An embedded database has one server: the data directory's lock says so. No lease is needed.
        if matches!(self.db, Db::Sqlite { .. }) {
            return Ok(true);
        }
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let changed = crate::execute!(
            tx,
            "INSERT INTO leases (name, node, until) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET node = excluded.node, until = excluded.until \
             WHERE leases.node = excluded.node OR leases.until < $4",
            name,
            self.node,
            now.plus(period + LEASE),
            now
        )?;
        tx.commit().await?;
        Ok(changed == 1)
    }

    async fn give_up(&self, name: &'static str) {
        if matches!(self.db, Db::Sqlite { .. }) {
            return;
        }
        if let Ok(mut tx) = self.db.begin().await {
            let gone =
                crate::execute!(tx, "DELETE FROM leases WHERE name = $1 AND node = $2", name, self.node);
            if gone.is_ok() {
                let _ = tx.commit().await;
            }
        }
    }
}
