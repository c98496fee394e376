//! `kill -9` in the middle of decisions, against the real binary.

use std::collections::BTreeMap;
use std::time::Duration;

use mandate::kernel::Rng;
use mandate_standins::ndollar::{Behaviour, Exchange};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::{mandate, number, orders, paper, wish};
use crate::harness::{Binary, Person, Proof, TestDatabase, rounds};

/// Sends decisions until the server is gone. Answers those that were answered, by their id.
async fn trade(person: Person, account: String, name: String) -> BTreeMap<String, Value> {
    let mut answered = BTreeMap::new();
    for index in 0.. {
        let id = format!("{name}-{index}");
        let request = person.request(reqwest::Method::POST, "/v1/decisions");
        let sent = request.json(&wish(&account, &id, "buy", "AAPL", "1")).send().await;
        let Ok(response) = sent else { break };
        let Ok(text) = response.text().await else { break };
        let Ok(decision) = serde_json::from_str::<Value>(&text) else { break };
        answered.insert(id, decision);
    }
    answered
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_kills_in_the_middle_of_decisions_leave_one_outcome_each() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
    let rng = Rng::system();
    let server = Binary::start(data.path(), &database).await;
    let mut ann = Person::register(&server.url, "ann").await.sign_in().await;
    let account = paper(&ann, "1000000").await;
    let limit = dec!(200000);
    let id = mandate(&ann, &account, ("1000", "200000", 100_000), None).await;
    let mut server = Some(server);
    let mut answered: BTreeMap<String, Value> = BTreeMap::new();
    let (rounds, began) = (rounds(50, 150), tokio::time::Instant::now());
    for round in 0..rounds {
        let running = match server.take() {
            Some(running) => running,
            None => Binary::start(data.path(), &database).await,
        };
        ann = ann.at(&running.url);
        let traders: Vec<_> = (0..3)
            .map(|trader| tokio::spawn(trade(ann.clone(), account.clone(), format!("r{round}-{trader}"))))
            .collect();
        let wait = 20 + u64::from(u16::from_le_bytes(rng.bytes())) % 180;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        running.kill();
        for trader in traders {
            answered.extend(trader.await.unwrap());
        }
    }
    assert!(
        answered.len() > rounds,
        "the kills must fall among decisions, but only {} were answered",
        answered.len()
    );
    let running = Binary::start(data.path(), &database).await;
    let ann = ann.at(&running.url).sign_in().await;
    let all = orders(&ann).await;
    let mut by_decision = BTreeMap::new();
    for order in &all {
        assert_eq!(order["status"], "filled", "{order}");
        let doubled = by_decision.insert(order["decision_id"].as_str().unwrap().to_owned(), order);
        assert!(doubled.is_none(), "one decision, one order: {order}");
    }
    let executed = answered.values().filter(|decision| decision["status"] == "executed").count();
    assert!(executed > 0 && executed <= all.len());
    for (id, told) in &answered {
        assert!(matches!(told["status"].as_str(), Some("executed" | "rejected")), "{told}");
        let now = ann.get(&format!("/v1/decisions/{id}")).await.expect(200);
        assert_eq!(now["status"], told["status"], "what was answered stays: {told}");
        // the same decision again, after all those crashes
        let again = ann.post("/v1/decisions", wish(&account, id, "buy", "AAPL", "1")).await.expect(200);
        assert_eq!((&again["id"], &again["order"]), (&told["id"], &told["order"]));
    }
    assert_eq!(orders(&ann).await.len(), all.len(), "repeating made no order");
    let spent: Decimal = all.iter().map(|order| number(&order["value"])).sum();
    assert!(spent <= limit, "{spent}");
    let mandate = ann.get(&format!("/v1/mandates/{id}")).await.expect(200);
    assert_eq!(number(&mandate["usage"]["committed"]), spent.round_dp(6), "{}", mandate["usage"]);
    assert_eq!(number(&mandate["usage"]["reserved"]), dec!(0), "{}", mandate["usage"]);
    let held = ann.get("/v1/positions").await.expect(200);
    assert_eq!(number(&held["items"][0]["quantity"]), Decimal::from(all.len()));
    let money = ann.get("/v1/trading-accounts").await.expect(200);
    let fees: Decimal = all.iter().map(|order| number(&order["fee"])).sum();
    assert_eq!(number(&money[0]["cash"]), dec!(1000000) - spent - fees);
    Proof { rounds, ..Proof::timed(began) }.keep("`kill -9` in the middle of decisions, one after another");
    running.kill();
}

