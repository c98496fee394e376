//! Connections and transactions over either engine.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::delay;
use super::error::Error;
use super::writer::Write;

/// What the statement macros match on.
pub enum Engine<'a> {
    Sqlite(&'a mut SqliteConnection),
    Pg(&'a mut PgConnection),
}

/// A connection: a store function takes `&mut Conn` and works inside a transaction or outside of one.
pub struct Conn(Inner);

enum Inner {
    Sqlite(PoolConnection<Sqlite>),
    SqliteWrite(Write),
    Pg(PoolConnection<Postgres>),
    PgTx(Transaction<'static, Postgres>),
}

impl Conn {
    pub(super) fn sqlite(conn: PoolConnection<Sqlite>) -> Self {
        Self(Inner::Sqlite(conn))
    }

    pub(super) fn pg(conn: PoolConnection<Postgres>) -> Self {
        Self(Inner::Pg(conn))
    }

    pub fn engine(&mut self) -> Engine<'_> {
        match &mut self.0 {
            Inner::Sqlite(conn) => Engine::Sqlite(conn),
            Inner::SqliteWrite(write) => Engine::Sqlite(write.conn()),
            Inner::Pg(conn) => Engine::Pg(conn),
            Inner::PgTx(tx) => Engine::Pg(tx),
        }
    }
}

/// A transaction; derefs to `Conn`.
///
/// It ends in one of three ways, and each waits until what the transaction *read* is durable too:
/// * `tx.commit().await?` keeps its changes;
/// * `return tx.refuse(Error::AlreadyUsed).await` takes them back and gives the error;
/// * `tx.end(outcome).await` does one or the other, for work that may fail in several places.
///
/// Dropped by a `?` it leaves nothing; then the request's answer waits (`seen.rs`).
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Tx(Conn);

impl Tx {
    pub(super) fn sqlite(write: Write) -> Self {
        Self(Conn(Inner::SqliteWrite(write)))
    }

    pub(super) fn pg(tx: Transaction<'static, Postgres>) -> Self {
        Self(Conn(Inner::PgTx(tx)))
    }

    /// Returns when the changes, and all that was read, are durable.
    pub async fn commit(self) -> Result<(), Error> {
        match self.0.0 {
            Inner::SqliteWrite(write) => write.commit().await,
            Inner::PgTx(tx) => {
                delay::commit().await;
                Ok(tx.commit().await?)
            }
            // a `Tx` is built from the two above only
            Inner::Sqlite(_) | Inner::Pg(_) => Ok(()),
        }
    }

    /// Takes the changes back; returns when all that was read is durable: the answer may rest on it.
    pub async fn discard(self) -> Result<(), Error> {
        match self.0.0 {
            Inner::SqliteWrite(write) => write.discard().await,
            // what one transaction of PostgreSQL sees of another is durable
            Inner::PgTx(tx) => Ok(tx.rollback().await?),
            Inner::Sqlite(_) | Inner::Pg(_) => Ok(()),
        }
    }

    /// Takes the changes back and answers `why`, when what that rests on is durable.
    pub async fn refuse<T, E: From<Error>>(self, why: E) -> Result<T, E> {
        self.discard().await?;
        Err(why)
    }

    /// `Ok`: commits. `Err`: takes the changes back. Either is answered when what it rests on is durable.
    pub async fn end<T, E: From<Error>>(self, outcome: Result<T, E>) -> Result<T, E> {
        match outcome {
            Ok(value) => {
                self.commit().await?;
                Ok(value)
            }
            Err(why) => self.refuse(why).await,
        }
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}
