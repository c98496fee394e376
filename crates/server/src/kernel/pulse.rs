//! Whether the database takes writes: what readiness asks.
//!
//! A server whose disk is full, or whose PostgreSQL has become read-only, still reads well. So a tiny write is tried,
//! at most one in two seconds however often somebody asks.
//!
//! INVARIANT: it holds no row that another node waits for: each try inserts a row of its own and deletes it in the same
//! transaction.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::clock::seconds;
use super::db::{self, Db};
use super::rng::Rng;
use crate::execute;

/// How long an answer is kept, and how long a try may take.
const FRESH: Duration = seconds(2);

type Beat = Result<(), &'static str>;

#[derive(Clone)]
pub struct Pulse {
    db: Db,
    rng: Rng,
    last: Arc<Mutex<Option<(Instant, Beat)>>>,
}

impl Pulse {
    pub fn new(db: Db, rng: Rng) -> Self {
        Self { db, rng, last: Arc::default() }
    }

    /// `Err` says in a few words why nothing can be written.
    pub async fn writes(&self) -> Beat {
        let mut last = self.last.lock().await;
        if let Some((at, beat)) = *last
            && at.elapsed() < FRESH
        {
            return beat;
        }
        let beat = match tokio::time::timeout(FRESH, self.try_write()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database takes no writes");
                Err("takes no writes")
            }
            Err(_) => Err("no write within 2 s"),
        };
        *last = Some((Instant::now(), beat));
        beat
    }

    async fn try_write(&self) -> Result<(), db::Error> {
        let name = format!("pulse {}", self.rng.uuid().simple());
        let mut tx = self.db.begin().await?;
        execute!(tx, "INSERT INTO facts (name, value) VALUES ($1, '')", &name)?;
        execute!(tx, "DELETE FROM facts WHERE name = $1", &name)?;
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Db, Pulse, Rng};
    use crate::fetch_one;
    use crate::kernel::db::Target;

    #[tokio::test]
    async fn a_write_is_tried_once_in_two_seconds_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&Target::Sqlite(dir.path().join("test.db")), 2).await.unwrap();
        let pulse = Pulse::new(db.clone(), Rng::system());
        assert_eq!(pulse.writes().await, Ok(()));
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM facts";
        assert_eq!(fetch_one!(db.read().await.unwrap(), (i64,), sql).unwrap().0, 0);
        db.close().await;
        // remembered
        assert_eq!(pulse.writes().await, Ok(()));
        tokio::time::sleep(Duration::from_millis(2_050)).await;
        assert_eq!(pulse.writes().await, Err("takes no writes"));
    }
}
