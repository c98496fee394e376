use std::time::Duration;

use futures::StreamExt;
use mandate_standins::openai::{self as standin, Running};

use super::*;
use crate::{Message, Role, Stop, ToolCall, Usage};

const TEXT: &str = "Guten Tag, 你好 — 😀 {\"commands\":[],\"naturalResponse\":\"ok\"} and more words to cut";

fn model(running: &Running, name: &str, key: &str) -> OpenAi {
    let mut config = Config::new(running.base_url() + "/", name, Some(Secret::new(key.to_owned())));
    config.first_byte = Duration::from_millis(500);
    config.idle = Duration::from_millis(500);
    OpenAi::new(reqwest::Client::new(), config)
}

fn request() -> Request {
    let messages = vec![Message { role: Role::User, content: TEXT.into() }];
    Request { instructions: "Be brief.".into(), messages, context: crate::Context::default() }
}

async fn run(name: &str, key: &str) -> (Vec<Event>, Option<Error>) {
    let running = standin::OpenAi::spawn().await.expect("spawns");
    let all: Vec<Result<Event, Error>> = model(&running, name, key).stream(request()).collect().await;
    let mut events = Vec::new();
    for item in all {
        match item {
            Ok(event) => events.push(event),
            Err(error) => return (events, Some(error)),
        }
    }
    (events, None)
}

fn text(events: &[Event]) -> String {
    events
        .iter()
        .filter_map(|event| if let Event::Text(text) = event { Some(text.as_str()) } else { None })
        .collect()
}

#[tokio::test]
async fn streams_text_usage_and_stop_however_the_bytes_are_cut() {
    for name in ["echo", "weird"] {
        let (events, error) = run(name, standin::KEY).await;
        assert_eq!(error, None, "{name}");
        assert_eq!(text(&events), TEXT);
        assert!(events.contains(&Event::Stop(Stop::Done)));
        assert!(events.iter().any(|e| matches!(e, Event::Usage(Usage { input: 11, .. }))));
    }
}

#[tokio::test]
async fn sends_instructions_messages_and_the_key() {
    let running = standin::OpenAi::spawn().await.expect("spawns");
    model(&running, "echo", standin::KEY).stream(request()).count().await;
    let asked = running.model.asked();
    assert_eq!(asked[0].bearer.as_deref(), Some(standin::KEY));
    assert_eq!(asked[0].body["stream"], true);
    assert_eq!(asked[0].body["messages"][1]["content"], TEXT);
    assert!(asked[0].body["messages"][0]["content"].as_str().expect("text").starts_with("Be brief."));
}

#[tokio::test]
async fn reasoning_tools_and_finish_reasons_are_typed() {
    let (events, _) = run("reasoning", standin::KEY).await;
    assert!(events.contains(&Event::Reasoning("Let me ".into())));
    assert_eq!(text(&events), TEXT);
    let (events, _) = run("tools", standin::KEY).await;
    let call =
        ToolCall { id: "call_1".into(), name: "quote".into(), arguments: "{\"symbol\":\"AAPL\"}".into() };
    assert!(events.contains(&Event::ToolCall(call)));
    assert!(events.contains(&Event::Stop(Stop::ToolCalls)));
    let (events, _) = run("length", standin::KEY).await;
    assert!(events.contains(&Event::Stop(Stop::Length)));
}

#[tokio::test]
async fn a_stream_that_breaks_is_an_error_after_its_text() {
    for name in ["broken", "unfinished"] {
        let (events, error) = run(name, standin::KEY).await;
        assert_eq!(error, Some(Error::Interrupted), "{name}");
        assert!(!text(&events).is_empty());
        assert!(!events.iter().any(|event| matches!(event, Event::Stop(_))));
    }
    assert!(matches!(run("malformed", standin::KEY).await.1, Some(Error::Malformed(_))));
    assert!(matches!(run("no-stream", standin::KEY).await.1, Some(Error::Malformed(_))));
}

#[tokio::test]
async fn refusals_keep_the_providers_words_and_lose_the_key() {
    let secret = "sk-canary-0001";
    let (_, error) = run("echo", secret).await;
    assert_eq!(error, Some(Error::Unauthorized("Incorrect API key provided: [key]".into())));
    let (_, error) = run("error-inside", standin::KEY).await;
    assert_eq!(error, Some(Error::Provider("[key] ran out of credit".into())));
    let (_, error) = run("rate-limited", standin::KEY).await;
    assert_eq!(
        error,
        Some(Error::RateLimited { words: "slow down".into(), retry_after: Some(Duration::from_secs(7)) })
    );
    let (_, error) = run("down", standin::KEY).await;
    assert_eq!(error, Some(Error::Refused { status: 503, words: "overloaded".into() }));
}

#[tokio::test]
async fn silence_and_unreachable_hosts_are_errors() {
    assert_eq!(run("silent", standin::KEY).await.1, Some(Error::Timeout));
    let config = Config::new("http://127.0.0.1:9/v1", "echo", None);
    let mut events = OpenAi::new(reqwest::Client::new(), config).stream(request());
    assert!(matches!(events.next().await, Some(Err(Error::Unreachable(_)))));
}

#[tokio::test]
async fn dropping_the_stream_ends_the_call() {
    let running = standin::OpenAi::spawn().await.expect("spawns");
    let mut events = model(&running, "slow", standin::KEY).stream(request());
    assert!(matches!(events.next().await, Some(Ok(Event::Text(_)))));
    assert_eq!(running.model.open(), 1);
    drop(events);
    for _ in 0..100 {
        if running.model.open() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the provider is still being read");
}

proptest::proptest! {
    #[test]
    fn no_chunk_panics(data in "\\PC{0,200}", index in 0..9_999_999_usize) {
        drop(Assembly::default().take(&data));
        let tool = serde_json::json!({"choices": [{"delta": {"tool_calls": [{"index": index, "function": {"name": data}}]}}]});
        let taken = Assembly::default().take(&tool.to_string());
        proptest::prop_assert_eq!(taken.is_ok(), index < 64);
    }
}
