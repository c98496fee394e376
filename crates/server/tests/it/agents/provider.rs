//! Providers that think, call tools, cut chunks anywhere, fail, and repeat their key.

use mandate_standins::openai::{KEY, OpenAi};
use serde_json::json;

use super::{provided, say, trader};
use crate::harness::TestApp;

#[tokio::test]
async fn a_providers_failures_are_said_plainly_and_without_its_key() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let canary = "sk-canary-4711-never-shown";
    for (model, key, code) in [
        ("echo", canary, "model_unauthorized"),
        ("rate-limited", KEY, "model_rate_limited"),
        ("down", KEY, "model_failed"),
        ("broken", KEY, "model_interrupted"),
        ("unfinished", KEY, "model_interrupted"),
        ("malformed", KEY, "model_failed"),
        ("error-inside", KEY, "model_failed"),
        ("length", KEY, "answer_cut"),
    ] {
        let agent = provided(&app, &provider.base_url(), model, key).await;
        let stream = say(&ann, &agent, "one two three four").await;
        assert_eq!(stream.one("error")["code"], code, "{model}: {}", stream.text);
        assert!(!stream.text.contains(canary) && !stream.text.contains(KEY), "{model}: {}", stream.text);
        let conversation = stream.one("start")["conversation_id"].as_str().unwrap();
        let messages = ann.get(&format!("/v1/conversations/{conversation}/messages")).await.expect(200);
        let message = &messages["items"][1];
        assert_eq!(
            (message["status"].as_str(), message["error"]["code"].as_str()),
            (Some("failed"), Some(code))
        );
        assert_eq!(message["text"], stream.shown());
    }
}

#[tokio::test]
async fn a_cut_envelope_is_never_acted_on() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::start().await;
    let order =
        json!({"command": "placeOrder", "parameters": {"symbol": "AAPL", "side": "buy", "quantity": "1"}});
    let envelope = json!({"commands": [order], "confidence": 1, "naturalResponse": "a b c"}).to_string();
    for model in ["length", "unfinished", "broken"] {
        let agent = provided(&app, &provider.base_url(), model, KEY).await;
        let (ann, _) = trader(&app, &format!("ann-{model}"), &agent).await;
        let stream = say(&ann, &agent, &envelope).await;
        assert_eq!(stream.last(), "error", "{model}: {}", stream.text);
        assert_eq!(stream.all("decision").count(), 0);
        assert_eq!(ann.get("/v1/decisions").await.body["items"].as_array().map_or(0, Vec::len), 0);
        assert_eq!(ann.get("/v1/orders").await.expect(200)["items"], json!([]));
    }
}

#[tokio::test]
async fn reasoning_and_tools_are_streamed_and_weird_chunks_change_nothing() {
    let provider = OpenAi::spawn().await.unwrap();
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let thinking = provided(&app, &provider.base_url(), "reasoning", KEY).await;
    let stream = say(&ann, &thinking, "hello").await;
    let thought: String = stream.all("reasoning").map(|data| data["text"].as_str().unwrap()).collect();
    assert_eq!((thought.as_str(), stream.shown().as_str()), ("Let me think.", "hello"));
    assert_eq!(stream.one("done")["message"]["reasoning"], "Let me think.");
    let tools = provided(&app, &provider.base_url(), "tools", KEY).await;
    let stream = say(&ann, &tools, "hello").await;
    assert_eq!(stream.one("tool")["name"], "quote");
    let weird = provided(&app, &provider.base_url(), "weird", KEY).await;
    let stream = say(&ann, &weird, "Guten Tag, 你好 — 😀 and {braces}").await;
    assert_eq!(stream.shown(), "Guten Tag, 你好 — 😀 and {braces}");
    // the model was told what the person may trade, and nothing about who they are
    let asked = provider.model.asked();
    let system = asked[0].body["messages"][0]["content"].as_str().unwrap();
    assert!(system.contains("AAPL") && !system.contains("ann@example.com") && !system.contains(&ann.id));
}
