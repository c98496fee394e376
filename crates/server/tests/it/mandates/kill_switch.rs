//! The kill switch: who may turn it, how far it reaches, what it ends.

use std::time::Duration;

use mandate::mandates::Act;
use serde_json::json;

use super::{AGENT, Desk, OTHER_PAPER, PAPER, act, allowed, mandate, refused, sell, usage, with};
use crate::harness::Person;

#[tokio::test]
async fn the_kill_switch_stops_acts_ends_approvals_and_lets_exits_pass() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let (_, approval, _) = desk.waiting(&ann).await;
    let mut events = desk.app.app.kernel.bus.subscribe();
    let on = ann.post("/v1/kill-switch", json!({ "on": true, "reason": "strange orders" })).await.expect(200);
    assert_eq!((&on["on"], &on["switches"][0]["scope"]), (&json!(true), &json!("user")));
    let topics = [events.recv().await.unwrap().topic, events.recv().await.unwrap().topic];
    assert_eq!(topics, ["kill_switch.changed", "approval.decided"]);
    let ended = ann.get(&format!("/v1/approvals/{approval}")).await.expect(200);
    assert_eq!(
        (&ended["status"], &ended["decided_why"]),
        (&json!("rejected"), &json!("your kill switch is on: strange orders"))
    );
    assert_eq!(usage(&ann, &given).await.0, "0");
    refused(desk.first(&act(&ann, "0.1")).await, "kill_switch");
    refused(desk.first(&Act { agent: None, ..act(&ann, "0.1") }).await, "kill_switch");
    allowed(desk.first(&sell(act(&ann, "1"), "1")).await);
    refused(desk.first(&sell(act(&ann, "2"), "1")).await, "kill_switch");
    ann.post("/v1/kill-switch", json!({ "on": true, "freeze_all": true })).await.expect(200);
    refused(desk.first(&sell(act(&ann, "1"), "1")).await, "kill_switch");
    // turning it on again with less freezes no less
    ann.post("/v1/kill-switch", json!({ "on": true })).await.expect(200);
    refused(desk.first(&sell(act(&ann, "1"), "1")).await, "kill_switch");

    desk.app.clock.advance(Duration::from_mins(6));
    ann.post("/v1/kill-switch", json!({ "on": false }))
        .await
        .refused(401, "insufficient_user_authentication");
    let ann = ann.at(&desk.app.url).sign_in().await.at(&desk.url);
    assert_eq!(ann.post("/v1/kill-switch", json!({ "on": false })).await.expect(200)["on"], false);
    allowed(desk.first(&act(&ann, "0.1")).await);
    desk.app.stop().await;
}

#[tokio::test]
async fn a_switch_reaches_as_far_as_its_scope() {
    let desk = Desk::open().await;
    let (ann, _) = desk.holder("ann").await;
    let (bob, _) = desk.holder("bob").await;
    ann.post("/v1/mandates", with(mandate(), "/account_ids", json!([OTHER_PAPER]))).await.expect(201);
    let elsewhere = |person: &Person| Act { account: OTHER_PAPER, ..act(person, "1") };
    ann.post("/v1/kill-switch", json!({ "scope": "account", "id": PAPER, "on": true })).await.expect(200);
    refused(desk.first(&act(&ann, "1")).await, "kill_switch");
    allowed(desk.first(&elsewhere(&ann)).await);
    allowed(desk.first(&act(&bob, "1")).await);
    ann.post("/v1/kill-switch", json!({ "scope": "agent", "id": AGENT, "on": true })).await.expect(200);
    refused(desk.first(&elsewhere(&ann)).await, "kill_switch");
    ann.post("/v1/kill-switch", json!({ "scope": "agent", "on": true })).await.refused(422, "invalid_field");
    // several in whose reach an act is are taken together
    let wide = json!({ "on": true, "cancel_open_orders": true });
    ann.post("/v1/kill-switch", wide).await.expect(200);
    ann.post("/v1/kill-switch", json!({ "scope": "account", "id": PAPER, "on": true, "freeze_all": true }))
        .await
        .expect(200);
    let mut conn = desk.app.app.kernel.db.read().await.unwrap();
    let user = ann.id.parse().unwrap();
    let together =
        desk.mandates.kill_switch(&mut conn, user, Some(AGENT), Some(PAPER)).await.unwrap().unwrap();
    assert!(together.freeze_all && together.cancel_open_orders);
    let elsewhere =
        desk.mandates.kill_switch(&mut conn, user, None, Some(OTHER_PAPER)).await.unwrap().unwrap();
    assert!(!elsewhere.freeze_all && elsewhere.cancel_open_orders);
    drop(conn);

    for (scope, id) in [("global", json!(null)), ("tenant", json!("default")), ("user", json!(bob.id))] {
        let body = json!({ "scope": scope, "id": id, "on": true });
        ann.post("/v1/kill-switch", body).await.refused(403, "forbidden");
    }
    let root = desk.app.admin("root").await.at(&desk.url);
    root.post("/v1/kill-switch", json!({ "scope": "user", "id": bob.id, "on": true })).await.expect(200);
    refused(desk.first(&act(&bob, "1")).await, "kill_switch");
    bob.post("/v1/kill-switch", json!({ "on": false })).await.refused(403, "forbidden");
    root.post("/v1/kill-switch", json!({ "scope": "user", "id": bob.id, "on": false })).await.expect(200);
    allowed(desk.first(&act(&bob, "1")).await);
    root.post("/v1/kill-switch", json!({ "scope": "global", "on": true })).await.expect(200);
    let detail = refused(desk.first(&act(&bob, "1")).await, "kill_switch");
    assert_eq!(detail, "the kill switch for everybody is on");
    assert_eq!(bob.get("/v1/kill-switch").await.expect(200)["switches"][0]["scope"], "global");
    desk.app.stop().await;
}
