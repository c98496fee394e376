//! Conversations: lists, titles, exports, temporary ones.

use std::time::Duration;

use serde_json::{Value, json};

use super::{DEMO, Stream, ask, say};
use crate::harness::TestApp;

fn id_of(stream: &Stream) -> String {
    stream.one("start")["conversation_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn conversations_are_listed_newest_first_page_by_page() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut ids = Vec::new();
    for text in ["first", "second", "third", "fourth"] {
        ids.push(id_of(&say(&ann, DEMO, text).await));
    }
    // a later turn brings a conversation to the top
    let body = json!({"text": "again", "conversation_id": ids[0]});
    let stream = Stream::of(&ask(&ann, DEMO, body).await.text().await.unwrap());
    assert_eq!(id_of(&stream), ids[0]);
    let mut seen: Vec<String> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ann.get(&format!("/v1/conversations?limit=2&cursor={cursor}")).await.expect(200);
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["first", "fourth", "third", "second"]);
    assert_eq!(bob.get("/v1/conversations").await.expect(200)["items"], json!([]));
    for id in &ids {
        bob.get(&format!("/v1/conversations/{id}")).await.refused(404, "not_found");
        bob.get(&format!("/v1/conversations/{id}/messages")).await.refused(404, "not_found");
        bob.get(&format!("/v1/conversations/{id}/export")).await.refused(404, "not_found");
        bob.delete(&format!("/v1/conversations/{id}")).await.refused(404, "not_found");
        bob.patch(&format!("/v1/conversations/{id}"), json!({"title": "mine"}))
            .await
            .refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_conversation_can_be_renamed_exported_and_deleted() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let stream = say(&ann, DEMO, "show IBM\nplease").await;
    let (id, run) = (id_of(&stream), stream.one("start")["run_id"].as_str().unwrap().to_owned());
    let path = format!("/v1/conversations/{id}");
    ann.patch(&path, json!({"title": " "})).await.refused(422, "invalid_field");
    assert_eq!(ann.patch(&path, json!({"title": "IBM"})).await.expect(200)["title"], "IBM");
    let json: Value = ann.get(&format!("{path}/export")).await.expect(200);
    assert_eq!(json["conversation"]["title"], "IBM");
    assert_eq!(json["messages"][0]["text"], "show IBM\nplease");
    assert_eq!(json["messages"][1]["commands"][0]["command"], "changeSymbol");
    let markdown = ann.get(&format!("{path}/export?format=markdown")).await;
    assert!(markdown.headers["content-type"].to_str().unwrap().starts_with("text/markdown"));
    assert!(
        markdown.text.starts_with("# IBM\n") && markdown.text.contains("changeSymbol"),
        "{}",
        markdown.text
    );
    ann.delete(&path).await.expect(204);
    ann.get(&path).await.refused(404, "not_found");
    ann.get(&format!("/v1/runs/{run}/events")).await.refused(404, "not_found");
    assert_eq!(ann.get("/v1/conversations").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_temporary_conversation_is_hidden_and_dies() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let body = json!({"text": "hello", "temporary": true});
    let stream = Stream::of(&ask(&ann, DEMO, body).await.text().await.unwrap());
    let id = id_of(&stream);
    let path = format!("/v1/conversations/{id}");
    // neither a rename nor a later turn makes it permanent
    ann.patch(&path, json!({"title": "kept?"})).await.expect(200);
    ask(&ann, DEMO, json!({"text": "hello", "conversation_id": id})).await.text().await.unwrap();
    assert_eq!(ann.get(&path).await.expect(200)["temporary"], true);
    assert_eq!(ann.get("/v1/conversations").await.expect(200)["items"], json!([]));
    app.clock.advance(Duration::from_secs(721 * 3600));
    app.app.agents.sweep_now().await.unwrap();
    let ann = ann.sign_in().await;
    ann.get(&path).await.refused(404, "not_found");
}
