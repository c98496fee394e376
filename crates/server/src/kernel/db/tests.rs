//! The SQLite writer under concurrency: group commit, rollback, callers that go away.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Db, Error, Target};
use crate::{execute, fetch_one};

async fn open() -> (tempfile::TempDir, Db) {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&Target::Sqlite(dir.path().join("test.db")), 4).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    execute!(tx, "INSERT INTO facts (name, value) VALUES ('n', '0')").unwrap();
    tx.commit().await.unwrap();
    (dir, db)
}

async fn value(db: &Db) -> i64 {
    let mut conn = db.read().await.unwrap();
    fetch_one!(conn, (i64,), "SELECT CAST(value AS BIGINT) FROM facts WHERE name = 'n'").unwrap().0
}

async fn increment(db: &Db) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    execute!(tx, "UPDATE facts SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE name = 'n'")?;
    tx.commit().await
}

#[tokio::test]
async fn many_writers_lose_nothing_and_read_their_own_writes() {
    let (_dir, db) = open().await;
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                increment(&db).await.unwrap();
                assert!(value(&db).await >= 1);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(value(&db).await, 200);
    db.close().await;
    assert!(matches!(db.begin().await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn a_rollback_takes_nobody_elses_work_with_it() {
    let (_dir, db) = open().await;
    let tasks: Vec<_> = (0..120)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move {
                match n % 4 {
                    // dropped without commit
                    0 => {
                        let mut tx = db.begin().await.unwrap();
                        execute!(tx, "UPDATE facts SET value = '-1000' WHERE name = 'n'").unwrap();
                    }
                    // a statement that fails, then dropped
                    1 => {
                        let mut tx = db.begin().await.unwrap();
                        execute!(tx, "UPDATE facts SET value = '-2000' WHERE name = 'n'").unwrap();
                        let taken = execute!(tx, "INSERT INTO facts (name, value) VALUES ('n', 'x')");
                        assert!(matches!(taken, Err(Error::Duplicate)));
                    }
                    _ => increment(&db).await.unwrap(),
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(value(&db).await, 60);
}

#[tokio::test]
async fn callers_that_go_away_leave_no_half_state() {
    let (_dir, db) = open().await;
    for round in 0..100_u64 {
        let db = db.clone();
        let caller = tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            execute!(tx, "UPDATE facts SET value = '-1' WHERE name = 'n'").unwrap();
            execute!(tx, "UPDATE facts SET value = '0' WHERE name = 'n'").unwrap();
            tx.commit().await.unwrap();
        });
        tokio::time::sleep(Duration::from_micros(round * 5)).await;
        caller.abort();
    }
    assert_eq!(value(&db).await, 0);
    increment(&db).await.unwrap();
    assert_eq!(value(&db).await, 1);
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let (_dir, db) = open().await;
    let mut conn = db.read().await.unwrap();
    assert!(execute!(conn, "UPDATE facts SET value = '7'").is_err());
    assert_eq!(value(&db).await, 0);
}

/// Changes a value, and ends without changing it: what it saw of another is durable when this returns.
#[cfg(debug_assertions)] // the hook of delay.rs
#[tokio::test]
async fn whoever_saw_the_uncommitted_answers_after_its_commit() {
    let (_dir, db) = open().await;
    let clock = std::sync::Arc::new(crate::kernel::SystemClock);
    let jobs = crate::kernel::Jobs::new(db.clone(), clock, uuid::Uuid::nil(), CancellationToken::new());
    for way in ["discard", "refuse", "commit", "end", "drop", "task"] {
        let before = value(&db).await;
        let slow = super::slow_commits(Duration::from_millis(300)).await;
        let first = tokio::spawn({
            let db = db.clone();
            async move { increment(&db).await }
        });
        // the first one's savepoint is released at once, its commit comes 300 ms later
        let saw = super::resting(async {
            loop {
                let mut tx = db.begin().await.unwrap();
                let (seen,) = fetch_one!(tx, (i64,), "SELECT CAST(value AS BIGINT) FROM facts").unwrap();
                if seen == before {
                    drop(tx);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    continue;
                }
                assert_eq!(value(&db).await, before, "a reader does not see it yet");
                match way {
                    "discard" => tx.discard().await.unwrap(),
                    "refuse" => {
                        let refused = tx.refuse::<(), _>(Error::Duplicate).await;
                        assert!(matches!(refused, Err(Error::Duplicate)));
                    }
                    "commit" => tx.commit().await.unwrap(),
                    "end" => assert!(tx.end::<(), _>(Err(Error::NotFound)).await.is_err()),
                    // on a task that the request started
                    "task" => jobs.spawn("test", async move { drop(tx) }).await.unwrap(),
                    // as a `?` would; the request's answer waits
                    _ => drop(tx),
                }
                return seen;
            }
        });
        assert_eq!(saw.await.unwrap(), before + 1, "{way}");
        assert_eq!(value(&db).await, before + 1, "{way}: told before it was durable");
        first.await.unwrap().unwrap();
        drop(slow);
    }
}

#[cfg(debug_assertions)] // the hook of delay.rs
#[tokio::test]
async fn what_was_seen_and_then_lost_is_not_told() {
    let (_dir, db) = open().await;
    let slow = super::slow_commits(Duration::from_millis(200)).await;
    let first = tokio::spawn({
        let db = db.clone();
        async move { increment(&db).await }
    });
    let told = super::resting(async {
        loop {
            let mut tx = db.begin().await.unwrap();
            let (seen,) = fetch_one!(tx, (i64,), "SELECT CAST(value AS BIGINT) FROM facts").unwrap();
            if seen == 1 {
                // the outer transaction is lost, as a full disk would lose it
                execute!(tx, "ROLLBACK").unwrap();
                return;
            }
            drop(tx);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(matches!(told.await, Err(Error::Unavailable(_))));
    assert!(matches!(first.await.unwrap(), Err(Error::Unavailable(_))));
    drop(slow);
    assert_eq!(value(&db).await, 0);
    increment(&db).await.unwrap();
    assert_eq!(value(&db).await, 1);
}

#[tokio::test]
async fn a_full_database_refuses_and_recovers() {
    let (_dir, db) = open().await;
    let set = async |pages: &'static str| {
        let mut tx = db.begin().await.unwrap();
        execute!(tx, pages).unwrap();
        tx.commit().await.unwrap();
    };
    set("PRAGMA max_page_count = 10").await;
    let fill = async || {
        let mut tx = db.begin().await?;
        execute!(tx, "INSERT INTO facts (name, value) VALUES ('big', $1)", "x".repeat(1 << 20))?;
        tx.commit().await
    };
    for _ in 0..3 {
        assert!(matches!(fill().await, Err(Error::Unavailable(_))));
    }
    // what needs no more room goes on
    increment(&db).await.unwrap();
    set("PRAGMA max_page_count = 100000").await;
    fill().await.unwrap();
    assert_eq!(value(&db).await, 1);
}

#[tokio::test]
async fn a_writer_that_cannot_begin_is_opened_anew() {
    let (_dir, db) = open().await;
    let mut tx = db.begin().await.unwrap();
    // somebody's statement ends the transaction and leaves another one open: nothing fits any more
    execute!(tx, "COMMIT").unwrap();
    drop(tx);
    increment(&db).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    execute!(tx, "COMMIT").unwrap();
    execute!(tx, "BEGIN").unwrap();
    assert!(tx.commit().await.is_err());
    increment(&db).await.unwrap();
    assert_eq!(value(&db).await, 2);
}
