//! Orders that wait for the person.

use std::time::Duration;

use mandate::mandates::{Act, Mode, OrderType, Price};
use serde_json::json;
use uuid::Uuid;

use super::{Desk, act, allowed, refused, usage};
use crate::harness::eventually;

#[tokio::test]
async fn an_approval_is_for_one_order_and_works_once() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let bob = desk.person("bob").await;
    let (two, approval, hash) = desk.waiting(&ann).await;
    let path = format!("/v1/approvals/{approval}");
    let approve = format!("{path}/approve");
    ann.post(&approve, json!({ "order_hash": "00".repeat(32) })).await.refused(409, "order_hash_mismatch");
    ann.post(&approve, json!({})).await.refused(422, "invalid_field");
    bob.post(&approve, json!({ "order_hash": hash })).await.refused(404, "not_found");
    bob.get(&path).await.refused(404, "not_found");
    ann.get(&approve).await.refused(405, "method_not_allowed");
    refused(
        desk.judge(&Act { decision: two.decision, ..two.clone() }, Mode::Release(approval)).await,
        "approval_above",
    );

    let (two, approval, hash) = desk.waiting(&ann).await;
    let approve = format!("/v1/approvals/{approval}/approve");
    assert_eq!(ann.post(&approve, json!({ "order_hash": hash })).await.expect(200)["status"], "approved");
    ann.post(&approve, json!({ "order_hash": hash })).await.refused(409, "approval_decided");
    ann.post(&format!("/v1/approvals/{approval}/reject"), json!({})).await.refused(409, "approval_decided");
    let ended = desk.mandates.ended_approvals(10).await.unwrap();
    assert_eq!((ended[0].approval, ended[0].outcome.as_str()), (approval, "approved"));
    allowed(desk.judge(&two, Mode::Release(approval)).await);
    refused(desk.judge(&two, Mode::Release(approval)).await, "approval_above");
    assert_eq!(
        usage(&ann, &given).await.0,
        "0",
        "the second release held nothing and took back what was there"
    );
    desk.app.stop().await;
}

#[tokio::test]
async fn another_order_cannot_use_an_approval() {
    let desk = Desk::open().await;
    let (ann, _) = desk.holder("ann").await;
    let (two, approval, hash) = desk.waiting(&ann).await;
    let approve = format!("/v1/approvals/{approval}/approve");
    ann.post(&approve, json!({ "order_hash": hash })).await.expect(200);
    for other in [
        Act { quantity: "2.1".parse().unwrap(), ..two.clone() },
        Act { symbol: "IBM".into(), ..two.clone() },
        Act { decision: Uuid::from_u128(77), ..two.clone() },
        Act { order_type: OrderType::Limit, limit_price: Some("411".parse().unwrap()), ..two.clone() },
    ] {
        let mut tx = desk.app.app.kernel.db.begin().await.unwrap();
        refused(
            desk.mandates.judge(&mut tx, &other, Mode::Release(approval)).await.unwrap(),
            "approval_above",
        );
        drop(tx);
    }
    allowed(desk.judge(&two, Mode::Release(approval)).await);
    desk.app.stop().await;
}

#[tokio::test]
async fn the_checks_run_again_at_release() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let (mut two, approval, hash) = desk.waiting(&ann).await;
    ann.post(&format!("/v1/approvals/{approval}/approve"), json!({ "order_hash": hash })).await.expect(200);
    // the price has risen past the order limit since
    two.facts.price = Some(Price { last: "500".parse().unwrap(), currency: "USD".into() });
    refused(desk.judge(&two, Mode::Release(approval)).await, "order_value");
    assert_eq!(usage(&ann, &given).await, ("0".into(), "0".into(), "1500".into(), 0), "what it held is free");
    desk.app.stop().await;
}

#[tokio::test]
async fn rejection_and_time_free_what_an_approval_held() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let (_, approval, _) = desk.waiting(&ann).await;
    assert_eq!(usage(&ann, &given).await.0, "830.22");
    let rejected =
        ann.post(&format!("/v1/approvals/{approval}/reject"), json!({ "reason": "no" })).await.expect(200);
    assert_eq!((&rejected["status"], &rejected["decided_why"]), (&json!("rejected"), &json!("no")));
    assert_eq!(usage(&ann, &given).await, ("0".into(), "0".into(), "1500".into(), 0));

    let (late, approval, hash) = desk.waiting(&ann).await;
    desk.app.clock.advance(Duration::from_secs(15 * 60 + 1));
    let ann = ann.at(&desk.app.url).sign_in().await.at(&desk.url);
    let approve = format!("/v1/approvals/{approval}/approve");
    ann.post(&approve, json!({ "order_hash": hash })).await.refused(409, "approval_decided");
    let path = format!("/v1/approvals/{approval}");
    eventually("the approval expires", || async {
        (ann.get(&path).await.expect(200)["status"] == "expired").then_some(())
    })
    .await;
    assert_eq!(usage(&ann, &given).await.0, "0");
    refused(desk.judge(&late, Mode::Release(approval)).await, "approval_above");
    let outcomes: Vec<String> =
        desk.mandates.ended_approvals(10).await.unwrap().into_iter().map(|ended| ended.outcome).collect();
    assert_eq!(outcomes, ["rejected", "expired"]);
    desk.app.stop().await;
}

#[tokio::test]
async fn approving_and_rejecting_at_once_has_one_winner() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    for _ in 0..5 {
        let (two, approval, hash) = desk.waiting(&ann).await;
        let tasks: Vec<_> = (0..20)
            .map(|index| {
                let (ann, hash) = (ann.clone(), hash.clone());
                tokio::spawn(async move {
                    let (act, body) = match index % 2 {
                        0 => ("approve", json!({ "order_hash": hash })),
                        _ => ("reject", json!({})),
                    };
                    ann.post(&format!("/v1/approvals/{approval}/{act}"), body).await.status == 200
                })
            })
            .collect();
        let mut winners = 0;
        for task in tasks {
            winners += i32::from(task.await.unwrap());
        }
        assert_eq!(winners, 1);
        let ended = desk.mandates.ended_approvals(10).await.unwrap();
        assert_eq!(ended.len(), 1);
        let mut tx = desk.app.app.kernel.db.begin().await.unwrap();
        assert!(desk.mandates.take_ended(&mut tx, approval).await.unwrap());
        assert!(!desk.mandates.take_ended(&mut tx, approval).await.unwrap());
        desk.mandates.withdraw(&mut tx, two.decision).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(usage(&ann, &given).await.0, "0");
    }
    desk.app.stop().await;
}

#[tokio::test]
async fn revoking_a_mandate_ends_what_waited() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let (two, approval, hash) = desk.waiting(&ann).await;
    ann.delete(&format!("/v1/mandates/{}", given["mandate_id"].as_str().unwrap())).await.expect(204);
    refused(desk.first(&act(&ann, "1")).await, "mandate");
    let approve = format!("/v1/approvals/{approval}/approve");
    ann.post(&approve, json!({ "order_hash": hash })).await.refused(409, "approval_decided");
    refused(desk.judge(&two, Mode::Release(approval)).await, "mandate");
    desk.app.stop().await;
}
