//! The SQLite writer under concurrency: group commit, rollback, callers that go away.

use std::time::Duration;

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
