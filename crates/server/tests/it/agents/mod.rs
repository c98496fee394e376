//! Agents: chat, resume, cancel, the kill switch, commands that become decisions, providers that misbehave.

mod chat;
mod conversations;
mod provider;
mod registry;
mod trade;

use std::time::Duration;

use futures::StreamExt as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{Person, TestApp};

pub const DEMO: &str = "agt_01900000000070008000000000000001";

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: i64,
    pub event: String,
    pub data: Value,
}

/// A stream read to its end.
pub struct Stream {
    /// As it came, without keep-alive comments.
    pub text: String,
    pub events: Vec<Event>,
}

impl Stream {
    pub fn of(text: &str) -> Self {
        let frames: Vec<&str> =
            text.split_inclusive("\n\n").filter(|frame| !frame.starts_with(':')).collect();
        let field = |frame: &str, name: &str| {
            let line = frame.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.to_owned()
        };
        let events = frames
            .iter()
            .filter(|frame| frame.contains("id: "))
            .map(|frame| Event {
                id: field(frame, "id: ").parse().unwrap(),
                event: field(frame, "event: "),
                data: serde_json::from_str(&field(frame, "data: ")).unwrap(),
            })
            .collect();
        Self { text: frames.concat(), events }
    }

    pub fn shown(&self) -> String {
        self.all("delta").map(|data| data["text"].as_str().unwrap()).collect()
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event.event == name).map(|event| &event.data)
    }

    #[track_caller]
    pub fn one<'a>(&'a self, name: &'a str) -> &'a Value {
        let mut all = self.all(name);
        let first = all.next().unwrap_or_else(|| panic!("no {name} in\n{}", self.text));
        assert!(all.next().is_none(), "more than one {name} in\n{}", self.text);
        first
    }

    pub fn last(&self) -> &str {
        self.events.last().map_or("", |event| &event.event)
    }
}

pub async fn ask(person: &Person, agent: &str, body: Value) -> Response {
    let request = person.request(Method::POST, &format!("/v1/agents/{agent}/chat")).json(&body);
    request.send().await.unwrap()
}

/// Says something and reads the answer to its end.
pub async fn say(person: &Person, agent: &str, text: &str) -> Stream {
    let response = ask(person, agent, json!({ "text": text })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Stream::of(&response.text().await.unwrap())
}

/// Reads until `enough` holds of what came; the connection stays with the caller's drop.
pub async fn read_until(response: Response, enough: impl Fn(&str) -> bool) -> String {
    let (mut text, mut body) = (String::new(), response.bytes_stream());
    while !enough(&text) {
        let piece =
            tokio::time::timeout(Duration::from_secs(10), body.next()).await.expect("the stream goes on");
        text.push_str(std::str::from_utf8(&piece.expect("no end yet").unwrap()).unwrap());
    }
    text
}

/// A run's events after one, to their end.
pub async fn follow(person: &Person, run: &str, after: Option<i64>) -> Response {
    let mut request = person.request(Method::GET, &format!("/v1/runs/{run}/events"));
    if let Some(after) = after {
        request = request.header("last-event-id", after);
    }
    request.send().await.unwrap()
}

/// A person with a paper account and a mandate for an agent, as the README's tour has it.
pub async fn trader(app: &TestApp, name: &str, agent: &str) -> (Person, String) {
    let person = app.person(name).await;
    let paper = json!({ "broker": "paper", "cash": "10000" });
    let account = person.post("/v1/trading-accounts", paper).await.expect(201);
    let account = account["account_id"].as_str().unwrap().to_owned();
    let mandate = json!({
        "agent_id": agent, "account_ids": [account], "actions": ["buy", "sell"],
        "instruments": { "allow": ["AAPL", "IBM"], "deny": [] },
        "limits": { "max_order_value": "1000", "max_daily_value": "1500", "max_daily_orders": 10, "currency": "USD" },
        "approval_above": "500",
    });
    person.post("/v1/mandates", mandate).await.expect(201);
    (person, account)
}

/// An agent of a provider that stands in; `model` chooses how it behaves.
pub async fn provided(app: &TestApp, base_url: &str, model: &str, key: &str) -> String {
    let admin = app.admin(&format!("admin-{model}-{}", key.len())).await;
    let draft = json!({
        "name": model, "provider": "openai", "model": model, "base_url": base_url, "api_key": key,
        "capabilities": ["chat", "chart", "trade"],
    });
    let agent = admin.post("/v1/admin/agents", draft).await.expect(201);
    agent["agent_id"].as_str().unwrap().to_owned()
}
