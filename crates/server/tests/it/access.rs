//! Guard: walks the OpenAPI document. Every operation refuses a stranger unless it is on a short public list; every
//! operation refuses each kind of delegated caller unless its row says otherwise; every operation that names a thing
//! hides another person's; every admin operation refuses who is none.
//!
//! A new route is checked without being told here. One with an id of a new kind fails until `Things` can make one.

use std::sync::Arc;

use mandate::kernel::{Acting, Caller, Origin};
use reqwest::Method;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::harness::{Answer, Person, TestApp};

/// What strangers may ask.
const PUBLIC: &[(&str, &str)] = &[
    ("get", "/.well-known/jwks.json"),
    ("get", "/health"),
    ("get", "/livez"),
    ("get", "/readyz"),
    ("get", "/v1/auth/.well-known/jwks.json"),
    ("post", "/v1/auth/link/redeem"),
    ("post", "/v1/auth/login"),
    // works with the cookie alone, and clears it in any case
    ("post", "/v1/auth/logout"),
    ("post", "/v1/auth/refresh"),
    ("post", "/v1/auth/register"),
];
/// Paths whose id names something that is everybody's.
const SHARED: &[&str] = &["/v1/agents/{id}"];
const NOTHING: &str = "00000000000000000000000000000000";

/// What a token that is not the person's own may do, and by which kinds. Everything else is refused to all of them.
const DELEGATED: &[(&str, &str, &[Kind])] = &[
    ("get", "/v1/agents", READERS),
    ("get", "/v1/approvals", READERS),
    ("get", "/v1/approvals/{id}", READERS),
    ("get", "/v1/audit", READERS),
    ("get", "/v1/brokers", READERS),
    ("get", "/v1/decisions/{id}", READERS),
    ("get", "/v1/events", READERS),
    ("get", "/v1/kill-switch", READERS),
    ("get", "/v1/mandates", READERS),
    ("get", "/v1/mandates/{id}", READERS),
    ("get", "/v1/market/candles", READERS),
    ("get", "/v1/market/quotes", READERS),
    ("get", "/v1/market/symbols", READERS),
    ("get", "/v1/orders", READERS),
    ("get", "/v1/orders/{id}", READERS),
    ("get", "/v1/positions", READERS),
    ("get", "/v1/sessions", READERS),
    ("get", "/v1/trading-accounts", READERS),
    ("get", "/v1/users/me", READERS),
    // orders come from the person, or from an agent within its mandate
    ("post", "/v1/decisions", &[Kind::Agent]),
    ("delete", "/v1/orders/{id}", &[Kind::Agent]),
    // stopping and tightening is everybody's who acts for the person
    ("post", "/v1/kill-switch", READERS),
    ("patch", "/v1/mandates/{id}", READERS),
    ("delete", "/v1/mandates/{id}", READERS),
];
const READERS: &[Kind] = &[Kind::Agent, Kind::Client, Kind::Key];

/// The kinds of caller that are not the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Agent,
    Client,
    Key,
    Service,
}

impl Kind {
    fn caller(self) -> Caller {
        let none = || Arc::<[String]>::from([]);
        match self {
            Self::Agent => Caller::Agent { act: mandate::agents::DEMO_AGENT.to_string(), session: None },
            Self::Client => Caller::Client { client: "app".into(), scopes: none(), session: None },
            Self::Key => Caller::Key { id: "key".into(), scopes: none() },
            Self::Service => Caller::Service { id: "ticker".into(), grants: none() },
        }
    }
}

struct Operation {
    method: Method,
    path: String,
}

fn operations(app: &TestApp) -> Vec<Operation> {
    let document = serde_json::to_value(mandate::http::api(&app.app).into_openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in
            ["get", "post", "put", "patch", "delete"].iter().filter(|method| item.get(**method).is_some())
        {
            let method = method.to_uppercase().parse().unwrap();
            all.push(Operation { method, path: path.clone() });
        }
    }
    assert!(all.len() > 40, "the document lists {} operations", all.len());
    all
}

impl Operation {
    fn public(&self) -> bool {
        PUBLIC
            .iter()
            .any(|(method, path)| self.method.as_str().eq_ignore_ascii_case(method) && self.path == *path)
    }

    fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// The path with its parameter filled in.
    fn at(&self, id: &str) -> String {
        let (before, rest) = self.path.split_once('{').unwrap_or((&self.path, "}"));
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        if self.has_id() { format!("{before}{id}{after}") } else { self.path.clone() }
    }

