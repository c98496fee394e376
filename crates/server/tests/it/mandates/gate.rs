//! The gate itself: what passes, what it reserves, and that no race passes a limit.

use std::sync::Arc;
use std::time::Duration;

use mandate::kernel::{AgentId, Num};
use mandate::mandates::{Act, Facts, Mode, Verdict};
use serde_json::json;
use uuid::Uuid;

use super::{Desk, OTHER_PAPER, act, allowed, mandate, refused, sell, usage, with};
use crate::harness::eventually;

#[tokio::test]
async fn the_guides_tour_at_the_gate() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let one = act(&ann, "1");
    allowed(desk.first(&one).await);
    assert_eq!(usage(&ann, &given).await, ("415.11".into(), "0".into(), "1084.89".into(), 1));
    desk.settle(one.decision, "411.01").await;
    assert_eq!(usage(&ann, &given).await, ("0".into(), "411.01".into(), "1088.99".into(), 1));

    let (two, approval, hash) = desk.waiting(&ann).await;
    let shown = ann.get("/v1/approvals?status=pending").await.expect(200)["items"][0].clone();
    assert_eq!(shown["approval_id"], json!(approval));
    assert_eq!(shown["order"]["worst_case_value"], "830.22");
    assert_eq!(shown["leaves"], json!({ "daily_value": "258.77", "daily_orders": 8 }));
    assert_eq!((&shown["reason"], &shown["confidence"]), (&json!("it looks cheap"), &json!(0.9)));
    ann.post(&format!("/v1/approvals/{approval}/approve"), json!({ "order_hash": hash })).await.expect(200);
    allowed(desk.judge(&two, Mode::Release(approval)).await);
    desk.settle(two.decision, "822.04").await;
    assert_eq!(usage(&ann, &given).await, ("0".into(), "1233.05".into(), "266.95".into(), 2));

    let detail = refused(desk.first(&act(&ann, "3")).await, "order_value");
    assert_eq!(detail, "order value 1,245.33 USD is above this mandate's limit of 1,000.00 USD per order");
    let detail = refused(desk.first(&act(&ann, "1")).await, "daily_value");
    assert!(detail.contains("limit of 1,500.00 USD per day"), "{detail}");
    ann.post("/v1/kill-switch", json!({ "on": true })).await.expect(200);
    assert_eq!(refused(desk.first(&act(&ann, "0.1")).await, "kill_switch"), "your kill switch is on");
    desk.app.stop().await;
}

#[tokio::test]
async fn without_a_living_mandate_an_agent_can_do_nothing() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let bob = desk.person("bob").await;
    refused(desk.first(&act(&bob, "1")).await, "mandate");
    refused(desk.first(&Act { agent: Some(AgentId(Uuid::from_u128(9))), ..act(&ann, "1") }).await, "mandate");
    refused(desk.first(&Act { account: OTHER_PAPER, ..act(&ann, "1") }).await, "account");
    refused(desk.first(&Act { symbol: "MSFT".into(), ..act(&ann, "1") }).await, "instrument");
    refused(desk.first(&Act { confidence: None, ..act(&ann, "1") }).await, "confidence");
    let path = format!("/v1/mandates/{}", given["mandate_id"].as_str().unwrap());
    let end = desk.app.clock.as_ref();
    let soon = mandate::kernel::At(mandate::kernel::Clock::now(end).0 + 60_000_000);
    ann.patch(&path, json!({ "expires_at": soon })).await.expect(200);
    allowed(desk.first(&act(&ann, "1")).await);
    desk.app.clock.advance(Duration::from_secs(61));
    refused(desk.first(&act(&ann, "1")).await, "mandate");
    assert_eq!(ann.get(&path).await.expect(200)["status"], "expired");
    // an ended mandate does not stand in the way of the next
    ann.post("/v1/mandates", mandate()).await.expect(201);
    allowed(desk.first(&act(&ann, "1")).await);
    // a person's own order needs none, but must make sense
    let own = Act { agent: None, confidence: None, ..act(&bob, "100") };
    allowed(desk.first(&own).await);
    refused(desk.first(&Act { quantity: Num::ZERO, ..own.clone() }).await, "sanity");
    refused(
        desk.first(&Act { facts: Facts { twin: Some("d-0".into()), ..own.facts.clone() }, ..own }).await,
        "duplicate",
    );
    desk.app.stop().await;
}

