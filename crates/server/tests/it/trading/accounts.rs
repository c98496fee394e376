//! Brokers and trading accounts.

use serde_json::json;

use super::paper;
use crate::harness::TestApp;

#[tokio::test]
async fn a_paper_account_is_opened_listed_and_closed() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let brokers = ann.get("/v1/brokers").await.expect(200);
    assert_eq!(
        brokers.as_array().unwrap().len(),
        1,
        "n-dollar is offered only where it is set up: {brokers}"
    );
    assert_eq!(
        brokers[0],
        json!({
            "broker": "paper", "name": "Paper account", "credential_shape": "none", "fields": [], "login": "none"
        })
    );
    let id = paper(&ann, "10000").await;
    let listed = ann.get("/v1/trading-accounts").await.expect(200);
    assert_eq!(listed[0]["account_id"], json!(id));
    assert_eq!((&listed[0]["cash"], &listed[0]["worth"]), (&json!("10000"), &json!("10000")));
    ann.delete(&format!("/v1/trading-accounts/{id}")).await.expect(204);
    assert_eq!(ann.get("/v1/trading-accounts").await.expect(200), json!([]));
    let events = ann.get("/v1/audit?event=account.").await.expect(200);
    let names: Vec<&str> =
        events["items"].as_array().unwrap().iter().map(|e| e["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["account.deleted", "account.linked"]);
    app.stop().await;
}

#[tokio::test]
async fn bad_accounts_name_the_field() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    for (body, field) in [
        (json!({ "broker": "nowhere" }), "broker"),
        (json!({ "broker": "ndollar", "access_token": "x" }), "broker"),
        (json!({ "broker": "paper", "cash": "-1" }), "cash"),
        (json!({ "broker": "paper", "cash": "NaN" }), "cash"),
        (json!({ "broker": "paper", "cash": "1.0000001" }), "cash"),
        (json!({ "broker": "paper", "currency": "EUR" }), "currency"),
        (json!({ "broker": "paper", "name": "" }), "name"),
        (json!({ "broker": "paper", "time_zone": "Mars/Base" }), "time_zone"),
        (json!({ "broker": "paper", "api_key": "k" }), "broker"),
        (json!({}), "body"),
    ] {
        let refused = ann.post("/v1/trading-accounts", body.clone()).await.refused(422, "invalid_field");
        let named = refused["errors"][0]["field"].as_str().unwrap();
        assert!(named == field || named == "body", "{body}: {refused}");
    }
    assert_eq!(ann.get("/v1/trading-accounts").await.expect(200), json!([]));
    app.stop().await;
}

#[tokio::test]
async fn another_persons_account_is_not_found() {
    let app = TestApp::start().await;
    let (ann, ben) = (app.person("ann").await, app.person("ben").await);
    let id = paper(&ann, "100").await;
    ben.delete(&format!("/v1/trading-accounts/{id}")).await.refused(404, "not_found");
    let credentials = format!("/v1/trading-accounts/{id}/credentials");
    ben.put(&credentials, json!({ "access_token": "x" })).await.refused(404, "not_found");
    ben.get(&format!("/v1/positions?account_id={id}")).await.refused(404, "not_found");
    assert_eq!(ben.get("/v1/trading-accounts").await.expect(200), json!([]));
    app.stranger().get("/v1/trading-accounts").await.refused(401, "unauthorized");
    app.stop().await;
}
