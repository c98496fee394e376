//! Mandates, budgets, approvals and the kill switch: over HTTP, and at the gate itself.

use std::sync::Arc;

use mandate::app::{App, Slices};
use mandate::kernel::{AgentId, Kernel, Num, Secret, TradingAccountId, UserId};
use mandate::mandates::{
    AccountFacts, Act, Action, ApprovalId, Config, Directory, Facts, Mandates, Mode, OrderType, Price,
    Verdict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Person, TestApp, TestDatabase};
use mandate::kernel::SettableClock;

mod approvals;
mod gate;
mod kill_switch;
mod terms;

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

    /// The slices below trading run; trading's job, which would take what ends here, does not.
    async fn with(config: Config) -> Self {
        let (data, database) =
            (Arc::new(tempfile::tempdir().unwrap()), Arc::new(TestDatabase::create().await));
        let clock: Arc<SettableClock> = Arc::default();
        let settings = mandate::config::Config {
            data_dir: data.path().join("data"),
            database_url: database.url().map(|url| Secret::new(url.to_owned())),
            database_connections: 8,
            ..mandate::config::Config::default()
        };
        let kernel = Kernel::open(&settings, clock.clone()).await.unwrap();
        let built = App::build(&settings, kernel.clone()).await.unwrap();
        let mandates = Mandates::new(kernel.clone(), built.audit.clone(), config, directory());
        mandates.start();
        let app = App::from(Slices { mandates: mandates.clone(), ..(*built).clone() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = axum::serve(listener, mandate::http::router(app.clone()));
        let shutdown = kernel.shutdown.cancelled_owned();
        tokio::spawn(async move { served.with_graceful_shutdown(shutdown).await.unwrap() });
        Self { app: TestApp { app, url: url.clone(), clock, data, database }, mandates, url }
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
