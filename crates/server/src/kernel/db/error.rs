//! What can go wrong with the database, in the few kinds callers act on.

use sqlx::error::ErrorKind;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such row")]
    NotFound,
    /// A uniqueness rule refused the row. SQLite names no constraint: map it at the call site.
    #[error("a row with this key exists")]
    Duplicate,
    /// The database is away, full or overloaded; trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    #[error("database error: {0}")]
    Other(sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(inner) if inner.kind() == ErrorKind::UniqueViolation => Self::Duplicate,
            sqlx::Error::Database(inner) if is_passing(inner.code().as_deref()) => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Other(error),
        }
    }
}

/// SQLite primary codes 5 BUSY, 6 LOCKED, 8 READONLY, 10 IOERR, 13 FULL, 14 CANTOPEN; PostgreSQL classes
/// 08 connection, 53 resources, 57P shutdown, 40 serialisation.
fn is_passing(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 8 | 10 | 13 | 14),
        _ => ["08", "53", "57P", "40"].iter().any(|class| code.starts_with(class)),
    }
}
