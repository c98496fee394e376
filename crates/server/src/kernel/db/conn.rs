//! Connections and transactions over either engine.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

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

/// A transaction; derefs to `Conn`. Dropped without `commit`, it is rolled back.
pub struct Tx(Conn);

impl Tx {
    pub(super) fn sqlite(write: Write) -> Self {
        Self(Conn(Inner::SqliteWrite(write)))
    }

    pub(super) fn pg(tx: Transaction<'static, Postgres>) -> Self {
        Self(Conn(Inner::PgTx(tx)))
    }

    /// Returns when the changes are durable.
    pub async fn commit(self) -> Result<(), Error> {
        match self.0.0 {
            Inner::SqliteWrite(write) => write.commit().await,
            Inner::PgTx(tx) => Ok(tx.commit().await?),
            // a `Tx` is built from the two above only
            Inner::Sqlite(_) | Inner::Pg(_) => Ok(()),
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
