//! Limit orders, cancels, the kill switch, positions.

use std::time::Duration;

use mandate::kernel::At;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::{AGENT, decide, mandate, number, outcome, own_wish, paper, wish};
use crate::harness::{Person, TestApp, eventually};

/// A limit order by the person.
async fn limit(person: &Person, account: &str, id: &str, side: &str, price: Decimal) -> Value {
    let mut wish = own_wish(account, id, side, "AAPL", "1");
    wish["limit_price"] = json!(price.round_dp(2).to_string());
    decide(person, wish).await
}

async fn last(person: &Person, account: &str) -> Decimal {
    let bought = decide(person, own_wish(account, "first", "buy", "AAPL", "1")).await;
    number(&bought["order"]["average_price"])
}

#[tokio::test]
async fn a_limit_order_rests_and_fills_when_the_market_comes() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    let price = last(&ann, &account).await;
    let decision = limit(&ann, &account, "d1", "sell", price * dec!(1.03)).await;
    assert_eq!((&decision["status"], &decision["order"]["status"]), (&json!("accepted"), &json!("open")));
    let more = decide(&ann, own_wish(&account, "d2", "sell", "AAPL", "1")).await;
    assert_eq!(outcome(&more), ("rejected", "shares"), "the resting order has promised it: {more}");
    // January 2012 rose from 411 to above 450; the replay runs sixty times as fast as the clock
    app.clock.advance(Duration::from_secs(7_200));
    let ann = ann.sign_in().await;
    let done = eventually("the fill", || async {
        let now = ann.get("/v1/decisions/d1").await.expect(200);
        (now["status"] == "executed").then_some(now)
    })
    .await;
    assert_eq!(done["order"]["status"], "filled");
    assert!(number(&done["order"]["average_price"]) >= (price * dec!(1.03)).round_dp(2), "{done}");
    let events = ann.get("/v1/audit?event=order.filled").await.expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn an_order_is_cancelled_once_by_its_owner() {
    let app = TestApp::start().await;
    let (ann, ben) = (app.person("ann").await, app.person("ben").await);
    let account = paper(&ann, "1000").await;
    let price = last(&ann, &account).await;
    let decision = limit(&ann, &account, "d1", "buy", price * dec!(0.95)).await;
    let path = format!("/v1/orders/{}", decision["order"]["order_id"].as_str().unwrap());
    ben.get(&path).await.refused(404, "not_found");
    ben.delete(&path).await.refused(404, "not_found");
    ann.delete(&format!("/v1/trading-accounts/{account}")).await.refused(409, "conflict");
    assert_eq!(ann.delete(&path).await.expect(200)["status"], "cancelled");
    assert_eq!(ann.delete(&path).await.expect(200)["status"], "cancelled", "a repeat is harmless");
    let filled = ann.get("/v1/decisions/first").await.expect(200);
    let path = format!("/v1/orders/{}", filled["order"]["order_id"].as_str().unwrap());
    ann.delete(&path).await.refused(409, "conflict");
    let again = limit(&ann, &account, "d2", "buy", price * dec!(0.95)).await;
    assert_eq!(again["order"]["status"], "open", "the cash is free again: {again}");
    let cancel = json!({
        "decision_id": "c1", "account_id": account, "action": "cancel", "order_id": again["order"]["order_id"]
    });
    let cancelled = decide(&ann, cancel).await;
    assert_eq!(
        (&cancelled["status"], &cancelled["order"]["status"]),
        (&json!("executed"), &json!("cancelled"))
    );
    app.stop().await;
}

#[tokio::test]
async fn the_kill_switch_cancels_open_orders_when_asked_and_frees_their_budget() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    let id = mandate(&ann, &account, ("1000", "2000", 5), None).await;
    let price = last(&ann, &account).await;
    let mut resting = wish(&account, "d1", "buy", "AAPL", "1");
    resting["limit_price"] = json!((price * dec!(0.95)).round_dp(2).to_string());
    let decision = decide(&ann, resting).await;
    assert_eq!(decision["order"]["status"], "open", "{decision}");
    let mandate = ann.get(&format!("/v1/mandates/{id}")).await.expect(200);
    assert!(number(&mandate["usage"]["reserved"]) > dec!(300));
    let body = json!({ "scope": "agent", "id": AGENT, "on": true, "cancel_open_orders": true });
    ann.post("/v1/kill-switch", body).await.expect(200);
    eventually("the cancel", || async {
        let now = ann.get("/v1/decisions/d1").await.expect(200);
        (now["order"]["status"] == "cancelled").then_some(())
    })
    .await;
    let mandate = ann.get(&format!("/v1/mandates/{id}")).await.expect(200);
    assert_eq!(number(&mandate["usage"]["reserved"]), dec!(0), "{mandate}");
    // reducing what is held still passes, opening does not
    let sell = decide(&ann, wish(&account, "d2", "sell", "AAPL", "1")).await;
    assert_eq!(sell["status"], "executed", "{sell}");
    let buy = decide(&ann, wish(&account, "d3", "buy", "AAPL", "1")).await;
    assert_eq!(outcome(&buy), ("rejected", "kill_switch"));
    app.stop().await;
}

