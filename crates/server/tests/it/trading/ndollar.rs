//! n-dollar through the whole server, against its stand-in.

use mandate_standins::ndollar::{Behaviour, Exchange, Running};
use rust_decimal::dec;
use serde_json::{Value, json};

use super::{decide, orders, outcome};
use crate::harness::{Person, TestApp};

async fn exchange() -> (Exchange, Running, TestApp) {
    let exchange = Exchange::default();
    exchange.open("ann", "ann-secret-token", dec!(100)).open("ben", "ben-secret-token", dec!(100));
    exchange.set_price("MINT1", dec!(2));
    let running = exchange.start().await.unwrap();
    let base = running.base.clone();
    let app = TestApp::with(move |config| {
        config.trading.ndollar.base_url = Some(base.parse().unwrap());
        config.trading.ndollar.timeout_seconds = 1;
    })
    .await;
    (exchange, running, app)
}

async fn link(person: &Person, token: &str) -> String {
    let body = json!({ "broker": "ndollar", "name": "mine", "access_token": token });
    let account = person.post("/v1/trading-accounts", body).await.expect(201);
    assert!(!account.to_string().contains(token));
    account["account_id"].as_str().unwrap().to_owned()
}

fn buy(account: &str, id: &str, amount: &str) -> Value {
    json!({
        "decision_id": id, "account_id": account, "action": "buy", "token_mint": "MINT1",
        "amount": amount.parse::<f64>().unwrap()
    })
}

#[tokio::test]
async fn each_persons_own_token_buys() {
    let (exchange, _running, app) = exchange().await;
    let (ann, ben) = (app.person("ann").await, app.person("ben").await);
    let brokers = ann.get("/v1/brokers").await.expect(200);
    assert_eq!(
        (&brokers[1]["broker"], &brokers[1]["fields"][0]["secret"]),
        (&json!("ndollar"), &json!(true))
    );
    let anns = link(&ann, "ann-secret-token").await;
    let bens = link(&ben, "ben-secret-token").await;
    let first = decide(&ann, buy(&anns, "d1", "10.5")).await;
    assert_eq!((&first["status"], &first["order"]["broker_order_id"]), (&json!("executed"), &json!("tx-1")));
    let second = decide(&ben, buy(&bens, "d1", "4")).await;
    assert_eq!(second["status"], "executed", "{second}");
    assert_eq!(
        decide(&ann, buy(&anns, "d1", "10.5")).await["order"],
        first["order"],
        "the same decision again"
    );
    let log: Vec<_> = exchange.log().into_iter().map(|trade| (trade.token, trade.amount)).collect();
    assert_eq!(log, [("ann#1".to_owned(), dec!(10.5)), ("ben#1".to_owned(), dec!(4))]);
    ben.post("/v1/decisions", buy(&anns, "d2", "1")).await.refused(404, "not_found");
    let held = ann.get("/v1/positions").await.expect(200);
    assert_eq!(
        (&held["items"][0]["symbol"], &held["items"][0]["quantity"]),
        (&json!("MINT1"), &json!("5.25"))
    );
    let audit = ann.get("/v1/audit?limit=200").await.expect(200).to_string();
    assert!(audit.contains("vault.read") && audit.contains("order.filled"));
    assert!(!audit.contains("ann-secret-token"));
    app.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_never_sent_again() {
    let (exchange, _running, app) = exchange().await;
    let ann = app.person("ann").await;
    let account = link(&ann, "ann-secret-token").await;
    exchange.behave(Behaviour::SilentAfterExecuting);
    let decision = decide(&ann, buy(&account, "d1", "1")).await;
    assert_eq!((&decision["status"], &decision["order"]["status"]), (&json!("unknown"), &json!("unknown")));
    exchange.behave(Behaviour::Honest);
    assert_eq!(decide(&ann, buy(&account, "d1", "1")).await["status"], "unknown");
    app.clock.advance(std::time::Duration::from_mins(10));
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(exchange.log().len(), 1, "the outbox has run, and has not sent it again");
    app.stop().await;
}

#[tokio::test]
async fn refusals_keep_the_exchanges_words_and_a_dead_token_asks_for_a_login() {
    let (exchange, running, app) = exchange().await;
    let ann = app.person("ann").await;
    let account = link(&ann, "ann-secret-token").await;
    exchange.behave(Behaviour::Refuse { words: "closed for ann-secret-token".into() });
    let refused = decide(&ann, buy(&account, "d1", "1")).await;
    assert_eq!(outcome(&refused), ("rejected", "broker"));
    assert!(refused.to_string().contains("closed for [removed]"), "{refused}");
    exchange.behave(Behaviour::Honest);
    exchange.end_token("ann-secret-token");
    let dead = decide(&ann, buy(&account, "d2", "1")).await;
    assert_eq!(dead["status"], "no_credentials", "{dead}");
    assert_eq!(ann.get("/v1/trading-accounts").await.expect(200)[0]["status"], "needs_login");
    let next = decide(&ann, buy(&account, "d3", "1")).await;
    assert_eq!(outcome(&next), ("no_credentials", "credentials"), "nothing is sent any more: {next}");
    exchange.open("ann", "new-token", dec!(100));
    let path = format!("/v1/trading-accounts/{account}/credentials");
    assert_eq!(ann.put(&path, json!({ "access_token": "new-token" })).await.expect(200)["status"], "active");
    assert_eq!(decide(&ann, buy(&account, "d4", "1")).await["status"], "executed");
    drop(running);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let gone = decide(&ann, buy(&account, "d5", "1")).await;
    assert_eq!(gone["status"], "failed", "{gone}");
    assert_eq!(orders(&ann).await.iter().filter(|order| order["status"] == "filled").count(), 1);
    app.stop().await;
}
