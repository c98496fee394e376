//! Opening and migrating the database.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::error;
use super::{Db, delay, writer::Writer};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Which database to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file; made when missing.
    Sqlite(PathBuf),
    /// `postgres://…`; the database must exist. The URL may hold a password and is never printed.
    Pg(String),
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the database was written by a newer version of mandate (migration {found}, this binary knows up to {known}); \
         start that version, or restore a backup made before the upgrade"
    )]
    Newer { found: i64, known: i64 },
    #[error("the database's migration {0} differs from the one in this binary; use the binary that made it")]
    Modified(i64),
    #[error("cannot open the database: {0}")]
    Open(sqlx::Error),
    #[error("cannot migrate the database: {0}")]
    Migrate(MigrateError),
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(found) | MigrateError::VersionTooNew(found, _) => {
                let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
                Self::Newer { found, known }
            }
            MigrateError::VersionMismatch(version) => Self::Modified(version),
            other => Self::Migrate(other),
        }
    }
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Open(error)
    }
}

impl Db {
    /// Opens, migrates to this binary's version, and returns pools that are ready for use.
    pub async fn open(target: &Target, connections: u32) -> Result<Self, OpenError> {
        match target {
            Target::Sqlite(path) => open_sqlite(path, connections).await,
            Target::Pg(url) => open_pg(url, connections).await,
        }
    }
}

async fn open_sqlite(path: &std::path::Path, connections: u32) -> Result<Db, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // what is overwritten or deleted is gone from its page, as the vault promises of a destroyed key
        .pragma("secure_delete", "FAST")
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(512)
        .disable_statement_logging();
    delay::from_environment();
    let mut first = options.connect().await?;
    MIGRATIONS.run(&mut first).await?;
    first.close().await?;
    let write = Writer::open(options.clone().create_if_missing(false)).await?;
    let read = SqlitePoolOptions::new()
        .max_connections(connections.clamp(1, 8))
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options.create_if_missing(false).pragma("query_only", "ON"))
        .await?;
    Ok(Db::Sqlite { read, write })
}

async fn open_pg(url: &str, connections: u32) -> Result<Db, OpenError> {
    delay::from_environment();
    let options = PgConnectOptions::from_str(url)?
        .application_name("mandate")
        .statement_cache_capacity(512)
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        // a session that cannot write any more is not given out again
        .before_acquire(|_, session| Box::pin(async move { Ok(error::is_sound(session.age)) }))
        .connect_with(options)
        .await?;
    MIGRATIONS.run(&pool).await?;
    Ok(Db::Pg(pool))
}
