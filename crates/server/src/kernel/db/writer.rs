//! SQLite's single writer with group commit.
//!
//! Every write transaction is a savepoint inside one outer transaction. Whoever finishes releases its savepoint and
//! waits; the committer queues for the connection behind those already waiting (the lock is fair), commits once, and
//! answers all of them. One fsync thus serves as many callers as were in line, and `synchronous = FULL` stays.
//!
//! INVARIANT: `commit` returns `Ok` only after the outer COMMIT that holds its savepoint succeeded.
//! INVARIANT: a dropped or failed transaction is rolled back to its savepoint before anybody else's statement runs.
//! INVARIANT: a write transaction sees the released savepoints of others before they are durable, so that its end
//! waits for them too: `commit` and `discard` themselves, a drop by way of the answer that rests on it (`seen.rs`).
//! INVARIANT: no error leaves the writer useless: what cannot be undone is left with its connection, and a new one is
//! opened (`begin_outer`).

use std::sync::{Arc, Weak};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, SqliteConnection};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, oneshot};
use tokio_util::sync::CancellationToken;

use super::delay;
use super::error::Error;
use super::seen::{self, Outcome, Seen};
use crate::kernel::supervise::restarted;

#[derive(Clone)]
pub struct Writer {
    state: Arc<Mutex<State>>,
    wake: Arc<Notify>,
}

struct State {
    /// `None` after `close`.
    conn: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    /// The outer transaction has begun.
    open: bool,
    /// The outer transaction holds released savepoints: what is seen of them is not durable yet.
    pending: bool,
    /// A savepoint is in use, or was left behind by a dropped transaction.
    dirty: bool,
    waiting: Vec<oneshot::Sender<Result<(), String>>>,
}

/// A write transaction in progress: holds the connection.
pub struct Write {
    guard: Option<OwnedMutexGuard<State>>,
    wake: Arc<Notify>,
}

fn closed() -> Error {
    Error::Unavailable("the database is closed".into())
}

/// Another process writes (a command line beside the server): a new connection would wait as long.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

