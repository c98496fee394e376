//! Guard: tasks start where somebody watches them (`kernel/supervise.rs`), and the jobs come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mandate::kernel::{Died, deaths};

use crate::harness::{TestApp, eventually};
use crate::source::sources;

/// Where tasks and threads may begin: here their panics are caught and told.
const STARTERS: [&str; 4] = [
    "crates/server/src/kernel/supervise.rs",
    "crates/server/src/kernel/jobs.rs",
    "crates/server/src/kernel/db/writer.rs",
    // the thread that writes the log
    "crates/server/src/kernel/log.rs",
];

#[test]
fn no_task_starts_unwatched() {
    let bare = ["tokio::spawn(", "task::spawn(", "spawn_local(", "JoinSet", "TaskTracker", "thread::spawn("];
    let mut found = Vec::new();
    for source in sources("crates/server/src", &[".rs"]) {
        if source.test() || STARTERS.contains(&source.path.as_str()) {
            continue;
        }
        for (number, line) in source.text.lines().enumerate() {
            if let Some(word) = bare.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{}: {word}", source.path, number + 1));
            }
        }
    }
    assert!(found.is_empty(), "use kernel.jobs.spawn, supervise or every:\n{}", found.join("\n"));
}

#[tokio::test]
async fn a_job_that_panics_runs_again() {
    let app = TestApp::start().await;
    let before = deaths();
    let rounds = Arc::new(AtomicU32::new(0));
    let counted = rounds.clone();
    app.app.kernel.jobs.every("test.panics", Duration::from_millis(1), move || {
        let round = counted.fetch_add(1, Ordering::SeqCst);
        // once while the work is made, once while it runs
        assert!(round != 0, "the first time");
        async move {
            assert!(round != 1, "the second time");
            Ok::<(), Died>(())
        }
    });
    eventually("the third round", || async { (rounds.load(Ordering::SeqCst) > 2).then_some(()) }).await;
    assert!(deaths() >= before + 2);
}

#[tokio::test]
async fn a_supervised_task_begins_again_and_an_awaited_one_tells() {
    let app = TestApp::start().await;
    let jobs = &app.app.kernel.jobs;
    let lives = Arc::new(AtomicU32::new(0));
    let counted = lives.clone();
    jobs.supervise("test.lives", move || {
        let life = counted.fetch_add(1, Ordering::SeqCst);
        async move { assert!(life > 1, "lives one and two end badly") }
    });
    eventually("the third life", || async { (lives.load(Ordering::SeqCst) == 3).then_some(()) }).await;

    let dies: Result<(), Died> = jobs.spawn("test.dies", async { panic!("as it does") }).await;
    assert_eq!(dies, Err(Died("test.dies")));
    assert_eq!(jobs.spawn("test.lives_well", async { 7 }).await, Ok(7));
    // a task nobody waits for runs to its end all the same
    let (sender, receiver) = tokio::sync::oneshot::channel();
    jobs.spawn("test.unwatched", async move { sender.send(()).unwrap() }).unwatched();
    receiver.await.unwrap();
    tokio::time::timeout(Duration::from_secs(20), app.stop()).await.expect("stop ends");
}
