//! Registration, profile, bad input.

use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn registering_twice_answers_alike_and_makes_one_account() {
    let app = TestApp::start().await;
    let stranger = app.stranger();
    let ann = json!({ "email": "Ann@Example.com", "password": "a quiet green kettle", "name": "Ann" });
    let first = stranger.post("/v1/auth/register", ann.clone()).await.expect(201);
    let second = stranger.post("/v1/auth/register", ann).await.expect(201);
    assert_eq!(first, second);
    assert_eq!(first, json!({ "status": "registered", "email": "Ann@Example.com" }));
    let login = json!({ "email": "ann@example.COM", "password": "a quiet green kettle", "delivery": "body" });
    let answer = stranger.post("/v1/auth/login", login).await.expect(200);
    assert_eq!(answer["user"]["email"], "Ann@Example.com");
    assert_eq!(answer["user"]["roles"], json!(["user"]));
    app.stop().await;
}

#[tokio::test]
async fn bad_registrations_name_the_field() {
    let app = TestApp::start().await;
    let stranger = app.stranger();
    for (body, field) in [
        (json!({ "email": "nope", "password": "a quiet green kettle", "name": "Ann" }), "email"),
        (json!({ "email": "a@b.cc", "password": "short", "name": "Ann" }), "password"),
        (json!({ "email": "a@b.cc", "password": "passwordpassword", "name": "Ann" }), "password"),
        (json!({ "email": "a@b.cc", "password": "a quiet green kettle", "name": " " }), "name"),
    ] {
        let refused = stranger.post("/v1/auth/register", body).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    stranger
        .post("/v1/auth/register", json!({ "email": "a@b.cc", "rolls": [] }))
        .await
        .refused(422, "invalid_field");
    let raw = stranger.request(reqwest::Method::POST, "/v1/auth/register");
    stranger
        .send(raw.header("content-type", "application/json").body("{nope"))
        .await
        .refused(400, "not_json");
    let raw = stranger.request(reqwest::Method::POST, "/v1/auth/register");
    stranger.send(raw.body("{}")).await.refused(415, "unsupported_media_type");
    let raw = stranger.request(reqwest::Method::POST, "/v1/auth/register");
    let huge = raw.header("content-type", "application/json").body(vec![b' '; 20 * 1024 * 1024]);
    // The server may close before the client has sent everything: then there is no answer to read.
    if let Ok(answer) = huge.send().await {
        assert_eq!(answer.status(), 413);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_person_changes_their_own_profile() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let changed =
        ann.patch("/v1/users/me", json!({ "name": "Ann B.", "phone": "+1 555 0100" })).await.expect(200);
    assert_eq!((&changed["name"], &changed["phone"]), (&json!("Ann B."), &json!("+1 555 0100")));
    assert_eq!(ann.get("/v1/users/me").await.expect(200), changed);
    ann.patch("/v1/users/me", json!({ "roles": ["admin"] })).await.refused(422, "invalid_field");
    app.stranger().get("/v1/users/me").await.refused(401, "unauthorized");
    app.stop().await;
}