#[tokio::test]
async fn two_hundred_orders_at_once_never_pass_a_limit() {
    for (limits, fits) in [
        // 1,500 holds three orders of 415.11
        (
            json!({ "max_order_value": "1000", "max_daily_value": "1500", "max_daily_orders": 500, "currency": "USD" }),
            3,
        ),
        // five orders, whatever they cost
        (
            json!({ "max_order_value": "1000", "max_daily_value": "900000", "max_daily_orders": 5, "currency": "USD" }),
            5,
        ),
    ] {
        let desk = Arc::new(Desk::open().await);
        let ann = desk.person("ann").await;
        let given = ann.post("/v1/mandates", with(mandate(), "/limits", limits)).await.expect(201);
        let tasks: Vec<_> = (0..200)
            .map(|_| {
                let (desk, act) = (Arc::clone(&desk), act(&ann, "1"));
                tokio::spawn(async move { desk.first(&act).await })
            })
            .collect();
        let mut passed = 0;
        for task in tasks {
            match task.await.unwrap() {
                Verdict::Allowed { .. } => passed += 1,
                other => {
                    let Verdict::Refused { reasons, .. } = other else { panic!("{other:?}") };
                    assert!(reasons[0].rule.starts_with("daily_"), "{reasons:?}");
                }
            }
        }
        assert_eq!(passed, fits);
        let (reserved, _, _, orders) = usage(&ann, &given).await;
        assert_eq!((reserved.parse::<f64>().unwrap() * 100.0).round() as i64, 41_511 * fits);
        assert_eq!(orders, fits);
        Arc::into_inner(desk).unwrap().app.stop().await;
    }
}

#[tokio::test]
async fn reservations_are_settled_in_part_released_and_withdrawn_once() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let db = &desk.app.app.kernel.db;
    let part = act(&ann, "1");
    allowed(desk.first(&part).await);
    for (spent, reserved, committed) in
        [("100", "315.11", "100"), ("100", "315.11", "100"), ("150.5", "264.61", "150.5")]
    {
        let mut tx = db.begin().await.unwrap();
        desk.mandates.commit_part(&mut tx, part.decision, spent.parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        let (r, c, ..) = usage(&ann, &given).await;
        assert_eq!((r.as_str(), c.as_str()), (reserved, committed));
    }
    for _ in 0..2 {
        let mut tx = db.begin().await.unwrap();
        desk.mandates.release(&mut tx, part.decision).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(usage(&ann, &given).await, ("0".into(), "150.5".into(), "1349.5".into(), 1));
    }
    let unsent = act(&ann, "1");
    allowed(desk.first(&unsent).await);
    for _ in 0..2 {
        let mut tx = db.begin().await.unwrap();
        desk.mandates.withdraw(&mut tx, unsent.decision).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            usage(&ann, &given).await,
            ("0".into(), "150.5".into(), "1349.5".into(), 1),
            "its order is back, too"
        );
    }
    // an end is an end: a late settlement changes nothing
    desk.settle(unsent.decision, "400").await;
    assert_eq!(usage(&ann, &given).await.1, "150.5");
    // a reducing sell counts as an order and as nothing else
    let exit = sell(act(&ann, "5"), "5");
    allowed(desk.first(&exit).await);
    desk.settle(exit.decision, "2055").await;
    assert_eq!(usage(&ann, &given).await, ("0".into(), "150.5".into(), "1349.5".into(), 2));
    // nor does a dry run hold anything
    let dry = Act { dry_run: true, ..act(&ann, "1") };
    assert!(matches!(desk.first(&dry).await, Verdict::Allowed { dry_run: true, .. }));
    assert_eq!(usage(&ann, &given).await.3, 2);
    desk.app.stop().await;
}

#[tokio::test]
async fn a_dropped_transaction_reserves_nothing() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let mut tx = desk.app.app.kernel.db.begin().await.unwrap();
    desk.mandates.judge(&mut tx, &act(&ann, "1"), Mode::First).await.unwrap();
    drop(tx);
    assert_eq!(usage(&ann, &given).await, ("0".into(), "0".into(), "1500".into(), 0));
    desk.app.stop().await;
}

#[tokio::test]
async fn the_day_ends_at_midnight_where_the_account_is() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    allowed(desk.first(&act(&ann, "1")).await);
    let today = ann.get("/v1/mandates").await.expect(200)["items"][0]["usage"]["day"].clone();
    let now = mandate::kernel::Clock::now(desk.app.clock.as_ref());
    assert_eq!(today, now.day_in("America/New_York"));
    desk.app.clock.advance(Duration::from_hours(24));
    let ann = ann.at(&desk.app.url).sign_in().await.at(&desk.url);
    assert_eq!(usage(&ann, &given).await, ("0".into(), "0".into(), "1500".into(), 0));
    desk.app.stop().await;
}

#[tokio::test]
async fn old_days_are_forgotten_and_held_ones_are_not() {
    let desk = Desk::open().await;
    let (ann, _) = desk.holder("ann").await;
    let (done, open) = (act(&ann, "1"), act(&ann, "1"));
    allowed(desk.first(&done).await);
    desk.settle(done.decision, "411").await;
    desk.app.clock.advance(Duration::from_hours(24));
    allowed(desk.first(&open).await);
    desk.app.clock.advance(Duration::from_hours(24 * 91));
    desk.app.app.kernel.jobs.wake("mandates.sweep");
    eventually("the first day goes", || async {
        let mut conn = desk.app.app.kernel.db.read().await.unwrap();
        let days = mandate::fetch_all!(conn, (i64,), "SELECT reserved FROM budgets").unwrap();
        let held = mandate::fetch_all!(conn, (Uuid,), "SELECT decision FROM reservations").unwrap();
        (days == [(415_110_000,)] && held == [(open.decision,)]).then_some(())
    })
    .await;
    desk.app.stop().await;
}
