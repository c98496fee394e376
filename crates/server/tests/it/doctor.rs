//! `mandate doctor`: fine where all is well, and each seeded fault named.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Binary, TestDatabase};

/// Exit code and findings.
fn doctor(data: &Path, settings: &[(&str, &str)]) -> (Option<i32>, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_mandate"))
        .args(["doctor", "--json", "--data-dir"])
        .arg(data)
        .env_clear()
        .env("MANDATE_LISTEN", "127.0.0.1:0")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    assert_eq!(report["healthy"] == true, output.status.success());
    (output.status.code(), report["findings"].clone())
}

fn status<'a>(findings: &'a Value, check: &str) -> &'a str {
    let found = findings.as_array().unwrap().iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("no check {check} in {findings}"))["status"].as_str().unwrap()
}

#[tokio::test]
async fn a_fresh_start_has_nothing_failing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert_eq!(doctor(&data, &[]).0, Some(0));
    let database = TestDatabase::create().await;
    let server = Binary::start(&data, &database).await;
    let settings: Vec<_> = database.url().map(|url| ("MANDATE_DATABASE_URL", url)).into_iter().collect();
    let (code, findings) = doctor(&data, &settings);
    assert_eq!(code, Some(0), "{findings}");
    assert_eq!(status(&findings, "database"), "ok");
    assert_eq!(status(&findings, "key file"), "ok");
    server.kill();
}

#[tokio::test]
async fn each_fault_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = TestDatabase::create().await;
    Binary::start(&data, &database).await.kill();
    let mode = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let failing = |check: &str, settings: &[(&str, &str)]| {
        let (code, findings) = doctor(&data, settings);
        assert_eq!((code, status(&findings, check)), (Some(1), "fail"), "{findings}");
    };

    mode(&data, 0o755);
    failing("data directory", &[]);
    mode(&data, 0o700);
    mode(&data.join("keys"), 0o644);
    failing("key file", &[]);
    mode(&data.join("keys"), 0o600);
    failing("configuration", &[("MANDATE_LISTNE", "127.0.0.1:1")]);
    failing("public address", &[("MANDATE_LISTEN", "0.0.0.0:0")]);
    failing("database", &[("MANDATE_DATABASE_URL", "postgres://mandate:abcdefghijklmnopq@127.0.0.1:1/none")]);
    failing("secrets", &[("MANDATE_DATABASE_URL", "postgres://mandate:postgres@127.0.0.1:1/none")]);
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    failing("listener", &[("MANDATE_LISTEN", &other.local_addr().unwrap().to_string())]);

    let https = [("MANDATE_PUBLIC_URL", "https://trade.example.com")];
    let (code, findings) = doctor(&data, &https);
    assert_eq!((code, status(&findings, "proxy")), (Some(0), "warn"), "{findings}");

    std::fs::write(data.join("keys"), "not a key file").unwrap();
    failing("key file", &[]);
    if database.url().is_none() {
        std::fs::write(data.join("mandate.db"), "this is no database at all, only some text").unwrap();
        failing("database", &[]);
    }
}
