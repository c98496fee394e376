//! Mandates, budgets, approvals and the kill switch: over HTTP, and at the gate itself.

use std::sync::Arc;
use std::time::Duration;

use mandate::app::App;
use mandate::kernel::{AgentId, Num, TradingAccountId, UserId};
use mandate::mandates::{
    AccountFacts, Act, Action, ApprovalId, Config, Directory, Facts, Mandates, Mode, OrderType, Price,
    Verdict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Person, TestApp, eventually};

const AGENT: AgentId = AgentId(Uuid::from_u128(0xa));
/// Paper accounts in USD; everybody has them.
const PAPER: TradingAccountId = TradingAccountId(Uuid::from_u128(0x1));
const OTHER_PAPER: TradingAccountId = TradingAccountId(Uuid::from_u128(0x2));
const EUROS: TradingAccountId = TradingAccountId(Uuid::from_u128(0x3));
const LIVE: TradingAccountId = TradingAccountId(Uuid::from_u128(0x4));

/// A server whose mandates know the accounts above, whatever other slices hold.
struct Desk {
    app: TestApp,
    mandates: Mandates,
    url: String,
}

fn directory() -> Directory {
    let facts = |account: TradingAccountId| {
        let currency = if account == EUROS { "EUR" } else { "USD" };
        let known = [PAPER, OTHER_PAPER, EUROS, LIVE].contains(&account);
        known.then(|| AccountFacts {
            account,
            currency: currency.into(),
            zone: "America/New_York".into(),
            live: account == LIVE,
        })
    };
    Directory {
        accounts: Arc::new(move |_, asked| {
            Box::pin(async move { Ok(asked.into_iter().filter_map(facts).collect()) })
        }),
        agent: Arc::new(|_, agent| Box::pin(async move { Ok(agent == AGENT) })),
    }
}

impl Desk {
    async fn open() -> Self {
        Self::with(Config::default()).await
    }