    async fn ask(&self, person: &Person, id: &str, body: &Value) -> Answer {
        let request = person.request(self.method.clone(), &self.at(id));
        let request = if self.method == Method::GET { request } else { request.json(body) };
        person.send(request).await
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

#[tokio::test]
async fn every_operation_refuses_strangers() {
    let app = TestApp::start().await;
    let stranger = app.stranger();
    let forger = stranger.with_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMCJ9.");
    let mut wrong = Vec::new();
    for operation in operations(&app).iter().filter(|operation| !operation.public()) {
        for (who, person) in [("a stranger", &stranger), ("a forged token", &forger)] {
            let answer = operation.ask(person, NOTHING, &json!({})).await;
            if answer.status != 401 || !answer.headers.contains_key("www-authenticate") {
                wrong.push(format!(
                    "{} answers {who} with {}: {}",
                    operation.name(),
                    answer.status,
                    answer.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn each_kind_of_caller_may_what_its_row_says() {
    let app = TestApp::start().await;
    let admin = app.admin("ann").await;
    // below the shared layers: the caller is put where the authenticate layer would have put it
    let (router, _) = mandate::http::api(&app.app).split_for_parts();
    let mut wrong = Vec::new();
    let all = operations(&app);
    // signing out is open to strangers, who only lose a cookie; a delegated token ends nobody's session
    let sign_out = |operation: &Operation| operation.path == "/v1/auth/logout";
    for operation in all.iter().filter(|operation| !operation.public() || sign_out(operation)) {
        for kind in [Kind::Agent, Kind::Client, Kind::Key, Kind::Service] {
            let now = mandate::kernel::Clock::now(&*app.clock);
            let acting = Acting {
                user: admin.id.parse().unwrap(),
                email: admin.email.clone(),
                // an admin's: delegation never carries the role
                roles: Arc::from(["admin".to_owned()]),
                by: kind.caller(),
                expires_at: mandate::kernel::At(i64::MAX),
                origin: Origin::system(now),
            };
            let mut request = http::Request::builder()
                .method(operation.method.as_str())
                .uri(operation.at(NOTHING))
                .header("content-type", "application/json")
                .body(axum::body::Body::from("{}"))
                .unwrap();
            request.extensions_mut().insert(acting.origin.clone());
            request.extensions_mut().insert(Arc::new(acting));
            let status = router.clone().oneshot(request).await.unwrap().status().as_u16();
            let may = DELEGATED.iter().any(|(method, path, kinds)| {
                operation.method.as_str().eq_ignore_ascii_case(method)
                    && operation.path == *path
                    && kinds.contains(&kind)
            });
            if may == matches!(status, 401 | 403) {
                wrong.push(format!("{} answers {kind:?} with {status}", operation.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn admin_operations_refuse_people() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let all = operations(&app);
    let admin: Vec<_> = all.iter().filter(|operation| operation.path.starts_with("/v1/admin/")).collect();
    assert!(!admin.is_empty());
    for operation in admin {
        let answer = operation.ask(&ann, NOTHING, &json!({})).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "forbidden"), "{}", operation.name());
    }
}

/// One of each kind of thing that a person can own.
struct Things {
    by_path: Vec<(&'static str, String)>,
    order_hash: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// The first event of a kind in a stream that has ended.
fn event(stream: &str, kind: &str) -> Value {
    let block = stream.split("\n\n").find(|block| block.contains(&format!("event: {kind}")));
    let block = block.unwrap_or_else(|| panic!("no event {kind} in {stream}"));
    let data = block.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    serde_json::from_str(data).unwrap()
}

impl Things {
    async fn of(person: &Person) -> Self {
        let account =
            person.post("/v1/trading-accounts", json!({ "broker": "paper", "cash": "10000" })).await;
        let account = text(&account.expect(201)["account_id"]);
        let agent = text(&person.get("/v1/agents").await.expect(200)[0]["agent_id"]);
        let mandate = json!({
            "agent_id": agent, "account_ids": [account], "actions": ["buy", "sell"],
            "instruments": { "allow": ["AAPL", "IBM"] }, "approval_above": "500",
            "limits": { "max_order_value": "1000", "max_daily_value": "1500", "max_daily_orders": 9, "currency": "USD" },
        });
        let mandate = text(&person.post("/v1/mandates", mandate).await.expect(201)["mandate_id"]);
        let chat =
            person.post(&format!("/v1/agents/{agent}/chat"), json!({ "text": "buy 2 AAPL" })).await.text;
        let (start, waiting) = (event(&chat, "start"), event(&chat, "decision"));
        let own = json!({
            "decision_id": "own-1", "account_id": account, "action": "buy", "symbol": "IBM", "quantity": "1",
        });
        let own = person.post("/v1/decisions", own).await.expect(200);
        let approval = text(&waiting["approval_id"]);
        let shown = person.get(&format!("/v1/approvals/{approval}")).await.expect(200);
        let session = text(&person.get("/v1/sessions").await.expect(200)["items"][0]["session_id"]);
        let by_path = vec![
            ("/v1/approvals/{id}", approval),
            ("/v1/conversations/{id}", text(&start["conversation_id"])),
            ("/v1/decisions/{id}", text(&own["decision_id"])),
            ("/v1/mandates/{id}", mandate),
            ("/v1/orders/{id}", text(&own["order"]["order_id"])),
            ("/v1/runs/{id}", text(&start["run_id"])),
            ("/v1/sessions/{session_id}", session),
            ("/v1/trading-accounts/{id}", account),
        ];
        Self { by_path, order_hash: text(&shown["order_hash"]) }
    }

    fn id(&self, operation: &Operation) -> &str {
        let found = self.by_path.iter().find(|(path, _)| operation.path.starts_with(path));
        &found.unwrap_or_else(|| panic!("{}: say here how its thing is made", operation.name())).1
    }

    /// A body that would be accepted from its owner.
    fn body(&self, operation: &Operation) -> Value {
        match operation.path.as_str() {
            "/v1/approvals/{id}/approve" => json!({ "order_hash": self.order_hash }),
            "/v1/conversations/{id}" => json!({ "title": "taken over" }),
            "/v1/mandates/{id}" => json!({ "dry_run": true }),
            "/v1/trading-accounts/{id}/credentials" => json!({ "access_token": "taken over" }),
            _ => json!({}),
        }
    }
}

#[tokio::test]
async fn another_persons_things_are_not_there() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let things = Things::of(&ann).await;
    let all = operations(&app);
    let named: Vec<_> = all
        .iter()
        .filter(|operation| operation.has_id() && !operation.path.starts_with("/v1/admin/"))
        .filter(|operation| !SHARED.iter().any(|path| operation.path.starts_with(path)))
        .collect();
    let mut before = Vec::new();
    for operation in named.iter().filter(|operation| operation.method == Method::GET) {
        let answer = operation.ask(&ann, things.id(operation), &json!({})).await;
        assert_eq!(answer.status, 200, "{} hides its own thing: {}", operation.name(), answer.text);
        before.push(answer.text);
    }
    let mut wrong = Vec::new();
    for operation in &named {
        let answer = operation.ask(&bob, things.id(operation), &things.body(operation)).await;
        if answer.status != 404 {
            wrong.push(format!(
                "{} answers another person with {}: {}",
                operation.name(),
                answer.status,
                answer.text
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (operation, before) in named.iter().filter(|operation| operation.method == Method::GET).zip(before) {
        let after = operation.ask(&ann, things.id(operation), &json!({})).await.text;
        assert_eq!(after, before, "{} changed by somebody who may not", operation.name());
    }
}

#[tokio::test]
async fn another_persons_account_cannot_be_named_in_a_body() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let things = Things::of(&ann).await;
    let account =
        &things.by_path.iter().find(|(path, _)| path.starts_with("/v1/trading-accounts")).unwrap().1;
    let wish = json!({ "decision_id": "theft", "account_id": account, "action": "sell", "symbol": "IBM", "quantity": "1" });
    let answer = bob.post("/v1/decisions", wish).await;
    assert!(answer.status == 404 || answer.status == 422, "{} {}", answer.status, answer.text);
    let agent = text(&bob.get("/v1/agents").await.expect(200)[0]["agent_id"]);
    let mandate = json!({
        "agent_id": agent, "account_ids": [account], "actions": ["sell"], "instruments": { "allow": ["IBM"] },
        "limits": { "max_order_value": "10", "max_daily_value": "10", "max_daily_orders": 1, "currency": "USD" },
    });
    let answer = bob.post("/v1/mandates", mandate).await;
    assert!(answer.status == 404 || answer.status == 422, "{} {}", answer.status, answer.text);
    assert_eq!(ann.get("/v1/orders").await.expect(200)["items"].as_array().unwrap().len(), 1);
}
