//! What an answer rests on: the safety net under transactions that are dropped.
//!
//! On SQLite a write transaction sees the work of others whose commit is still under way (`writer.rs`). A crash may
//! take that work back; nobody may have been told of it before. A transaction that ends by `commit`, `refuse` or `end`
//! waits for what it saw. One that is dropped, by a `?` for instance, cannot wait; it notes here that somebody must.
//!
//! INVARIANT: an HTTP answer leaves only after everything that the transactions of its request saw is durable
//! (`http.rs` calls `resting`); tasks that a request starts note into the same list (`kernel/jobs.rs`).

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::error::Error;

/// Told when the commit in question has ended, and how.
pub(super) type Outcome = oneshot::Receiver<Result<(), String>>;

tokio::task_local! {
    static SEEN: Seen;
}

/// Commits that an answer in the making has to wait for; `None` once it was given.
#[derive(Clone)]
pub struct Seen(Arc<Mutex<Option<Vec<Outcome>>>>);

/// Runs `work`, then waits until all is durable that its dropped transactions saw. An error: some of that was never
/// written, and what `work` came to must not be told.
pub async fn resting<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    let seen = Seen(Arc::new(Mutex::new(Some(Vec::new()))));
    let done = SEEN.scope(seen.clone(), work).await;
    let open = seen.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    for outcome in open.into_iter().flatten() {
        wait(outcome).await?;
    }
    Ok(done)
}

pub(super) async fn wait(outcome: Outcome) -> Result<(), Error> {
    match outcome.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(why)) => Err(Error::Unavailable(why)),
        Err(_) => Err(Error::Unavailable("the database is closed".into())),
    }
}

impl Seen {
    /// The list of the request that this code runs for.
    pub(in crate::kernel) fn of_this_task() -> Option<Self> {
        SEEN.try_with(Clone::clone).ok()
    }

    /// Lets a task of its own note into the list of the request that starts it.
    pub(in crate::kernel) async fn scope<T>(seen: Option<Self>, task: impl Future<Output = T>) -> T {
        match seen {
            Some(seen) => SEEN.scope(seen, task).await,
            None => task.await,
        }
    }

    pub(super) fn note(&self, outcome: Outcome) {
        if let Some(open) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            open.push(outcome);
        }
    }
}
