//! The log: one's own list, and proof that it is whole.

use serde_json::json;

use crate::harness::{TestApp, eventually};
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