impl State {
    async fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        let conn = self.conn.as_mut().ok_or_else(closed)?;
        conn.execute(sql).await?;
        Ok(())
    }

    /// Undoes what a dropped transaction left. When even that fails, SQLite has rolled the outer transaction back
    /// (a full disk, for instance): everybody in it is told so.
    async fn clean(&mut self) {
        if !self.dirty {
            return;
        }
        self.dirty = false;
        if self.run("ROLLBACK TO m").await.is_err() || self.run("RELEASE m").await.is_err() {
            self.abandon("the transaction was rolled back by the database").await;
        }
    }

    async fn abandon(&mut self, why: &str) {
        let _ = self.run("ROLLBACK").await;
        self.open = false;
        self.tell(&Err(why.to_owned()));
    }

    fn tell(&mut self, outcome: &Result<(), String>) {
        self.pending = false;
        for waiter in self.waiting.drain(..) {
            let _ = waiter.send(outcome.clone());
        }
    }

    /// Told when the outer transaction has ended.
    fn outcome(&mut self) -> Outcome {
        let (sender, receiver) = oneshot::channel();
        self.waiting.push(sender);
        receiver
    }

    async fn prepare(&mut self) -> Result<(), Error> {
        self.clean().await;
        if !self.open {
            self.begin_outer().await?;
            self.open = true;
        }
        self.run("SAVEPOINT m").await?;
        self.dirty = true;
        Ok(())
    }

    /// A connection that cannot begin (a transaction that it failed to end, a file that went away under it) is put
    /// aside for a new one. The database itself says whether that is of use.
    async fn begin_outer(&mut self) -> Result<(), Error> {
        let conn = self.conn.as_mut().ok_or_else(closed)?;
        let Err(error) = conn.execute("BEGIN IMMEDIATE").await else { return Ok(()) };
        if is_busy(&error) {
            return Err(error.into());
        }
        tracing::warn!(%error, "the writing connection is opened anew");
        let fresh = self.options.connect().await?;
        if let Some(old) = self.conn.replace(fresh) {
            let _ = old.close().await;
        }
        self.run("BEGIN IMMEDIATE").await
    }

    async fn finish(&mut self) {
        self.clean().await;
        if !self.open {
            return;
        }
        match self.run("COMMIT").await {
            Ok(()) => {
                self.open = false;
                self.tell(&Ok(()));
            }
            Err(error) => {
                let why = error.to_string();
                self.abandon(&why).await;
            }
        }
    }
}

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let conn = options.connect().await?;
        let state = State {
            conn: Some(conn),
            options,
            open: false,
            pending: false,
            dirty: false,
            waiting: Vec::new(),
        };
        let writer = Self { state: Arc::new(Mutex::new(state)), wake: Arc::new(Notify::new()) };
        let (state, wake) = (Arc::downgrade(&writer.state), Arc::clone(&writer.wake));
        let commit = move || {
            let (state, wake) = (Weak::clone(&state), Arc::clone(&wake));
            async move {
                loop {
                    wake.notified().await;
                    delay::commit().await;
                    let Some(state) = state.upgrade() else { return };
                    state.lock().await.finish().await;
                }
            }
        };
        tokio::spawn(async move { restarted("db.committer", &CancellationToken::new(), commit).await });
        Ok(writer)
    }

    /// Runs on a task of its own, so that a caller that goes away between two statements leaves no half state.
    pub(super) async fn begin(&self) -> Result<Write, Error> {
        let (state, wake) = (Arc::clone(&self.state), Arc::clone(&self.wake));
        tokio::spawn(async move {
            let mut guard = state.lock_owned().await;
            let prepared = guard.prepare().await;
            let write = Write { guard: Some(guard), wake };
            prepared.map(|()| write)
        })
        .await
        .map_err(|_| closed())?
    }

    pub(super) async fn close(&self) {
        let mut state = self.state.lock().await;
        state.finish().await;
        if let Some(conn) = state.conn.take() {
            let _ = conn.close().await;
        }
    }
}

impl Write {
    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        // `guard` is taken by `commit`, `discard` and `drop` alone, and `conn` is there while a guard made by `begin`
        // lives: `close` takes it under the same lock.
        #[allow(clippy::expect_used)]
        self.guard
            .as_mut()
            .and_then(|state| state.conn.as_mut())
            .expect("a write transaction holds its connection")
    }

    /// Keeps the changes; returns when they, and all that was seen, are durable.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        let Some(mut guard) = self.guard.take() else { return Err(closed()) };
        let wake = Arc::clone(&self.wake);
        let done = tokio::spawn(async move {
            if let Err(error) = guard.run("RELEASE m").await {
                guard.clean().await;
                wake.notify_one();
                return Err(error);
            }
            guard.dirty = false;
            guard.pending = true;
            let outcome = guard.outcome();
            drop(guard);
            wake.notify_one();
            seen::wait(outcome).await
        });
        done.await.map_err(|_| closed())?
    }

    /// Takes the changes back; returns when all that was seen is durable.
    pub(super) async fn discard(mut self) -> Result<(), Error> {
        let Some(mut guard) = self.guard.take() else { return Err(closed()) };
        let wake = Arc::clone(&self.wake);
        let done = tokio::spawn(async move {
            let before = guard.pending.then(|| guard.outcome());
            guard.clean().await;
            drop(guard);
            wake.notify_one();
            match before {
                Some(outcome) => seen::wait(outcome).await,
                None => Ok(()),
            }
        });
        done.await.map_err(|_| closed())?
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            if guard.pending
                && let Some(seen) = Seen::of_this_task()
            {
                seen.note(guard.outcome());
            }
            drop(guard);
            // The committer rolls back and ends the outer transaction, if nobody does before it.
            self.wake.notify_one();
        }
    }
}
