//! Which agents there are, who manages them and who may use them.

use serde_json::json;

use super::{DEMO, provided};
use crate::harness::TestApp;

#[tokio::test]
async fn the_demo_agent_is_there_and_can_be_removed_for_good() {
    let app = TestApp::start().await;
    let (ann, admin) = (app.person("ann").await, app.admin("root").await);
    let agents = ann.get("/v1/agents").await.expect(200);
    assert_eq!(agents[0]["agent_id"], DEMO);
    assert_eq!(agents[0]["name"], "Demo trader");
    assert_eq!(agents[0]["capabilities"], json!(["chat", "chart", "trade"]));
    let path = format!("/v1/admin/agents/{DEMO}");
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.refused(404, "not_found");
    let (data, database, clock) = (app.data.clone(), app.database.clone(), app.clock.clone());
    app.stop().await;
    let again = TestApp::again(data, database, clock).await;
    let ann = ann.at(&again.url).sign_in().await;
    assert_eq!(ann.get("/v1/agents").await.expect(200), json!([]));
}

#[tokio::test]
async fn agents_are_managed_by_admins_and_their_keys_are_never_shown() {
    let app = TestApp::start().await;
    let (ann, admin) = (app.person("ann").await, app.admin("root").await);
    let canary = "sk-canary-0815-never-shown";
    let agent = provided(&app, "http://127.0.0.1:9/v1", "some", canary).await;
    let path = format!("/v1/admin/agents/{agent}");
    let shown = admin.get(&path).await;
    assert!(!shown.text.contains(canary));
    assert_eq!(shown.expect(200)["has_api_key"], true);
    for bad in [
        json!({"name": ""}),
        json!({"base_url": "ftp://x/"}),
        json!({"base_url": "http://user:pass@x/v1", "api_key": "k"}),
        json!({"base_url": "http://elsewhere.example/v1"}),
        json!({"allow": ["everybody"]}),
        json!({"colour": "red"}),
        json!({"provider": "oracle"}),
    ] {
        assert_eq!(admin.patch(&path, bad.clone()).await.status, 422, "{bad}");
    }
    // who may use it
    admin.patch(&path, json!({"allow": ["role:admin"], "name": "Ours"})).await.expect(200);
    assert_eq!(ann.get("/v1/agents").await.expect(200).as_array().map(Vec::len), Some(1));
    ann.post(&format!("/v1/agents/{agent}/chat"), json!({"text": "hi"})).await.refused(404, "not_found");
    admin.patch(&path, json!({"allow": [ann.id]})).await.expect(200);
    assert_eq!(ann.get("/v1/agents").await.expect(200).as_array().map(Vec::len), Some(2));
    for body in [ann.get("/v1/admin/agents").await, ann.get(&path).await, ann.delete(&path).await] {
        body.refused(403, "forbidden");
    }
    ann.post("/v1/admin/agents", json!({"name": "mine"})).await.refused(403, "forbidden");
    let all = admin.get("/v1/admin/agents?limit=1").await.expect(200);
    assert_eq!(all["items"][0]["agent_id"], DEMO);
    let next = all["next_cursor"].as_str().unwrap();
    let rest = admin.get(&format!("/v1/admin/agents?limit=1&cursor={next}")).await.expect(200);
    assert_eq!(rest["items"][0]["name"], "Ours");
    assert_eq!(rest["next_cursor"], json!(null));
    // the key is in no file of the data directory
    let data = std::fs::read_dir(app.data.path().join("data")).unwrap();
    for entry in data.filter_map(Result::ok).filter(|entry| entry.path().is_file()) {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(canary.len()).any(|part| part == canary.as_bytes()), "{:?}", entry.path());
    }
}
