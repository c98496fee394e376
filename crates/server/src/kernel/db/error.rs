//! What can go wrong with the database, in the few kinds callers act on.
//!
//! INVARIANT: a trouble that passes (a failover, a restart, a full disk, a lock) is `Unavailable`, never `Other`, so
//! that callers answer 503 and nothing is forgotten for it.
//! INVARIANT: after a sign that a PostgreSQL session cannot write, no session that was open then is used again
//! (`is_sound`).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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
            sqlx::Error::Database(inner) if is_stale(inner.code().as_deref()) => suspect(),
            _ => {}
        }
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            // a wire that breaks in the middle of a greeting: a balancer without a server behind it
            | sqlx::Error::Protocol(_)
            | sqlx::Error::Tls(_)
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
/// 08 connection, 40 serialisation, 53 resources, 55 wrong state, 57 intervention, and 25006 read-only transaction.
fn is_passing(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 8 | 10 | 13 | 14),
        _ => code == READ_ONLY || ["08", "40", "53", "55", "57"].iter().any(|class| code.starts_with(class)),
    }
}

const READ_ONLY: &str = "25006";
/// Sessions this young are given a chance even after a bad sign: else a server that stays read-only would be opened
/// anew for every request.
const YOUNG: Duration = Duration::from_secs(1);

/// When a session was last found unable to write.
static SUSPECTED: Mutex<Option<tokio::time::Instant>> = Mutex::new(None);

/// The server went read-only under its sessions (25006) or ends them (57P).
fn is_stale(code: Option<&str>) -> bool {
    code.is_some_and(|code| code == READ_ONLY || code.starts_with("57P"))
}

fn suspect() {
    *SUSPECTED.lock().unwrap_or_else(PoisonError::into_inner) = Some(tokio::time::Instant::now());
}

/// Whether a session of this age may be used: not one that was open at the last bad sign.
pub(super) fn is_sound(age: Duration) -> bool {
    let suspected = *SUSPECTED.lock().unwrap_or_else(PoisonError::into_inner);
    suspected.is_none_or(|at| age < at.elapsed() || age < YOUNG)
}

#[cfg(test)]
mod tests {
    use super::is_passing;

    #[test]
    fn troubles_that_pass_are_told_from_faults() {
        let passing =
            ["08006", "08P01", "25006", "40001", "40P01", "53100", "53300", "55P03", "57P01", "57014"];
        for code in passing.into_iter().chain(["5", "6", "8", "10", "13", "14", "522", "1546", "3338"]) {
            assert!(is_passing(Some(code)), "{code}");
        }
        for code in ["23505", "25001", "42601", "22003", "1", "11", "19", "26", "2067"] {
            assert!(!is_passing(Some(code)), "{code}");
        }
        assert!(!is_passing(None));
    }
}
