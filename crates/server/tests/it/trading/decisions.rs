//! What becomes of wishes to trade.

use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::{AGENT, decide, mandate, number, orders, outcome, own_wish, paper, wish};
use crate::harness::{Person, TestApp, eventually};

async fn approve(person: &Person, approval: &Value) -> Value {
    let id = approval["approval_id"].as_str().unwrap();
    let body = json!({ "order_hash": approval["order_hash"] });
    person.post(&format!("/v1/approvals/{id}/approve"), body).await.expect(200)
}

async fn waiting(person: &Person) -> Value {
    person.get("/v1/approvals?status=pending").await.expect(200)["items"][0].clone()
}

async fn settled(person: &Person, id: &str) -> Value {
    eventually("the decision's end", || async {
        let now = person.get(&format!("/v1/decisions/{id}")).await.expect(200);
        (now["status"] != "pending_approval").then_some(now)
    })
    .await
}

#[tokio::test]
async fn an_agent_trades_within_its_mandate_and_is_stopped_at_its_edge() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    mandate(&ann, &account, ("1000", "1500", 20), Some("500")).await;

    let one = decide(&ann, wish(&account, "d1", "buy", "AAPL", "1")).await;
    assert_eq!(one["status"], "executed", "{one}");
    assert_eq!(one["order"]["status"], "filled");
    let price = number(&one["order"]["average_price"]);
    assert!(price > dec!(400) && price < dec!(425), "the pinned start has AAPL near 411: {price}");

    let two = decide(&ann, wish(&account, "d2", "buy", "AAPL", "2")).await;
    assert_eq!(outcome(&two), ("pending_approval", "approval_above"));
    let approval = waiting(&ann).await;
    assert_eq!(approval["approval_id"], two["approval_id"]);
    approve(&ann, &approval).await;
    let two = settled(&ann, "d2").await;
    assert_eq!((&two["status"], &two["order"]["status"]), (&json!("executed"), &json!("filled")), "{two}");
    assert_eq!(two["order"]["approval_id"], approval["approval_id"]);

    let three = decide(&ann, wish(&account, "d3", "buy", "AAPL", "3")).await;
    assert_eq!(outcome(&three), ("rejected", "order_value"), "{three}");
    let four = decide(&ann, wish(&account, "d4", "buy", "AAPL", "1")).await;
    assert_eq!(outcome(&four), ("rejected", "daily_value"), "{four}");

    ann.post("/v1/kill-switch", json!({ "on": true })).await.expect(200);
    let five = decide(&ann, wish(&account, "d5", "buy", "IBM", "1")).await;
    assert_eq!(outcome(&five), ("rejected", "kill_switch"), "{five}");
    let mine = decide(&ann, own_wish(&account, "m1", "buy", "IBM", "1")).await;
    assert_eq!(outcome(&mine), ("rejected", "kill_switch"), "{mine}");

    let held = ann.get("/v1/positions").await.expect(200);
    assert_eq!((&held["items"][0]["symbol"], &held["items"][0]["quantity"]), (&json!("AAPL"), &json!("3")));
    assert_eq!(orders(&ann).await.len(), 2);
    let money = &ann.get("/v1/trading-accounts").await.expect(200)[0];
    let spent = orders(&ann).await.iter().map(|o| number(&o["value"]) + number(&o["fee"])).sum::<Decimal>();
    assert_eq!(number(&money["cash"]), dec!(10000) - spent);
    let events = ann.get("/v1/audit?event=decision.&limit=200").await.expect(200);
    assert_eq!(
        events["items"].as_array().unwrap().len(),
        7,
        "six decisions, one of them judged twice: {events}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_rejected_approval_frees_the_budget_and_ends_the_decision() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    let id = mandate(&ann, &account, ("1000", "1000", 5), Some("100")).await;
    let decision = decide(&ann, wish(&account, "d1", "buy", "AAPL", "2")).await;
    assert_eq!(decision["status"], "pending_approval");
    let approval = waiting(&ann).await;
    let path = format!("/v1/approvals/{}/reject", approval["approval_id"].as_str().unwrap());
    ann.post(&path, json!({})).await.expect(200);
    let decision = settled(&ann, "d1").await;
    assert_eq!(outcome(&decision), ("rejected", "approval"));
    let usage = &ann.get(&format!("/v1/mandates/{id}")).await.expect(200)["usage"];
    assert_eq!((&usage["reserved"], &usage["committed"]), (&json!("0"), &json!("0")), "{usage}");
    assert_eq!(orders(&ann).await.len(), 0);
    app.stop().await;
}

#[tokio::test]
async fn a_release_is_judged_again() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    mandate(&ann, &account, ("1000", "2000", 5), Some("100")).await;
    decide(&ann, wish(&account, "d1", "buy", "AAPL", "2")).await;
    let approval = waiting(&ann).await;
    // the cash goes elsewhere before the person says yes
    let spent = decide(&ann, own_wish(&account, "m1", "buy", "AAPL", "24")).await;
    assert_eq!(spent["status"], "executed", "{spent}");
    approve(&ann, &approval).await;
    let decision = settled(&ann, "d1").await;
    assert_eq!(outcome(&decision), ("rejected", "cash"), "{decision}");
    app.stop().await;
}

