//! Looking at a database without changing it: what `mandate doctor` asks.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};

use super::open::{MIGRATIONS, Target};

const PATIENCE: Duration = Duration::from_secs(5);
const NEWEST: &str = "SELECT MAX(version) FROM _sqlx_migrations";

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The engine and its own version.
    pub engine: String,
    /// The newest migration in the database; `None` when it is empty.
    pub migration: Option<i64>,
    /// The newest migration in this binary.
    pub known: i64,
    /// The database server's clock, microseconds since the epoch; `None` where it shares ours.
    pub server_clock: Option<i64>,
    /// SQLite's own check of the file: `ok`, or what is broken.
    pub integrity: String,
}

/// Connects, reads, leaves. `Ok(None)`: there is no file yet.
pub async fn inspect(target: &Target) -> Result<Option<Inspection>, sqlx::Error> {
    let look = async {
        match target {
            Target::Sqlite(path) if !path.exists() => Ok(None),
            Target::Sqlite(path) => inspect_sqlite(path).await.map(Some),
            Target::Pg(url) => inspect_pg(url).await.map(Some),
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

fn known() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

async fn inspect_sqlite(path: &Path) -> Result<Inspection, sqlx::Error> {
    let options =
        SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).pragma("query_only", "ON");
    let mut conn: SqliteConnection = options.disable_statement_logging().connect().await?;
    let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(&mut conn).await?;
    let tables = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    let (tables,): (i64,) = sqlx::query_as(tables).fetch_one(&mut conn).await?;
    let migration = match tables {
        0 => None,
        _ => sqlx::query_as::<_, (Option<i64>,)>(NEWEST).fetch_one(&mut conn).await?.0,
    };
    let (integrity,): (String,) = sqlx::query_as("PRAGMA quick_check(1)").fetch_one(&mut conn).await?;
    conn.close().await?;
    Ok(Inspection {
        engine: format!("SQLite {version}"),
        migration,
        known: known(),
        server_clock: None,
        integrity,
    })
}

async fn inspect_pg(url: &str) -> Result<Inspection, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("mandate doctor");
    let mut conn: PgConnection = options.disable_statement_logging().connect().await?;
    let facts = "SELECT current_setting('server_version'), \
                 CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT), \
                 to_regclass('_sqlx_migrations') IS NOT NULL";
    let (version, clock, filled): (String, i64, bool) = sqlx::query_as(facts).fetch_one(&mut conn).await?;
    let migration =
        if filled { sqlx::query_as::<_, (Option<i64>,)>(NEWEST).fetch_one(&mut conn).await?.0 } else { None };
    conn.close().await?;
    let engine = format!("PostgreSQL {version}");
    Ok(Inspection { engine, migration, known: known(), server_clock: Some(clock), integrity: "ok".into() })
}
