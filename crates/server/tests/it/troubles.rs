//! Troubles of the machine that pass: sessions that are ended, a database that turns read-only, a full disk. The
//! server answers 503, never 500, loses nobody's session, and goes on without a restart.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::harness::{Answer, Binary, Person, TestApp, TestDatabase, eventually};

/// Runs statements about this test's database, as somebody else; `None` on SQLite.
async fn as_admin(database: &TestDatabase, statements: &[&str]) -> Option<()> {
    let url = database.url()?;
    let name = url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let admin = std::env::var("MANDATE_TEST_DATABASE_URL").unwrap();
    let mut conn = PgConnection::connect(&admin).await.unwrap();
    for statement in statements {
        conn.execute(AssertSqlSafe(statement.replace("{name}", &name))).await.unwrap();
    }
    Some(())
}

const END_SESSIONS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()";

async fn write(person: &Person) -> Answer {
    person.patch("/v1/users/me", json!({ "name": "Ann" })).await
}

/// A write works, or is refused as a passing trouble is; true when it works.
async fn works(person: &Person) -> bool {
    let answer = write(person).await;
    if answer.status == 200 {
        return true;
    }
    assert!(answer.headers.contains_key("retry-after"), "{}", answer.text);
    answer.refused(503, "unavailable");
    false
}

async fn readiness(person: &Person) -> u16 {
    person.get("/readyz").await.status.as_u16()
}

async fn recovers(person: &Person) {
    eventually("writing again", || async { works(person).await.then_some(()) }).await;
    eventually("readiness", || async { (readiness(person).await == 200).then_some(()) }).await;
    for _ in 0..20 {
        assert!(works(person).await);
    }
}

#[tokio::test]
async fn sessions_that_the_database_ends_are_replaced() {
    let app = TestApp::start().await;
    let mut ann = app.person("ann").await;
    for _ in 0..5 {
        if as_admin(&app.database, &[END_SESSIONS]).await.is_none() {
            return;
        }
        // many at once, so that every connection of the pool is met
        let all: Vec<_> = (0..24)
            .map(|_| {
                let ann = ann.clone();
                tokio::spawn(async move { works(&ann).await })
            })
            .collect();
        for one in all {
            one.await.unwrap();
        }
        recovers(&ann).await;
        let token = ann.refresh_token.clone().unwrap();
        let refreshed = ann.refresh(&token).await.expect(200);
        ann.refresh_token = refreshed["refresh_token"].as_str().map(str::to_owned);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_database_that_turns_read_only_is_waited_for() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let read_only = ["ALTER DATABASE {name} SET default_transaction_read_only = on", END_SESSIONS];
    if as_admin(&app.database, &read_only).await.is_none() {
        return;
    }
    eventually("the new sessions", || async { (!works(&ann).await).then_some(()) }).await;
    for _ in 0..20 {
        assert!(!works(&ann).await);
    }
    eventually("not ready", || async { (readiness(&ann).await == 503).then_some(()) }).await;
    // what only reads goes on; who refreshes keeps the token
    ann.get("/v1/users/me").await.expect(200);
    let token = ann.refresh_token.clone().unwrap();
    ann.refresh(&token).await.refused(503, "unavailable");
    // nobody restarts the server or ends its sessions
    as_admin(&app.database, &["ALTER DATABASE {name} RESET default_transaction_read_only"]).await;
    recovers(&ann).await;
    ann.refresh(&token).await.expect(200);
    app.stop().await;
}

/// Stands between the server and its PostgreSQL; its wire can be cut.
struct Wire {
    port: u16,
    whole: tokio::sync::watch::Sender<bool>,
}

impl Wire {
    async fn to(address: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (whole, state) = tokio::sync::watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (address, mut state) = (address.clone(), state.clone());
                tokio::spawn(async move {
                    if !*state.borrow_and_update() {
                        return; // accepted and closed at once
                    }
                    let Ok(mut far) = tokio::net::TcpStream::connect(address).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.changed() => {}
                    }
                });
            }
        });
        Self { port, whole }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wire_that_is_cut_is_waited_for() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
    let Some(url) = database.url() else { return };
    let mut url = url::Url::parse(url).unwrap();
    let far = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
    let wire = Wire::to(far).await;
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(wire.port)).unwrap();
    let mut command = Command::new(crate::harness::path());
    command.stderr(Stdio::inherit());
    let through = [("MANDATE_DATABASE_URL", url.as_str())];
    let server = Binary::launch(command, data.path(), &database, &through).await;
    let ann = Person::register(&server.url, "ann").await.sign_in().await;
    for _ in 0..3 {
        let busy: Vec<_> = (0..16)
            .map(|_| {
                let ann = ann.clone();
                tokio::spawn(async move { while works(&ann).await {} })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(100)).await;
        wire.whole.send(false).unwrap();
        // each of them meets the trouble in its own place, and none is answered 500
        for one in busy {
            one.await.unwrap();
        }
        eventually("not ready", || async { (readiness(&ann).await == 503).then_some(()) }).await;
        wire.whole.send(true).unwrap();
        recovers(&ann).await;
    }
    let token = ann.refresh_token.clone().unwrap();
    ann.refresh(&token).await.expect(200);
}

/// The largest file that a process may write, in bytes; `None`: any.
#[cfg(target_os = "linux")]
fn limit_files(pid: u32, most: Option<u64>) {
    let most = most.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
    let (pid, limit) = (pid.to_string(), format!("--fsize={most}:unlimited"));
    let set = Command::new("prlimit").args(["--pid", &pid, &limit]).status();
    assert!(set.unwrap().success());
}

/// Disk full, with the log on it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_waited_for() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
    if database.url().is_some() {
        return; // PostgreSQL's disk is not ours
    }
    let mut command = Command::new("bash");
    command.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#]).arg(crate::harness::path());
    let log = std::fs::File::create(data.path().join("log")).unwrap();
    command.stderr(Stdio::from(log));
    let server = Binary::launch(command, data.path(), &database, &[("MANDATE_LOG", "debug")]).await;
    let ann = Person::register(&server.url, "ann").await.sign_in().await;
    let token = ann.refresh_token.clone().unwrap();
    for _ in 0..2 {
        // no file may grow, none may be written beyond its first page
        limit_files(server.pid(), Some(512));
        eventually("a full disk", || async { (!works(&ann).await).then_some(()) }).await;
        for _ in 0..20 {
            assert!(!works(&ann).await);
        }
        ann.refresh(&token).await.refused(503, "unavailable");
        eventually("not ready", || async { (readiness(&ann).await == 503).then_some(()) }).await;
        // jobs run into it too
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        limit_files(server.pid(), None);
        recovers(&ann).await;
    }
    ann.refresh(&token).await.expect(200);
    // the job that links the audit log is back
    eventually("linked rows", || async {
        let unlinked = unlinked(data.path()).await;
        (unlinked == 0).then_some(())
    })
    .await;
    let log = std::fs::read_to_string(data.path().join("log")).unwrap();
    assert!(log.contains("log lines were lost"), "what could not be written is counted");
}

async fn unlinked(data: &std::path::Path) -> i64 {
    let url = format!("sqlite://{}?mode=ro", data.join("mandate.db").display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let rows = sqlx::query_as::<_, (i64,)>("SELECT COUNT(*) FROM audit_events WHERE link IS NULL");
    rows.fetch_one(&mut conn).await.unwrap().0
}