#[tokio::test]
async fn the_same_id_and_body_give_the_first_outcome_and_another_body_is_refused() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    let first = decide(&ann, own_wish(&account, "d1", "buy", "AAPL", "1")).await;
    let mut again = own_wish(&account, "d1", "buy", "AAPL", "1");
    again["quantity"] = json!(1.0);
    assert_eq!(decide(&ann, again).await, first, "a number and a string of one value are one body");
    let other = own_wish(&account, "d1", "buy", "AAPL", "2");
    ann.post("/v1/decisions", other).await.refused(422, "decision_id_reused");
    assert_eq!(orders(&ann).await.len(), 1);
    assert_eq!(ann.get("/v1/decisions/d1").await.expect(200), first);
    let ours = first["id"].as_str().unwrap();
    assert_eq!(ann.get(&format!("/v1/decisions/{ours}")).await.expect(200), first);
    // an agent has its own ids
    mandate(&ann, &account, ("1000", "2000", 5), None).await;
    let agents = decide(&ann, wish(&account, "d1", "buy", "AAPL", "1")).await;
    assert_ne!(agents["id"], first["id"]);
    let ben = app.person("ben").await;
    ben.get("/v1/decisions/d1").await.refused(404, "not_found");
    ben.get(&format!("/v1/decisions/{ours}")).await.refused(404, "not_found");
    app.stop().await;
}

#[tokio::test]
async fn an_agent_needs_a_mandate_confidence_and_the_right_instrument() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    let without = decide(&ann, wish(&account, "d1", "buy", "AAPL", "1")).await;
    assert_eq!(outcome(&without), ("rejected", "mandate"));
    mandate(&ann, &account, ("1000", "2000", 5), None).await;
    let mut unsure = wish(&account, "d2", "buy", "AAPL", "1");
    unsure["confidence"] = json!(0.5);
    assert_eq!(outcome(&decide(&ann, unsure).await), ("rejected", "confidence"));
    let mut silent = wish(&account, "d3", "buy", "AAPL", "1");
    silent.as_object_mut().unwrap().remove("confidence");
    assert_eq!(outcome(&decide(&ann, silent).await), ("rejected", "confidence"));
    let msft = decide(&ann, wish(&account, "d4", "buy", "MSFT", "1")).await;
    assert_eq!(outcome(&msft), ("rejected", "instrument"));
    let other = paper(&ann, "10000").await;
    let elsewhere = decide(&ann, wish(&other, "d5", "buy", "AAPL", "1")).await;
    assert_eq!(outcome(&elsewhere), ("rejected", "account"));
    app.stop().await;
}

#[tokio::test]
async fn a_dry_run_records_and_sends_nothing() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    let id = mandate(&ann, &account, ("1000", "2000", 5), None).await;
    let mut dry = wish(&account, "d1", "buy", "AAPL", "1");
    dry["dry_run"] = json!(true);
    let decision = decide(&ann, dry).await;
    assert_eq!((&decision["status"], &decision["would_send"]["symbol"]), (&json!("dry_run"), &json!("AAPL")));
    assert_eq!(orders(&ann).await.len(), 0);
    let usage = &ann.get(&format!("/v1/mandates/{id}")).await.expect(200)["usage"];
    assert_eq!((&usage["reserved"], &usage["orders"]), (&json!("0"), &json!(0)), "{usage}");
    let hold = json!({ "decision_id": "h1", "account_id": account, "action": "hold", "agent_id": AGENT });
    assert_eq!(decide(&ann, hold).await["status"], "accepted");
    app.stop().await;
}

#[tokio::test]
async fn bad_wishes_name_the_field_and_leave_nothing() {
    let app = TestApp::start().await;
    let (ann, ben) = (app.person("ann").await, app.person("ben").await);
    let account = paper(&ann, "10000").await;
    let base = own_wish(&account, "d1", "buy", "AAPL", "1");
    let with = |field: &str, value: Value| {
        let mut wish = base.clone();
        wish[field] = value;
        wish
    };
    for (field, value) in [
        ("quantity", json!("NaN")),
        ("quantity", json!("-1")),
        ("quantity", json!(0)),
        ("quantity", json!("1e40")),
        ("quantity", json!({})),
        ("limit_price", json!("-5")),
        ("limit_price", json!("Infinity")),
        ("symbol", json!("NOPE")),
        ("symbol", json!("")),
        ("decision_id", json!("")),
        ("decision_id", json!("x".repeat(129))),
        ("confidence", json!(1.5)),
        ("rationale", json!("x".repeat(2_001))),
        ("action", json!("short")),
        ("account_id", json!("acc_1")),
        ("order_type", json!("stop")),
        ("surprise", json!(1)),
    ] {
        let refused = ann.post("/v1/decisions", with(field, value)).await.refused(422, "invalid_field");
        let named = refused["errors"][0]["field"].as_str().unwrap();
        assert!(named == field || named == "body", "{field}: {refused}");
    }
    ann.post("/v1/decisions", json!({ "decision_id": "d1" })).await.refused(422, "invalid_field");
    ben.post("/v1/decisions", base.clone()).await.refused(404, "not_found");
    ann.post("/v1/decisions", with("user_id", json!(ben.id))).await.refused(403, "forbidden");
    app.stranger().post("/v1/decisions", base.clone()).await.refused(401, "unauthorized");
    ann.get("/v1/decisions/d1").await.refused(404, "not_found");
    assert_eq!(orders(&ann).await.len(), 0);
    // what money and shares allow is an outcome, not an error
    let dear = decide(&ann, own_wish(&account, "d2", "buy", "AAPL", "1000")).await;
    assert_eq!(outcome(&dear), ("rejected", "cash"));
    let short = decide(&ann, own_wish(&account, "d3", "sell", "AAPL", "1")).await;
    assert_eq!(outcome(&short), ("rejected", "shares"));
    app.stop().await;
}
