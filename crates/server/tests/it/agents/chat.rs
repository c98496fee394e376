//! Runs: streaming, resuming, cancelling, and what ends them from outside.

use std::time::Duration;

use mandate_standins::openai::{KEY, OpenAi};
use reqwest::Method;
use serde_json::{Value, json};

use super::{DEMO, Stream, ask, follow, provided, read_until, say, trader};
use crate::harness::{Binary, Person, TestApp, TestDatabase, eventually};

#[tokio::test]
async fn an_answer_streams_and_is_kept() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let stream = say(&ann, DEMO, "show IBM weekly with a 20-day average").await;
    let start = stream.one("start");
    assert_eq!(stream.events[0].event, "start");
    assert!(stream.shown().contains("scripted"));
    let commands: Vec<&str> = stream.one("commands")["commands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["command"].as_str().unwrap())
        .collect();
    assert_eq!(commands, ["changeSymbol", "setTimeframe", "addIndicator"]);
    let done = &stream.one("done")["message"];
    assert_eq!(done["text"], stream.shown(), "the deltas are the message");
    let ids: Vec<i64> = stream.events.iter().map(|event| event.id).collect();
    assert_eq!(ids, (1..=ids.len() as i64).collect::<Vec<_>>());
    let path = format!("/v1/conversations/{}/messages", start["conversation_id"].as_str().unwrap());
    let messages = ann.get(&path).await.expect(200);
    assert_eq!(messages["items"][0]["text"], "show IBM weekly with a 20-day average");
    assert_eq!(&messages["items"][1], done);
    assert_eq!(messages["items"][1]["message_id"], start["message_id"]);
}

#[tokio::test]
async fn a_reader_resumes_byte_for_byte_after_every_event_and_on_another_node() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let whole = say(&ann, DEMO, "what can you do?").await;
    let run = whole.one("start")["run_id"].as_str().unwrap().to_owned();
    let mut nodes = vec![ann.clone()];
    if app.database.url().is_some() {
        let other = app.second_node().await;
        nodes.push(ann.at(&other.url));
    }
    for node in &nodes {
        for after in 0..whole.events.len() {
            let rest = follow(node, &run, Some(after as i64)).await.text().await.unwrap();
            let place = whole.text.find(&format!("id: {}\n", after + 1)).unwrap();
            assert_eq!(rest, whole.text[place..]);
        }
    }
    assert_eq!(follow(&ann, &run, None).await.text().await.unwrap(), whole.text);
    for (method, path) in [(Method::GET, "events"), (Method::POST, "cancel")] {
        let path = format!("/v1/runs/{run}/{path}");
        bob.send(bob.request(method, &path)).await.refused(404, "not_found");
    }
    let path = format!("/v1/runs/{run}/events");
    let bad = ann.request(Method::GET, &path).header("last-event-id", "x");
    ann.send(bad).await.refused(400, "bad_last_event_id");
}

#[tokio::test]
async fn a_run_goes_on_without_its_reader_and_several_may_read() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::start().await;
    let agent = provided(&app, &provider.base_url(), "slow", KEY).await;
    let ann = app.person("ann").await;
    let response = ask(&ann, &agent, json!({"text": "one two three four five six"})).await;
    let text = read_until(response, |text| text.contains("event: delta")).await;
    let begun = Stream::of(&text);
    let run = begun.one("start")["run_id"].as_str().unwrap().to_owned();
    // the first reader is gone; two others read on from different places, while it is still being made
    let last = begun.events.last().unwrap().id;
    let (late, whole) = tokio::join!(follow(&ann, &run, Some(last)), follow(&ann, &run, None));
    let (late, whole) = tokio::join!(late.text(), whole.text());
    let (late, whole) = (late.unwrap(), Stream::of(&whole.unwrap()));
    assert_eq!(whole.shown(), "one two three four five six");
    assert_eq!(whole.last(), "done");
    assert_eq!(text.clone() + &late, whole.text);
}

#[tokio::test]
async fn a_run_can_be_cancelled_and_keeps_what_was_said() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::start().await;
    let agent = provided(&app, &provider.base_url(), "slow", KEY).await;
    let ann = app.person("ann").await;
    let words = "word ".repeat(60);
    let response = ask(&ann, &agent, json!({ "text": words })).await;
    let text = read_until(response, |text| text.contains("event: delta")).await;
    let start = Stream::of(&text).one("start").clone();
    let run = start["run_id"].as_str().unwrap();
    // the conversation takes no second question meanwhile
    let again = json!({ "text": "and?", "conversation_id": start["conversation_id"] });
    ann.post(&format!("/v1/agents/{agent}/chat"), again).await.refused(409, "run_in_progress");
    let cancelled = ann.post(&format!("/v1/runs/{run}/cancel"), json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "running");
    let whole = Stream::of(&follow(&ann, run, None).await.text().await.unwrap());
    let message = &whole.one("done")["message"];
    assert_eq!(message["status"], "cancelled");
    assert_eq!(message["text"], whole.shown());
    assert!(!whole.shown().is_empty() && whole.shown().len() < words.len());
    let cancelled = ann.post(&format!("/v1/runs/{run}/cancel"), json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    eventually("the provider's call ends", || async { (provider.model.open() == 0).then_some(()) }).await;
}

