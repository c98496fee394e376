//! The log: one's own list, and proof that it is whole.

mod damage;
mod log;

use serde_json::json;

use crate::harness::{TestApp, eventually};
use damage::{Damage, OF_CHAINS, OF_ROWS};
use log::Log;
use mandate::execute;

#[tokio::test]
async fn one_sees_ones_own_events_newest_first_and_nobody_elses() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let bob = app.person("bob").await;
    let page = ann.get("/v1/audit?limit=1").await.expect(200);
    assert_eq!(page["items"][0]["event"], "auth.login");
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = ann.get(&format!("/v1/audit?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!(next["items"][0]["event"], "auth.register");
    assert_eq!(next["next_cursor"], json!(null));
    for item in bob.get("/v1/audit").await.expect(200)["items"].as_array().unwrap() {
        assert_eq!(item["actor"], bob.id);
    }
    let logins = ann.get("/v1/audit?event=auth.login").await.expect(200);
    assert_eq!(logins["items"].as_array().unwrap().len(), 1);
    ann.get("/v1/audit?cursor=rubbish").await.refused(400, "bad_cursor");
    app.stop().await;
}

#[tokio::test]
async fn a_whole_log_verifies_and_each_kind_of_damage_is_named() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    for round in 0..5 {
        ann.patch("/v1/users/me", json!({ "name": format!("Ann {round}") })).await.expect(200);
    }
    let audit = &app.app.audit;
    eventually("linking", || async {
        (audit.verify(None, |_| ()).await.unwrap().unlinked == 0).then_some(())
    })
    .await;
    let whole = audit.verify(None, |_| ()).await.unwrap();
    assert!(whole.findings.is_empty(), "{:?}", whole.findings);
    let kept = audit.head().await.unwrap().unwrap();
    // the seven are the person's; the server itself wrote some before
    assert!(whole.rows >= 7 && kept.link == i64::try_from(whole.rows).unwrap(), "{kept:?}");

    let kinds = async |sql: &'static str, undo: &'static str| {
        let mut tx = app.app.kernel.db.begin().await.unwrap();
        assert!(execute!(tx, sql).unwrap() > 0, "{sql}");
        tx.commit().await.unwrap();
        let report = audit.verify(Some(&kept), |_| ()).await.unwrap();
        let mut tx = app.app.kernel.db.begin().await.unwrap();
        execute!(tx, undo).unwrap();
        tx.commit().await.unwrap();
        report.findings
    };
    let changed = kinds(
        "UPDATE audit_events SET body = replace(body, 'success', 'sucCess') WHERE link = 3",
        "UPDATE audit_events SET body = replace(body, 'sucCess', 'success') WHERE link = 3",
    )
    .await;
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!((changed[0].kind, changed[0].link), ("changed", Some(3)));
    assert!(changed[0].event_id.as_deref().unwrap().starts_with("evt_"));
    let personal = kinds(
        "UPDATE audit_events SET personal = replace(personal, '127', '128') WHERE link = 4",
        "UPDATE audit_events SET personal = replace(personal, '128', '127') WHERE link = 4",
    )
    .await;
    assert_eq!(personal.iter().map(|found| found.kind).collect::<Vec<_>>(), ["personal_changed"]);
    let swapped = kinds(
        "UPDATE audit_events SET link = CASE link WHEN 5 THEN -6 ELSE -5 END WHERE link IN (5, 6)",
        "UPDATE audit_events SET link = -link WHERE link < 0",
    )
    .await;
    assert!(swapped.iter().any(|found| found.kind == "dropped"), "{swapped:?}");
    let tail =
        kinds("DELETE FROM audit_events WHERE link = (SELECT MAX(link) FROM audit_events)", "SELECT 1").await;
    assert!(tail.iter().any(|found| found.kind == "truncated"), "{tail:?}");
    assert!(tail.iter().any(|found| found.kind == "dropped"), "{tail:?}");
    app.stop().await;
}

/// Every damage of the tables, on one log, with and without a kept head.
async fn each_is_found(log: &Log, kept: &mandate::audit::Head, damages: &[&[Damage]]) {
    let untouched = log.audit.verify(Some(kept), |_| ()).await.unwrap();
    assert!(untouched.findings.is_empty(), "the control: {:#?}", untouched.findings);
    assert_eq!(untouched.rows, log.ids.len() as u64);
    let all: Vec<&Damage> = damages.iter().copied().flatten().collect();
    assert!(all.len() >= 30);
    let mut wrong = Vec::new();
    for (damage, seed) in all.into_iter().zip(1..) {
        wrong.extend(damage::tried(log, seed, damage, kept).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mended = log.audit.verify(Some(kept), |_| ()).await.unwrap();
    assert!(mended.findings.is_empty(), "put back: {:#?}", mended.findings);
}

#[tokio::test]
async fn every_damage_to_a_log_of_the_old_form_is_found_and_its_first_row_named() {
    let log = Log::old(450).await;
    let kept = log.audit.head().await.unwrap().unwrap();
    assert_eq!(kept.link, 450);
    each_is_found(&log, &kept, &[OF_ROWS, OF_CHAINS]).await;
    log.close().await;
}

#[tokio::test]
async fn a_kept_head_that_this_server_never_signed_proves_nothing() {
    let log = Log::old(5).await;
    let mut forged = log.audit.head().await.unwrap().unwrap();
    forged.signature = "00".repeat(64);
    let report = log.audit.verify(Some(&forged), |_| ()).await.unwrap();
    assert_eq!(report.findings[0].kind, "head", "{report:?}");
    log.close().await;
}

#[test]
fn verifying_makes_neither_a_key_file_nor_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let verify = |data: &std::path::Path| {
        let mut command = std::process::Command::new(crate::harness::path());
        command.args(["audit", "verify", "--data-dir"]).arg(data).env_remove("MANDATE_DATABASE_URL");
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let absent = folder.path().join("absent");
    let (code, said) = verify(&absent);
    assert_eq!(code, Some(1), "{said}");
    assert!(!absent.exists(), "{said}");
    // a database whose key file is lost: a fresh key would call every row forged
    let lost = folder.path().join("lost");
    std::fs::create_dir(&lost).unwrap();
    std::fs::write(lost.join("mandate.db"), b"").unwrap();
    let (code, said) = verify(&lost);
    assert_eq!((code, said.contains("key file")), (Some(1), true), "{said}");
    let left: Vec<_> = std::fs::read_dir(&lost).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["mandate.db"]);
}