    async fn with(config: Config) -> Self {
        let app = TestApp::start().await;
        let kernel = app.app.kernel.clone();
        let mandates = Mandates::new(kernel, app.app.audit.clone(), config, directory());
        mandates.start();
        let own = App { mandates: mandates.clone(), ..app.app.clone() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = app.app.kernel.shutdown.clone();
        tokio::spawn(async move {
            let served = axum::serve(listener, mandate::http::router(own));
            served.with_graceful_shutdown(shutdown.cancelled_owned()).await.unwrap();
        });
        Self { app, mandates, url }
    }

    async fn person(&self, name: &str) -> Person {
        self.app.person(name).await.at(&self.url)
    }

    /// A person with the mandate of the guide: orders up to 1,000, days up to 1,500, approval above 500.
    async fn holder(&self, name: &str) -> (Person, Value) {
        let person = self.person(name).await;
        let mandate = person.post("/v1/mandates", mandate()).await.expect(201);
        (person, mandate)
    }

    async fn judge(&self, act: &Act, mode: Mode) -> Verdict {
        let mut tx = self.app.app.kernel.db.begin().await.unwrap();
        let verdict = self.mandates.judge(&mut tx, act, mode).await.unwrap();
        tx.commit().await.unwrap();
        verdict
    }

    async fn first(&self, act: &Act) -> Verdict {
        self.judge(act, Mode::First).await
    }

    /// An order that waits: its act and its approval.
    async fn waiting(&self, person: &Person) -> (Act, ApprovalId, String) {
        let act = act(person, "2");
        match self.first(&act).await {
            Verdict::NeedsApproval { approval, order_hash, .. } => (act, approval, order_hash),
            other => panic!("{other:?}"),
        }
    }

    async fn settle(&self, decision: Uuid, spent: &str) {
        let mut tx = self.app.app.kernel.db.begin().await.unwrap();
        self.mandates.settle(&mut tx, decision, spent.parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn mandate() -> Value {
    json!({
        "agent_id": AGENT, "account_ids": [PAPER], "actions": ["buy", "sell"],
        "instruments": { "allow": ["AAPL", "IBM"] },
        "limits": { "max_order_value": "1000", "max_daily_value": 1500, "max_daily_orders": 10, "currency": "USD" },
        "approval_above": "500",
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    match body.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => body[pointer.trim_start_matches('/')] = value,
    }
    body
}

/// A market order for AAPL at 411, by the agent.
fn act(person: &Person, quantity: &str) -> Act {
    Act {
        user: person.id.parse::<UserId>().unwrap(),
        agent: Some(AGENT),
        account: PAPER,
        decision: mandate::kernel::Rng::system().uuid(),
        decision_id: "d-1".into(),
        action: Action::Buy,
        symbol: "AAPL".into(),
        quantity: quantity.parse().unwrap(),
        order_type: OrderType::Market,
        limit_price: None,
        confidence: Some(0.9),
        reason: Some("it looks cheap".into()),
        dry_run: false,
        facts: Facts {
            price: Some(Price { last: "411".parse().unwrap(), currency: "USD".into() }),
            position: Num::ZERO,
            open_buys: Num::ZERO,
            open_sells: Num::ZERO,
            account_currency: "USD".into(),
            live: false,
            lot: Num::ZERO,
            tick: Num::ZERO,
            loss_today: None,
            twin: None,
        },
    }
}

fn sell(act: Act, position: &str) -> Act {
    let facts = Facts { position: position.parse().unwrap(), ..act.facts };
    Act { action: Action::Sell, facts, ..act }
}

#[track_caller]
fn refused(verdict: Verdict, rule: &str) -> String {
    let Verdict::Refused { reasons, .. } = verdict else { panic!("{rule} should refuse, but: {verdict:?}") };
    assert_eq!(reasons[0].rule, rule, "{reasons:?}");
    reasons[0].detail.clone()
}

#[track_caller]
fn allowed(verdict: Verdict) {
    assert!(matches!(verdict, Verdict::Allowed { dry_run: false, .. }), "{verdict:?}");
}

async fn usage(person: &Person, mandate: &Value) -> (String, String, String, i64) {
    let path = format!("/v1/mandates/{}", mandate["mandate_id"].as_str().unwrap());
    let usage = person.get(&path).await.expect(200)["usage"].clone();
    let text = |name: &str| usage[name].as_str().unwrap().to_owned();
    (text("reserved"), text("committed"), text("left"), usage["orders"].as_i64().unwrap())
}

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
    desk.app.clock.advance(Duration::from_secs(6 * 60));
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
                Verdict::Refused { reasons, .. } => {
                    assert!(reasons[0].rule.starts_with("daily_"), "{reasons:?}")
                }
                other => panic!("{other:?}"),
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
    desk.app.clock.advance(Duration::from_secs(24 * 3600));
    let ann = ann.at(&desk.app.url).sign_in().await.at(&desk.url);
    assert_eq!(usage(&ann, &given).await, ("0".into(), "0".into(), "1500".into(), 0));
    desk.app.stop().await;
}

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
async fn the_kill_switch_stops_acts_ends_approvals_and_lets_exits_pass() {
    let desk = Desk::open().await;
    let (ann, given) = desk.holder("ann").await;
    let (_, approval, _) = desk.waiting(&ann).await;
    let mut events = desk.app.app.kernel.bus.subscribe();
    let on = ann.post("/v1/kill-switch", json!({ "on": true, "reason": "strange orders" })).await.expect(200);
    assert_eq!((&on["on"], &on["switches"][0]["scope"]), (&json!(true), &json!("user")));
    let topics = [events.recv().await.unwrap().topic, events.recv().await.unwrap().topic];
    assert_eq!(topics, ["kill_switch.changed", "approval.decided"]);
    let ended = ann.get(&format!("/v1/approvals/{approval}")).await.expect(200);
    assert_eq!(
        (&ended["status"], &ended["decided_why"]),
        (&json!("rejected"), &json!("your kill switch is on: strange orders"))
    );
    assert_eq!(usage(&ann, &given).await.0, "0");
    refused(desk.first(&act(&ann, "0.1")).await, "kill_switch");
    refused(desk.first(&Act { agent: None, ..act(&ann, "0.1") }).await, "kill_switch");
    allowed(desk.first(&sell(act(&ann, "1"), "1")).await);
    refused(desk.first(&sell(act(&ann, "2"), "1")).await, "kill_switch");
    ann.post("/v1/kill-switch", json!({ "on": true, "freeze_all": true })).await.expect(200);
    refused(desk.first(&sell(act(&ann, "1"), "1")).await, "kill_switch");
    // turning it on again with less freezes no less
    ann.post("/v1/kill-switch", json!({ "on": true })).await.expect(200);
    refused(desk.first(&sell(act(&ann, "1"), "1")).await, "kill_switch");

    desk.app.clock.advance(Duration::from_secs(6 * 60));
    ann.post("/v1/kill-switch", json!({ "on": false }))
        .await
        .refused(401, "insufficient_user_authentication");
    let ann = ann.at(&desk.app.url).sign_in().await.at(&desk.url);
    assert_eq!(ann.post("/v1/kill-switch", json!({ "on": false })).await.expect(200)["on"], false);
    allowed(desk.first(&act(&ann, "0.1")).await);
    desk.app.stop().await;
}

#[tokio::test]
async fn a_switch_reaches_as_far_as_its_scope() {
    let desk = Desk::open().await;
    let (ann, _) = desk.holder("ann").await;
    let (bob, _) = desk.holder("bob").await;
    ann.post("/v1/mandates", with(mandate(), "/account_ids", json!([OTHER_PAPER]))).await.expect(201);
    let elsewhere = |person: &Person| Act { account: OTHER_PAPER, ..act(person, "1") };
    ann.post("/v1/kill-switch", json!({ "scope": "account", "id": PAPER, "on": true })).await.expect(200);
    refused(desk.first(&act(&ann, "1")).await, "kill_switch");
    allowed(desk.first(&elsewhere(&ann)).await);
    allowed(desk.first(&act(&bob, "1")).await);
    ann.post("/v1/kill-switch", json!({ "scope": "agent", "id": AGENT, "on": true })).await.expect(200);
    refused(desk.first(&elsewhere(&ann)).await, "kill_switch");
    ann.post("/v1/kill-switch", json!({ "scope": "agent", "on": true })).await.refused(422, "invalid_field");

    for (scope, id) in [("global", json!(null)), ("tenant", json!("default")), ("user", json!(bob.id))] {
        let body = json!({ "scope": scope, "id": id, "on": true });
        ann.post("/v1/kill-switch", body).await.refused(403, "forbidden");
    }
    let root = desk.app.admin("root").await.at(&desk.url);
    root.post("/v1/kill-switch", json!({ "scope": "user", "id": bob.id, "on": true })).await.expect(200);
    refused(desk.first(&act(&bob, "1")).await, "kill_switch");
    bob.post("/v1/kill-switch", json!({ "on": false })).await.refused(403, "forbidden");
    root.post("/v1/kill-switch", json!({ "scope": "user", "id": bob.id, "on": false })).await.expect(200);
    allowed(desk.first(&act(&bob, "1")).await);
    root.post("/v1/kill-switch", json!({ "scope": "global", "on": true })).await.expect(200);
    let detail = refused(desk.first(&act(&bob, "1")).await, "kill_switch");
    assert_eq!(detail, "the kill switch for everybody is on");
    assert_eq!(bob.get("/v1/kill-switch").await.expect(200)["switches"][0]["scope"], "global");
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
