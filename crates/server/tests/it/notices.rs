//! `/v1/events`: told at once, resumed without a gap, ended with its session, nobody else's.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{Person, TestApp};

/// One event as it came over the line.
#[derive(Debug, Default, Clone, PartialEq)]
struct Told {
    event: String,
    id: String,
    data: Value,
}

struct Events {
    response: Response,
    text: String,
}

impl Events {
    async fn open(person: &Person, last: Option<&str>) -> Self {
        let mut request = person.request(Method::GET, "/v1/events");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut events = Self { response, text: String::new() };
        assert_eq!(events.next().await.unwrap().event, "ready");
        events
    }

    /// `None` at the end of the stream.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let mut told = Told::default();
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("event", name)) => told.event = name.to_owned(),
                        Some(("id", id)) => told.id = id.to_owned(),
                        Some(("data", data)) => told.data = serde_json::from_str(data).unwrap(),
                        _ => {}
                    }
                }
                if !told.event.is_empty() {
                    return Some(told);
                }
                continue;
            }
            let piece = tokio::time::timeout(Duration::from_secs(10), self.response.chunk());
            let piece = piece.await.expect("an event within ten seconds").unwrap()?;
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    async fn until(&mut self, event: &str) -> Told {
        loop {
            let told = self.next().await.unwrap_or_else(|| panic!("the stream ended before {event}"));
            if told.event == event {
                return told;
            }
        }
    }
}

async fn open_account(person: &Person) -> String {
    let body = json!({ "broker": "paper", "name": "Practice" });
    let account = person.post("/v1/trading-accounts", body).await.expect(201);
    account["account_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn told_at_once_and_resumed_without_a_gap() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut live = Events::open(&ann, None).await;
    let mut other = Events::open(&bob, None).await;
    let first = open_account(&ann).await;
    let told = live.until("account.changed").await;
    assert_eq!(told.data["resource"], json!(first));
    assert_eq!(told.data["event"], "account.linked");
    drop(live);

    let missed = [open_account(&ann).await, open_account(&ann).await];
    let mut resumed = Events::open(&ann, Some(&told.id)).await;
    for account in &missed {
        let again = resumed.until("account.changed").await;
        assert_eq!(again.data["resource"], json!(account));
    }

    open_account(&bob).await;
    let own = other.until("account.changed").await;
    assert!(!missed.contains(&own.data["resource"].as_str().unwrap().to_owned()));
    assert_eq!(own.data["number"].to_string(), own.id);
}

#[tokio::test]
async fn numbers_have_no_gap_under_concurrency() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut events = Events::open(&ann, Some("0")).await;
    let opening: Vec<_> = (0..24)
        .map(|_| {
            let ann = ann.clone();
            tokio::spawn(async move { open_account(&ann).await })
        })
        .collect();
    let mut made = Vec::new();
    for one in opening {
        made.push(one.await.unwrap());
    }
    let mut numbers = Vec::new();
    while !made.is_empty() {
        let told = events.next().await.unwrap();
        numbers.push(told.id.parse::<i64>().unwrap());
        if told.event == "account.changed" {
            let account = told.data["resource"].as_str().unwrap();
            let before = made.len();
            made.retain(|id| id != account);
            assert_eq!(made.len() + 1, before, "{account} was told twice, or is nobody's");
        }
    }
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
}

#[tokio::test]
async fn ends_with_its_session() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut events = Events::open(&ann, None).await;
    let other = ann.sign_in().await;
    let mut kept = Events::open(&other, None).await;
    other
        .post(
            "/v1/auth/password/change",
            json!({ "current_password": ann.password, "new_password": "a brand new sentence for ann" }),
        )
        .await
        .expect(204);
    let told = events.until("close").await;
    assert_eq!(told.data["reason"], "revoked");
    assert!(events.next().await.is_none());
    assert_eq!(kept.until("security.password_changed").await.data["outcome"], "success");
}

#[tokio::test]
async fn ends_with_its_token_and_with_the_server() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut events = Events::open(&ann, None).await;
    app.clock.advance(Duration::from_secs(16 * 60));
    assert_eq!(events.until("close").await.data["reason"], "token_expired");
    let bob = app.person("bob").await;
    let mut events = Events::open(&bob, None).await;
    app.app.kernel.shutdown.cancel();
    assert_eq!(events.until("close").await.data["reason"], "shutdown");
}

#[tokio::test]
async fn refuses_nonsense_and_crowds() {
    let app = TestApp::with(|config| config.notices.streams_per_user = 2).await;
    let ann = app.person("ann").await;
    app.stranger().get("/v1/events").await.refused(401, "unauthorized");
    let request = ann.request(Method::GET, "/v1/events").header("last-event-id", "-1");
    ann.send(request).await.refused(400, "bad_event_id");
    let first = Events::open(&ann, None).await;
    let _second = Events::open(&ann, None).await;
    ann.get("/v1/events").await.refused(429, "too_many_streams");
    drop(first);
    crate::harness::eventually("a seat is free again", || async {
        let answer = ann.request(Method::GET, "/v1/events").send().await.unwrap();
        (answer.status() == 200).then_some(())
    })
    .await;
}
