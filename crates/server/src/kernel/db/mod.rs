//! One database type for SQLite and PostgreSQL, one SQL text for both.
//!
//! INVARIANT: a `Tx` that was committed is durable when `commit` returns (SQLite: WAL with synchronous FULL;
//! PostgreSQL: its own `synchronous_commit`); a `Tx` that is dropped leaves nothing (`writer.rs`).
//! INVARIANT: an answer that rests on what a `Tx` read is given after that is durable: a `Tx` ends by `commit`,
//! `refuse` or `end`, which wait (`tests/it/transactions.rs`); under one that is dropped lies a net (`seen.rs`).
//! INVARIANT: statements are written once, in the dialect both engines share (`$1`, `RETURNING`, `ON CONFLICT`).

mod conn;
mod delay;
mod error;
mod inspect;
mod open;
mod seen;
#[cfg(test)]
mod tests;
mod writer;

pub use conn::{Conn, Engine, Tx};
#[cfg(debug_assertions)]
pub use delay::{SlowCommits, slow_commits};
pub use error::Error;
pub use inspect::{Inspection, inspect};
pub use open::{OpenError, Target};
pub use seen::{Seen, resting};

use sqlx::{PgPool, SqlitePool};

/// The open database. Cheap to clone.
#[derive(Clone)]
pub enum Db {
    Sqlite { read: SqlitePool, write: writer::Writer },
    Pg(PgPool),
}

impl Db {
    /// A connection for reading. On SQLite it cannot write.
    pub async fn read(&self) -> Result<Conn, Error> {
        Ok(match self {
            Self::Sqlite { read, .. } => Conn::sqlite(read.acquire().await?),
            Self::Pg(pool) => Conn::pg(pool.acquire().await?),
        })
    }

    /// A transaction that may write. End it by `commit`, `refuse` or `end`: they wait for what it read.
    pub async fn begin(&self) -> Result<Tx, Error> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::sqlite(write.begin().await?),
            Self::Pg(pool) => Tx::pg(pool.begin().await?),
        })
    }

    pub fn engine_name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Pg(_) => "postgresql",
        }
    }

    /// Waits for running work and closes; later calls fail.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Pg(pool) => pool.close().await,
        }
    }
}

/// `fetch_optional!(conn, Row, "SELECT …", binds…) -> Result<Option<Row>, db::Error>`
#[macro_export]
macro_rules! fetch_optional {
    ($conn:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $conn.engine() {
            $crate::kernel::db::Engine::Sqlite(c) => sqlx::query_as::<sqlx::Sqlite, $row>($sql) $(.bind($bind))* .fetch_optional(c).await,
            $crate::kernel::db::Engine::Pg(c) => sqlx::query_as::<sqlx::Postgres, $row>($sql) $(.bind($bind))* .fetch_optional(c).await,
        }
        .map_err($crate::kernel::db::Error::from)
    };
}

/// `fetch_one!(conn, Row, "…", binds…) -> Result<Row, db::Error>`; no row is `Error::NotFound`.
#[macro_export]
macro_rules! fetch_one {
    ($conn:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $conn.engine() {
            $crate::kernel::db::Engine::Sqlite(c) => sqlx::query_as::<sqlx::Sqlite, $row>($sql) $(.bind($bind))* .fetch_one(c).await,
            $crate::kernel::db::Engine::Pg(c) => sqlx::query_as::<sqlx::Postgres, $row>($sql) $(.bind($bind))* .fetch_one(c).await,
        }
        .map_err($crate::kernel::db::Error::from)
    };
}

/// `fetch_all!(conn, Row, "…", binds…) -> Result<Vec<Row>, db::Error>`
#[macro_export]
macro_rules! fetch_all {
    ($conn:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $conn.engine() {
            $crate::kernel::db::Engine::Sqlite(c) => sqlx::query_as::<sqlx::Sqlite, $row>($sql) $(.bind($bind))* .fetch_all(c).await,
            $crate::kernel::db::Engine::Pg(c) => sqlx::query_as::<sqlx::Postgres, $row>($sql) $(.bind($bind))* .fetch_all(c).await,
        }
        .map_err($crate::kernel::db::Error::from)
    };
}

/// `execute!(conn, "…", binds…) -> Result<u64, db::Error>`: the number of rows that changed.
#[macro_export]
macro_rules! execute {
    ($conn:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $conn.engine() {
            $crate::kernel::db::Engine::Sqlite(c) => sqlx::query::<sqlx::Sqlite>($sql) $(.bind($bind))* .execute(c).await.map(|r| r.rows_affected()),
            $crate::kernel::db::Engine::Pg(c) => sqlx::query::<sqlx::Postgres>($sql) $(.bind($bind))* .execute(c).await.map(|r| r.rows_affected()),
        }
        .map_err($crate::kernel::db::Error::from)
    };
}
