//! Bad starts: each says what is wrong and what to do, and leaves nothing half written.

use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{Binary, TestDatabase, path};

fn mandate(data: &Path, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(path());
    command.args(args).arg("--data-dir").arg(data).envs(env.iter().copied()).output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn unknown_settings_are_named_wherever_they_stand() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let file = dir.path().join("mandate.toml");
    std::fs::write(&file, "[tokens]\nissuerr = \"x\"\n").unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--config", file.to_str().unwrap()];
    let refused = mandate(&data, &args, &[]);
    assert!(!refused.status.success());
    assert!(words(&refused).contains("issuerr"), "{}", words(&refused));
    let refused = mandate(&data, &["serve"], &[("MANDATE_LISTN", "127.0.0.1:0")]);
    assert!(words(&refused).contains("listn"), "{}", words(&refused));
    let refused = mandate(&data, &["serve"], &[("MANDATE_TOKENS__ACCESS_TTL_SECONDS", "soon")]);
    assert!(words(&refused).contains("tokens.access_ttl_seconds"), "{}", words(&refused));
    assert!(!data.exists(), "a start that is refused by its settings touches nothing");
}

#[tokio::test]
async fn a_port_in_use_and_a_second_server_are_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let refused = mandate(&data, &["serve", "--listen", &address], &[]);
    assert!(!refused.status.success());
    assert!(words(&refused).contains("is in use; stop the other program"), "{}", words(&refused));
    assert!(!data.exists());
    let database = TestDatabase::create().await;
    if database.url().is_some() {
        return; // several servers may share PostgreSQL
    }
    let running = Binary::start(&data, &database).await;
    let refused = mandate(&data, &["serve", "--listen", "127.0.0.1:0"], &[]);
    assert!(words(&refused).contains("another mandate serves"), "{}", words(&refused));
    running.kill();
}

#[test]
fn a_data_directory_that_cannot_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = mandate(&file.join("data"), &["serve", "--listen", "127.0.0.1:0"], &[]);
    assert!(!refused.status.success());
    assert!(words(&refused).contains("cannot use the data directory"), "{}", words(&refused));
}

#[tokio::test]
async fn a_database_from_a_newer_version_is_refused_and_left_alone() {
    use mandate::kernel::db::Target;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let database = TestDatabase::create().await;
    Binary::start(&data, &database).await.kill();
    let target = match database.url() {
        Some(url) => Target::Pg(url.to_owned()),
        None => Target::Sqlite(data.join("mandate.db")),
    };
    let db = mandate::kernel::Db::open(&target, 2).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    mandate::execute!(
        tx,
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
         VALUES (9999, 'later', CURRENT_TIMESTAMP, $1, $2, 0)",
        true,
        vec![0_u8]
    )
    .unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    let env: Vec<_> = database.url().map(|url| ("MANDATE_DATABASE_URL", url)).into_iter().collect();
    let refused = mandate(&data, &["serve", "--listen", "127.0.0.1:0"], &env);
    assert!(!refused.status.success());
    assert!(words(&refused).contains("newer version of mandate (migration 9999"), "{}", words(&refused));
}

#[tokio::test]
async fn users_are_made_beside_a_running_server_and_can_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let database = TestDatabase::create().await;
    let server = Binary::start(&data, &database).await;
    let env: Vec<_> = database.url().map(|url| ("MANDATE_DATABASE_URL", url)).into_iter().collect();
    let args = ["users", "create", "--email", "ops@example.com", "--name", "Ops", "--role", "admin"];
    let made = mandate(&data, &args, &env);
    assert!(made.status.success(), "{}", words(&made));
    let link = words(&made).lines().find_map(|line| line.split("#link=").nth(1).map(str::to_owned)).unwrap();
    let body = serde_json::json!({ "token": link, "delivery": "body" });
    let answer = server.stranger().post("/v1/auth/link/redeem", body.clone()).await.expect(200);
    assert_eq!(answer["user"]["roles"], serde_json::json!(["user", "admin"]));
    server.stranger().post("/v1/auth/link/redeem", body).await.refused(401, "invalid_link");
    let again = mandate(&data, &args, &env);
    assert!(words(&again).contains("an account with this e-mail exists"), "{}", words(&again));
    // the link that the start printed works too
    let link = server.link.as_ref().unwrap().split("#link=").nth(1).unwrap().to_owned();
    let body = serde_json::json!({ "token": link, "delivery": "body" });
    server.stranger().post("/v1/auth/link/redeem", body).await.expect(200);
    server.kill();
}