#[tokio::test]
async fn orders_are_listed_page_by_page_and_filtered() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let (one, two) = (paper(&ann, "100000").await, paper(&ann, "100000").await);
    for index in 0..5 {
        decide(&ann, own_wish(&one, &format!("a{index}"), "buy", "AAPL", "1")).await;
    }
    decide(&ann, own_wish(&two, "b", "buy", "IBM", "2")).await;
    assert_eq!(super::orders(&ann).await.len(), 6);
    let page = ann.get("/v1/orders?limit=4").await.expect(200);
    assert_eq!(page["items"][0]["decision_id"], "b", "newest first");
    let next = page["next_cursor"].as_str().unwrap();
    let rest = ann.get(&format!("/v1/orders?limit=4&cursor={next}")).await.expect(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (2, &Value::Null));
    let filtered = ann.get(&format!("/v1/orders?account_id={two}&status=filled")).await.expect(200);
    assert_eq!(filtered["items"].as_array().unwrap().len(), 1);
    ann.get("/v1/orders?status=lost").await.refused(400, "bad_query");
    let held = ann.get(&format!("/v1/positions?account_id={two}")).await.expect(200);
    assert_eq!((&held["items"][0]["symbol"], &held["items"][0]["quantity"]), (&json!("IBM"), &json!("2")));
    let (value, unrealised) = (number(&held["items"][0]["value"]), number(&held["items"][0]["unrealised"]));
    assert!(value > dec!(300) && unrealised.abs() < dec!(20), "{held}");
    app.stop().await;
}

#[tokio::test]
async fn a_split_multiplies_positions_and_resting_orders() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "10000").await;
    let price =
        number(&decide(&ann, own_wish(&account, "b", "buy", "AAPL", "2")).await["order"]["average_price"]);
    let sell = limit(&ann, &account, "s", "sell", price * dec!(1.05)).await;
    let buy = limit(&ann, &account, "l", "buy", price * dec!(0.95)).await;
    assert_eq!((&sell["order"]["status"], &buy["order"]["status"]), (&json!("open"), &json!("open")));
    // the replay's own years have no split: let the account be one from before Apple's two for one of 2005
    let mut tx = app.app.kernel.db.begin().await.unwrap();
    let before = At::from_unix(1_100_000_000).unix();
    assert_eq!(mandate::execute!(tx, "UPDATE paper_states SET market_time = $1", before).unwrap(), 1);
    assert_eq!(mandate::execute!(tx, "UPDATE orders SET market_time = $1", before).unwrap(), 3);
    tx.commit().await.unwrap();
    let sold = eventually("the fill", || async {
        let now = ann.get("/v1/decisions/s").await.expect(200);
        (now["status"] == "executed").then_some(now)
    })
    .await;
    assert_eq!((&sold["order"]["quantity"], &sold["order"]["filled_quantity"]), (&json!("2"), &json!("2")));
    let held = ann.get("/v1/positions").await.expect(200);
    assert_eq!(held["items"][0]["quantity"], "2", "four after the split, two sold: {held}");
    let rest = ann.get("/v1/decisions/l").await.expect(200);
    assert_eq!(
        (&rest["order"]["status"], &rest["order"]["quantity"]),
        (&json!("open"), &json!("2")),
        "{rest}"
    );
    let before = number(&buy["order"]["limit_price"]);
    assert!((number(&rest["order"]["limit_price"]) * dec!(2) - before).abs() < dec!(0.00001), "{rest}");
    let events = ann.get("/v1/audit?event=account.split").await.expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
    app.stop().await;
}