#[tokio::test]
async fn the_kill_switch_and_the_end_of_the_session_end_running_answers() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::start().await;
    let agent = provided(&app, &provider.base_url(), "slow", KEY).await;
    let (ann, _) = trader(&app, "ann", &agent).await;
    let order = r#"{"naturalResponse":"word word word word word word word word word word word word word word word",
        "commands":[{"command":"placeOrder","parameters":{"symbol":"AAPL","side":"buy","quantity":"1"}}]}"#;
    provider.model.reply(order);
    let response = ask(&ann, &agent, json!({"text": "buy"})).await;
    let text = read_until(response, |text| text.contains("event: delta")).await;
    let run = Stream::of(&text).one("start")["run_id"].as_str().unwrap().to_owned();
    ann.post("/v1/kill-switch", json!({"scope": "user", "on": true})).await;
    let whole = Stream::of(&follow(&ann, &run, None).await.text().await.unwrap());
    assert_eq!(whole.one("error")["code"], "kill_switch");
    assert_eq!(whole.all("decision").count(), 0);
    assert_eq!(ann.get("/v1/orders").await.expect(200)["items"], json!([]));

    let bob = app.person("bob").await;
    let second = bob.sign_in().await;
    provider.model.reply("word ".repeat(60));
    let response = ask(&bob, &agent, json!({"text": "talk"})).await;
    let text = read_until(response, |text| text.contains("event: delta")).await;
    let run = Stream::of(&text).one("start")["run_id"].as_str().unwrap().to_owned();
    let reading = follow(&bob, &run, None).await;
    bob.post("/v1/auth/logout", json!({})).await;
    let read =
        tokio::time::timeout(Duration::from_secs(5), reading.text()).await.expect("the reader is let go");
    assert!(read.unwrap().contains("event: "));
    let whole = Stream::of(&follow(&second, &run, None).await.text().await.unwrap());
    assert_eq!(whole.one("error")["code"], "session_ended");
}

#[tokio::test]
async fn a_run_of_a_dead_node_is_ended_by_the_others() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::start().await;
    let agent = provided(&app, &provider.base_url(), "slow", KEY).await;
    let ann = app.person("ann").await;
    let response = ask(&ann, &agent, json!({ "text": "word ".repeat(60) })).await;
    let text = read_until(response, |text| text.contains("event: delta")).await;
    let run = Stream::of(&text).one("start")["run_id"].as_str().unwrap().to_owned();
    let (data, database, clock) = (app.data.clone(), app.database.clone(), app.clock.clone());
    // ends politely: readers are let go, the run says why it ended
    app.stop().await;
    clock.advance(Duration::from_secs(120));
    let again = TestApp::again(data, database, clock).await;
    let ann = ann.at(&again.url).sign_in().await;
    let whole = Stream::of(&follow(&ann, &run, None).await.text().await.unwrap());
    assert_eq!(whole.one("error")["code"], "interrupted");
    assert!(whole.text.starts_with(&text), "what was shown is still there");
}

/// What a reader was shown before `kill -9` is there after it, and the run has an end.
#[tokio::test]
async fn a_killed_server_has_kept_what_it_showed() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
    if database.url().is_some() {
        // several nodes may be alive there: a lost run is ended half a minute later
        return;
    }
    for round in 0..5 {
        let server = Binary::start(data.path(), &database).await;
        let ann = match round {
            0 => Person::register(&server.url, "ann").await.sign_in().await,
            _ => Person::named(&server.url, "ann").sign_in().await,
        };
        let response = ask(&ann, DEMO, json!({"text": "help"})).await;
        let deltas = round + 1;
        let shown = read_until(response, |text| text.matches("event: delta").count() >= deltas).await;
        server.kill();
        let run = Stream::of(&shown).one("start")["run_id"].as_str().unwrap().to_owned();
        let server = Binary::start(data.path(), &database).await;
        let ann = Person::named(&server.url, "ann").sign_in().await;
        let whole = follow(&ann, &run, None).await.text().await.unwrap();
        assert!(whole.starts_with(shown.rsplit_once("\n\n").unwrap().0), "{shown}\n---\n{whole}");
        let whole = Stream::of(&whole);
        assert_eq!(whole.last(), "error");
        let conversation = whole.one("start")["conversation_id"].as_str().unwrap();
        let messages = ann.get(&format!("/v1/conversations/{conversation}/messages")).await.expect(200);
        assert_eq!(messages["items"][1]["status"], "failed");
        assert_eq!(messages["items"][1]["text"], whole.shown());
        server.kill();
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_nothing_written() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let bob = app.person("bob").await;
    let path = format!("/v1/agents/{DEMO}/chat");
    for text in ["", "  \n ", &"x".repeat(16_001)] {
        ann.post(&path, json!({ "text": text })).await.refused(422, "invalid_field");
    }
    ann.post("/v1/agents/agt_01900000000070008000000000000002/chat", json!({"text": "hi"}))
        .await
        .refused(404, "not_found");
    let stream = say(&bob, DEMO, "hello").await;
    let foreign = stream.one("start")["conversation_id"].clone();
    ann.post(&path, json!({"text": "hi", "conversation_id": foreign})).await.refused(404, "not_found");
    app.stranger().post(&path, json!({"text": "hi"})).await.refused(401, "unauthorized");
    assert_eq!(ann.get("/v1/conversations").await.expect(200)["items"], json!([]));
    let messages =
        bob.get(&format!("/v1/conversations/{}/messages", foreign.as_str().unwrap())).await.expect(200);
    assert_eq!(messages["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn one_person_makes_only_so_many_answers_at_once() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::with(|config| config.agents.runs_per_user = 3).await;
    let agent = provided(&app, &provider.base_url(), "slow", KEY).await;
    let ann = app.person("ann").await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(ask(&ann, &agent, json!({ "text": "word ".repeat(60) })).await);
    }
    let path = format!("/v1/agents/{agent}/chat");
    ann.post(&path, json!({"text": "one more"})).await.refused(429, "too_many_runs");
    let listed: Value = ann.get("/v1/conversations").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3), "the refused one left nothing");
}
