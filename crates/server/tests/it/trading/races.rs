//! Many at once: limits hold, and one decision acts once.

use rust_decimal::{Decimal, dec};
use serde_json::json;

use super::{mandate, number, orders, own_wish, paper, wish};
use crate::harness::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_of_two_hundred_decisions_never_passes_the_limit() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "1000000").await;
    let id = mandate(&ann, &account, ("1000", "5000", 200), None).await;
    let tasks: Vec<_> = (0..200)
        .map(|index| {
            let (ann, wish) = (ann.clone(), wish(&account, &format!("d{index}"), "buy", "AAPL", "1"));
            tokio::spawn(async move { ann.post("/v1/decisions", wish).await.expect(200) })
        })
        .collect();
    let mut executed = 0;
    for task in tasks {
        let decision = task.await.unwrap();
        match super::outcome(&decision) {
            ("executed", _) => executed += 1,
            ("rejected", "daily_value") => {}
            _ => panic!("{decision}"),
        }
    }
    // one costs about 411 and is reserved with 1 %: twelve fit
    assert!((11..=12).contains(&executed), "{executed}");
    let orders = orders(&ann).await;
    assert_eq!(orders.len(), executed);
    let spent: Decimal = orders.iter().map(|order| number(&order["value"])).sum();
    assert!(spent <= dec!(5000), "{spent}");
    let usage = &ann.get(&format!("/v1/mandates/{id}")).await.expect(200)["usage"];
    assert_eq!(number(&usage["committed"]), spent.round_dp(6), "{usage}");
    assert_eq!(number(&usage["reserved"]), dec!(0));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_of_one_decision_makes_one_order() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "1000000").await;
    for round in 0..3 {
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let (ann, wish) = (ann.clone(), own_wish(&account, &format!("d{round}"), "buy", "AAPL", "1"));
                tokio::spawn(async move { ann.post("/v1/decisions", wish).await.expect(200) })
            })
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        for task in tasks {
            let decision = task.await.unwrap();
            assert_eq!(decision["status"], "executed", "{decision}");
            seen.insert(decision["order"]["order_id"].to_string());
        }
        assert_eq!(seen.len(), 1, "all are told of the one order");
    }
    assert_eq!(orders(&ann).await.len(), 3);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_of_approvals_releases_one_order() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "1000000").await;
    mandate(&ann, &account, ("1000", "5000", 200), Some("100")).await;
    let decision = super::decide(&ann, wish(&account, "d1", "buy", "AAPL", "1")).await;
    assert_eq!(decision["status"], "pending_approval");
    let waiting = ann.get("/v1/approvals?status=pending").await.expect(200);
    let approval = &waiting["items"][0];
    let path = format!("/v1/approvals/{}/approve", approval["approval_id"].as_str().unwrap());
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (ann, path) = (ann.clone(), path.clone());
            let body = json!({ "order_hash": approval["order_hash"] });
            tokio::spawn(async move { ann.post(&path, body).await.status.as_u16() })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    crate::harness::eventually("the fill", || async {
        let now = ann.get("/v1/decisions/d1").await.expect(200);
        (now["status"] == "executed").then_some(())
    })
    .await;
    assert_eq!(orders(&ann).await.len(), 1);
    app.stop().await;
}

/// On PostgreSQL alone: an embedded database has one server.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_on_two_nodes_never_passes_the_limit_nor_acts_twice() {
    let app = TestApp::start().await;
    if app.database.url().is_none() {
        return app.stop().await;
    }
    let other = app.second_node().await;
    let ann = app.person("ann").await;
    let account = paper(&ann, "1000000").await;
    mandate(&ann, &account, ("1000", "5000", 200), None).await;
    // each decision at both nodes at once
    let tasks: Vec<_> = (0..120)
        .map(|index| {
            let ann = ann.at(if index % 2 == 0 { &app.url } else { &other.url });
            let wish = wish(&account, &format!("d{}", index / 2), "buy", "AAPL", "1");
            tokio::spawn(async move { ann.post("/v1/decisions", wish).await.expect(200) })
        })
        .collect();
    let mut told = std::collections::BTreeMap::new();
    for task in tasks {
        let decision = task.await.unwrap();
        let id = decision["decision_id"].to_string();
        let first = told.entry(id).or_insert_with(|| decision.clone());
        assert_eq!(
            (&first["id"], &first["status"], &first["order"]),
            (&decision["id"], &decision["status"], &decision["order"])
        );
    }
    let orders = orders(&ann).await;
    assert_eq!(orders.len(), told.values().filter(|decision| decision["status"] == "executed").count());
    let spent: Decimal = orders.iter().map(|order| number(&order["value"])).sum();
    assert!(spent <= dec!(5000) && orders.len() >= 11, "{spent}");
    other.stop().await;
    app.stop().await;
}
