//! A slow committer, for tests: it makes the time wide in which a writer sees what is not durable yet.
//!
//! INVARIANT: a release build has none of it.

#[cfg(debug_assertions)]
mod on {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    static MILLIS: AtomicU64 = AtomicU64::new(0);

    static TURNS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

    /// While it lives, commits are slow. One test at a time has it.
    #[must_use]
    pub struct SlowCommits {
        _turn: tokio::sync::MutexGuard<'static, ()>,
    }

    /// Every commit of this process waits this long before it is made.
    pub async fn slow_commits(by: Duration) -> SlowCommits {
        let turn = TURNS.lock().await;
        set(by);
        SlowCommits { _turn: turn }
    }

    impl Drop for SlowCommits {
        fn drop(&mut self) {
            set(Duration::ZERO);
        }
    }

    fn set(by: Duration) {
        MILLIS.store(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    pub(in crate::kernel::db) async fn commit() {
        let millis = MILLIS.load(Ordering::Relaxed);
        if millis > 0 {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
    }

    /// For the real binary: `MANDATE_TEST_COMMIT_DELAY_MS`.
    pub(in crate::kernel::db) fn from_environment() {
        let asked = std::env::var("MANDATE_TEST_COMMIT_DELAY_MS").ok().and_then(|text| text.parse().ok());
        if let Some(millis) = asked {
            set(Duration::from_millis(millis));
        }
    }
}

#[cfg(not(debug_assertions))]
mod on {
    pub(in crate::kernel::db) async fn commit() {}
    pub(in crate::kernel::db) fn from_environment() {}
}

pub(super) use on::{commit, from_environment};

#[cfg(debug_assertions)]
pub use on::{SlowCommits, slow_commits};