/// Sends buys at the exchange until the server is gone; each amount is its own, so that the exchange's log tells
/// them apart.
async fn buy(person: Person, account: String, first: u32) {
    for amount in first..first + 1_000 {
        let wish = json!({
            "decision_id": format!("n{amount}"), "account_id": account, "action": "buy", "token_mint": "MINT1",
            "amount": amount
        });
        let request = person.request(reqwest::Method::POST, "/v1/decisions").json(&wish);
        if request.send().await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kills_between_sending_and_answer_never_send_twice() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
    let exchange = Exchange::default();
    exchange.open("ann", "ann-token", dec!(1000000000000)).set_price("MINT1", dec!(2));
    exchange.behave(Behaviour::Slow { millis: 15 });
    let outside = exchange.start().await.unwrap();
    let settings = [
        ("MANDATE_TRADING__NDOLLAR__BASE_URL", outside.base.as_str()),
        ("MANDATE_TRADING__NDOLLAR__TIMEOUT_SECONDS", "1"),
    ];
    let rng = Rng::system();
    let mut server = Some(Binary::start_with(data.path(), &database, &settings).await);
    let url = server.as_ref().unwrap().url.clone();
    let mut ann = Person::register(&url, "ann").await.sign_in().await;
    let body = json!({ "broker": "ndollar", "access_token": "ann-token" });
    let account = ann.post("/v1/trading-accounts", body).await.expect(201);
    let account = account["account_id"].as_str().unwrap().to_owned();
    for round in 0..20_u32 {
        let running = match server.take() {
            Some(running) => running,
            None => Binary::start_with(data.path(), &database, &settings).await,
        };
        ann = ann.at(&running.url);
        let buyers: Vec<_> = (0..4)
            .map(|buyer| tokio::spawn(buy(ann.clone(), account.clone(), 1 + (round * 4 + buyer) * 1_000)))
            .collect();
        // on a busy machine, too, the kill comes among orders: some have been executed in this round
        let before = exchange.log().len();
        for _ in 0..300 {
            if exchange.log().len() >= before + 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(u64::from(rng.bytes::<1>()[0]) / 4)).await;
        running.kill();
        for buyer in buyers {
            buyer.await.unwrap();
        }
    }
    exchange.behave(Behaviour::Honest);
    let running = Binary::start_with(data.path(), &database, &settings).await;
    let ann = ann.at(&running.url).sign_in().await;
    // the outbox sends what was left behind, and gives up on answers that cannot come any more
    let mut all = Vec::new();
    for _ in 0..120 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        all = orders(&ann).await;
        if all.iter().all(|order| !matches!(order["status"].as_str(), Some("pending" | "sent"))) {
            break;
        }
    }
    let mut at_exchange: BTreeMap<Decimal, u32> = BTreeMap::new();
    for trade in exchange.log() {
        *at_exchange.entry(trade.amount).or_default() += 1;
    }
    assert!(at_exchange.values().all(|times| *times == 1), "an order was sent twice: {at_exchange:?}");
    assert!(all.len() > 40, "the kills must fall among orders, but there were only {}", all.len());
    let mut unknown = 0;
    for order in &all {
        let traded = at_exchange.remove(&number(&order["quantity"])).is_some();
        match order["status"].as_str().unwrap() {
            "filled" => assert!(traded, "filled without a trade: {order}"),
            // sent, and the answer died with the server: it may or may not have been executed
            "unknown" => unknown += 1,
            _ => panic!("{order}"),
        }
    }
    assert!(at_exchange.is_empty(), "trades that nobody knows of: {at_exchange:?}");
    assert!(unknown > 0, "no kill fell between sending and answer: this proves nothing");
    running.kill();
}
