//! Giving, changing and revoking mandates over HTTP.

use std::time::Duration;

use mandate::kernel::{AgentId, TradingAccountId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, EUROS, LIVE, OTHER_PAPER, PAPER, mandate, with};

#[tokio::test]
async fn a_mandate_is_given_seen_tightened_and_revoked() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    assert_eq!((&given["status"], &given["usage"]["left"]), (&json!("active"), &json!("1500")));
    assert_eq!(given["limits"]["max_order_value"], "1000");
    let path = format!("/v1/mandates/{}", given["mandate_id"].as_str().unwrap());
    assert_eq!(ann.get(&path).await.expect(200)["mandate_id"], given["mandate_id"]);
    ann.post("/v1/mandates", mandate()).await.refused(409, "mandate_exists");
    ann.post("/v1/mandates", with(mandate(), "/account_ids", json!([OTHER_PAPER]))).await.expect(201);
    // another person's id names nothing
    let bob = desk.person("bob").await;
    bob.get(&path).await.refused(404, "not_found");
    bob.patch(&path, json!({ "dry_run": true })).await.refused(404, "not_found");
    bob.delete(&path).await.refused(404, "not_found");
    ann.get("/v1/mandates/mnd_nonsense").await.refused(404, "not_found");

    let tight =
        ann.patch(&path, json!({ "limits": { "max_order_value": "900" }, "approval_above": 400 })).await;
    let tight = tight.expect(200);
    assert_eq!(
        (&tight["limits"]["max_order_value"], &tight["approval_above"]),
        (&json!("900"), &json!("400"))
    );
    assert_eq!(tight["limits"]["max_daily_value"], "1500", "what was left out stays");
    ann.delete(&path).await.expect(204);
    assert_eq!(ann.get(&path).await.expect(200)["status"], "revoked");
    ann.patch(&path, json!({ "dry_run": true })).await.refused(409, "mandate_ended");
    ann.delete(&path).await.expect(204);
    ann.post("/v1/mandates", mandate()).await.expect(201);

    let page = ann.get("/v1/mandates?limit=2").await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let next = page["next_cursor"].as_str().unwrap();
    let rest = ann.get(&format!("/v1/mandates?limit=2&cursor={next}")).await.expect(200);
    assert_eq!(rest["items"][0]["mandate_id"], given["mandate_id"]);
    let events = ann.get("/v1/audit?event=mandate.").await.expect(200);
    let names: Vec<_> =
        events["items"].as_array().unwrap().iter().map(|item| item["event"].clone()).collect();
    assert_eq!(
        names,
        ["mandate.created", "mandate.revoked", "mandate.changed", "mandate.created", "mandate.created"]
            .map(Value::from)
    );
    desk.app.stop().await;
}

#[tokio::test]
async fn giving_and_widening_need_the_person_freshly_proven() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let path = format!("/v1/mandates/{}", given["mandate_id"].as_str().unwrap());
    ann.patch(&path, json!({ "limits": { "max_daily_value": "1600" } })).await.expect(200);
    desk.app.clock.advance(Duration::from_mins(6));
    let stale = ann.post("/v1/mandates", with(mandate(), "/account_ids", json!([OTHER_PAPER]))).await;
    assert!(stale.headers["www-authenticate"].to_str().unwrap().contains("insufficient_user_authentication"));
    stale.refused(401, "insufficient_user_authentication");
    for wide in [
        json!({ "limits": { "max_daily_value": "1601" } }),
        json!({ "approval_above": null }),
        json!({ "instruments": { "allow": ["*"] } }),
        json!({ "account_ids": [PAPER, OTHER_PAPER] }),
    ] {
        ann.patch(&path, wide).await.refused(401, "insufficient_user_authentication");
    }
    ann.patch(&path, json!({ "limits": { "max_daily_value": "1599" } })).await.expect(200);
    ann.delete(&path).await.expect(204);
    desk.app.stranger().at(&desk.url).get("/v1/mandates").await.refused(401, "unauthorized");
    desk.app.stop().await;
}

#[tokio::test]
async fn fields_that_break_a_rule_are_named() {
    let desk = Desk::open().await;
    let ann = desk.person("ann").await;
    let unknown = TradingAccountId(Uuid::from_u128(0x99));
    for (pointer, value, field) in [
        ("/account_ids", json!([]), "account_ids"),
        ("/account_ids", json!([unknown]), "account_ids"),
        ("/account_ids", json!([EUROS]), "limits.currency"),
        ("/agent_id", json!(AgentId(Uuid::from_u128(0xb))), "agent_id"),
        ("/actions", json!([]), "actions"),
        ("/instruments/allow", json!(["A*"]), "instruments.allow"),
        ("/limits/max_order_value", json!("-1"), "limits.max_order_value"),
        ("/limits/max_daily_orders", json!(0), "limits.max_daily_orders"),
        ("/limits/currency", json!("usd"), "limits.currency"),
        ("/min_confidence", json!(2), "min_confidence"),
        ("/expires_at", json!("2001-01-01T00:00:00Z"), "expires_at"),
        ("/hours", json!({ "from": "16:00", "to": "09:30" }), "hours"),
    ] {
        let problem =
            ann.post("/v1/mandates", with(mandate(), pointer, value)).await.refused(422, "invalid_field");
        let fields: Vec<_> =
            problem["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
        assert!(fields.contains(&&json!(field)), "{pointer}: {problem}");
    }
    for (pointer, value) in [
        ("/limits/max_order_value", json!("NaN")),
        ("/limits/max_order_value", json!("much")),
        ("/limits/max_daily_orders", json!(1.5)),
        ("/actions", json!(["hold"])),
        ("/surprise", json!(1)),
        ("/limits", json!({ "currency": "USD" })),
    ] {
        ann.post("/v1/mandates", with(mandate(), pointer, value)).await.refused(422, "invalid_field");
    }
    ann.post("/v1/mandates", with(mandate(), "/account_ids", json!([LIVE])))
        .await
        .refused(403, "second_factor_required");
    assert_eq!(ann.get("/v1/mandates").await.expect(200)["items"], json!([]), "nothing half written");
    desk.app.stop().await;
}
