//! Tasks that cannot die unseen.
//!
//! INVARIANT: no code of the server starts a task but through this file, `jobs.rs` and the database's writer
//! (`tests/it/tasks.rs`): a panic is logged, counted (`deaths`) and told to whoever waits for the task.
//!
//! Three forms: `Jobs::spawn` for work that ends by itself, `Jobs::supervise` for work that must not end before the
//! process does, and `caught` inside a task that has something to say to others when a part of it dies.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::clock::{minutes, seconds};

/// The first pause before a task that died begins again; each further death doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = seconds(30);
/// A task that lived this long is begun again as if it had never died.
const STEADY: Duration = minutes(1);

static DEATHS: AtomicU64 = AtomicU64::new(0);

/// How many tasks of this process have panicked.
pub fn deaths() -> u64 {
    DEATHS.load(Ordering::Relaxed)
}

/// The task panicked (the log says where) or the process is ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task {0} died")]
pub struct Died(pub &'static str);

/// Runs `work` to its end on the caller's task; a panic in it is logged, counted and returned.
///
/// ```ignore
/// if caught("agents.run", run.go()).await.is_err() {
///     tell_readers_that_it_ended();
/// }
/// ```
pub async fn caught<T>(name: &'static str, work: impl Future<Output = T>) -> Result<T, Died> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|cause| {
        DEATHS.fetch_add(1, Ordering::Relaxed);
        tracing::error!(task = name, cause = text_of(&*cause), "a task panicked");
        Died(name)
    })
}

fn text_of(cause: &(dyn Any + Send)) -> &str {
    let text = cause.downcast_ref::<&'static str>().copied();
    text.or_else(|| cause.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}

/// The pauses between the lives of a task.
pub(super) struct Backoff(Duration);

impl Backoff {
    pub fn new() -> Self {
        Self(FIRST_PAUSE)
    }

    /// How long to wait after a life of this length.
    pub fn pause_after(&mut self, lived: Duration) -> Duration {
        if lived >= STEADY {
            self.0 = FIRST_PAUSE;
        }
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST_PAUSE);
        pause
    }
}

/// Runs `begin` again and again until a life of it ends without a panic, or `shutdown`.
pub(in crate::kernel) async fn restarted<F, Fut>(name: &'static str, shutdown: &CancellationToken, begin: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = ()>,
{
    let mut backoff = Backoff::new();
    loop {
        let began = tokio::time::Instant::now();
        // `begin` itself may panic too
        if caught(name, async { begin().await }).await.is_ok() {
            return;
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(backoff.pause_after(began.elapsed())) => {}
        }
    }
}

/// A task that runs on, watched or not: dropping this does not end it.
#[must_use = "await it, or say that nobody does: `.unwatched()`"]
pub struct Running<T> {
    pub(super) name: &'static str,
    pub(super) task: tokio::task::JoinHandle<Result<T, Died>>,
}

impl<T> Running<T> {
    /// Nobody waits for its end: a panic in it is logged and counted all the same.
    pub fn unwatched(self) {}
}

impl<T> Future for Running<T> {
    type Output = Result<T, Died>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let name = self.name;
        Pin::new(&mut self.task).poll(context).map(|ended| ended.unwrap_or(Err(Died(name))))
    }
}
