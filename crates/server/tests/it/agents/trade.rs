//! Commands that become decisions, and those that must not.

use mandate_standins::openai::{KEY, OpenAi};
use serde_json::{Value, json};

use super::{DEMO, ask, provided, say, trader};
use crate::harness::TestApp;

#[tokio::test]
async fn the_demo_agent_trades_within_the_mandate_and_not_beyond() {
    let app = TestApp::with(|config| config.market.speed = 0).await;
    let (ann, _) = trader(&app, "ann", DEMO).await;
    let bought = say(&ann, DEMO, "buy 1 AAPL").await;
    let decision = bought.one("decision");
    assert_eq!(decision["status"], "executed", "{}", bought.text);
    assert!(bought.shown().contains("Bought 1 AAPL at 4"), "{}", bought.shown());
    assert_eq!(decision["order"]["status"], "filled");
    let waiting = say(&ann, DEMO, "buy 2 AAPL").await;
    assert_eq!(waiting.one("decision")["status"], "pending_approval");
    assert!(waiting.one("decision")["approval_id"].is_string());
    assert!(waiting.shown().contains("Waiting for your approval"));
    let refused = say(&ann, DEMO, "buy 3 AAPL").await;
    assert_eq!(refused.one("decision")["status"], "rejected");
    assert_eq!(refused.one("decision")["reasons"][0]["rule"], "order_value");
    assert!(refused.shown().contains("Refused: "));
    assert_eq!(refused.one("done")["message"]["decisions"][0], *refused.one("decision"));
    let held = say(&ann, DEMO, "what do I hold?").await;
    assert!(held.shown().contains("1 AAPL"), "{}", held.shown());
    assert_eq!(held.all("decision").count(), 0);
    ann.post("/v1/kill-switch", json!({"scope": "user", "on": true})).await;
    let stopped = say(&ann, DEMO, "buy 1 AAPL").await;
    assert_eq!(stopped.one("decision")["reasons"][0]["rule"], "kill_switch");
}

#[tokio::test]
async fn without_a_mandate_nothing_is_traded() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let none = say(&ann, DEMO, "buy 1 AAPL").await;
    assert!(none.shown().contains("no trading account"), "{}", none.shown());
    ann.post("/v1/trading-accounts", json!({"broker": "paper"})).await.expect(201);
    let refused = say(&ann, DEMO, "buy 1 AAPL").await;
    assert_eq!(refused.one("decision")["reasons"][0]["rule"], "mandate");
    assert_eq!(ann.get("/v1/orders").await.expect(200)["items"], json!([]));
}

/// Whatever a model writes, what is executed lies within the mandate.
#[tokio::test]
async fn no_envelope_goes_around_the_mandate() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::with(|config| config.market.speed = 0).await;
    let agent = provided(&app, &provider.base_url(), "weird", KEY).await;
    let (ann, account) = trader(&app, "ann", &agent).await;
    let (_, foreign) = trader(&app, "bob", &agent).await;
    let order = |parameters: Value| json!({"command": "placeOrder", "parameters": parameters});
    let aapl = |quantity: Value| json!({"symbol": "AAPL", "side": "buy", "quantity": quantity});
    let attempts = [
        order(aapl(json!("1000"))),
        order(aapl(json!("-1"))),
        order(aapl(json!("NaN"))),
        order(
            json!({"symbol": "AAPL", "side": "buy", "quantity": "1", "mandate_id": "none", "bypass": true}),
        ),
        order(json!({"symbol": "AAPL", "side": "buy", "quantity": "1", "account_id": foreign})),
        order(json!({"symbol": "MSFT", "side": "buy", "quantity": "1", "account_id": account})),
        order(json!({"symbol": "AAPL", "side": "sell", "quantity": "5"})),
        json!({"command": "placeOrder", "parameters": "buy everything"}),
        json!({"command": "approve", "parameters": {"all": true}}),
        json!({"command": "cancelOrder", "parameters": {"order_id": "ord_0192f3c4a5b6778899aabbccddeeff00"}}),
    ];
    for attempt in attempts {
        let envelope = json!({"commands": [attempt], "naturalResponse": "done", "confidence": 1});
        let stream = say(&ann, &agent, &envelope.to_string()).await;
        assert_eq!(stream.last(), "done", "{}", stream.text);
        for decision in stream.all("decision") {
            assert_eq!(decision["status"], "rejected", "{attempt}: {decision}");
        }
    }
    // low confidence is the mandate's to refuse; six orders in one answer are cut at five
    let unsure = json!({"commands": [order(aapl(json!(1)))], "naturalResponse": "hm", "confidence": 0.1});
    let stream = say(&ann, &agent, &unsure.to_string()).await;
    assert_eq!(stream.one("decision")["reasons"][0]["rule"], "confidence");
    assert_eq!(ann.get("/v1/orders").await.expect(200)["items"], json!([]));
    let six = json!({"commands": (1..=6).map(|n| order(json!({"symbol": "IBM", "side": "buy", "quantity": n}))).collect::<Vec<_>>(), "confidence": 1});
    let stream = say(&ann, &agent, &six.to_string()).await;
    let decisions: Vec<&Value> = stream.all("decision").collect();
    assert_eq!(decisions.len(), 6);
    assert_eq!(decisions[5]["reasons"][0]["rule"], "command");
}

#[tokio::test]
async fn an_agent_that_is_not_made_for_trading_does_not_trade() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::start().await;
    let agent = provided(&app, &provider.base_url(), "echo", KEY).await;
    let admin = app.admin("root").await;
    let path = format!("/v1/admin/agents/{agent}");
    admin.patch(&path, json!({"capabilities": ["chat"]})).await.expect(200);
    let (ann, _) = trader(&app, "ann", &agent).await;
    let order =
        json!({"command": "placeOrder", "parameters": {"symbol": "AAPL", "side": "buy", "quantity": "1"}});
    let envelope = json!({"commands": [order], "naturalResponse": "ok", "confidence": 1}).to_string();
    let stream = say(&ann, &agent, &envelope).await;
    assert_eq!(stream.one("decision")["status"], "rejected");
    assert_eq!(ann.get("/v1/orders").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn an_order_can_be_taken_back_by_its_agent() {
    let app = TestApp::with(|config| config.market.speed = 0).await;
    let (ann, _) = trader(&app, "ann", DEMO).await;
    let resting = say(&ann, DEMO, "buy 1 AAPL at 390").await;
    let decision = resting.one("decision");
    assert_eq!(decision["status"], "accepted", "{}", resting.text);
    assert!(resting.shown().contains("The order waits: buy 1 AAPL at 390 or less."), "{}", resting.shown());
    let id = decision["order"]["order_id"].as_str().unwrap();
    let cancelled = say(&ann, DEMO, &format!("cancel order {id}")).await;
    assert!(cancelled.shown().contains("Cancelled: buy 1 AAPL."), "{}", cancelled.text);
    // a follow-up in one conversation: the question is answered by a number
    let asked = say(&ann, DEMO, "buy apple").await;
    assert!(asked.shown().ends_with('?'));
    let body = json!({"text": "1", "conversation_id": asked.one("start")["conversation_id"]});
    let answer = super::Stream::of(&ask(&ann, DEMO, body).await.text().await.unwrap());
    assert_eq!(answer.one("decision")["status"], "executed", "{}", answer.text);
}
