//! The log may be closed, broken, full or unread: requests and the start do not notice.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::{Binary, Person, TestDatabase};

/// Starts with everything logged and standard error as `redirect` says, then works.
async fn works_with(redirect: &str) -> Binary {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
    let mut command = Command::new("bash");
    command.args(["-c", &format!(r#"exec "$0" "$@" {redirect}"#)]).arg(crate::harness::path());
    command.stderr(Stdio::piped());
    let server = Binary::launch(command, data.path(), &database, &[("MANDATE_LOG", "trace")]).await;
    let ann = Person::register(&server.url, "ann").await.sign_in().await;
    for _ in 0..600 {
        ann.get("/v1/users/me").await.expect(200);
    }
    server
}

#[tokio::test]
async fn standard_error_may_be_closed() {
    works_with("2>&-").await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn standard_error_may_be_full() {
    works_with("2>/dev/full").await;
}

#[tokio::test]
async fn standard_error_may_be_a_broken_pipe() {
    // nobody has the other end any more
    works_with("2> >(exec true)").await;
}

#[tokio::test]
async fn standard_error_may_be_a_pipe_that_nobody_reads() {
    // the harness holds the other end and reads nothing: after 64 KiB a write waits for ever
    let server = works_with("").await;
    let stopped = tokio::time::timeout(Duration::from_secs(20), server.stop()).await;
    assert!(stopped.expect("it stops in time").success());
}
