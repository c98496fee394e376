//! What stands around every route: repeated writes, rates, sizes, bodies that are none.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestApp};
use mandate::http::Quotas;

async fn keyed(person: &Person, key: &str, body: Value) -> Answer {
    let request =
        person.request(Method::POST, "/v1/trading-accounts").header("idempotency-key", key).json(&body);
    person.send(request).await
}

async fn count(person: &Person) -> usize {
    person.get("/v1/trading-accounts").await.expect(200).as_array().unwrap().len()
}

#[tokio::test]
async fn a_repeated_write_is_carried_out_once() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let body = json!({ "broker": "paper", "name": "One" });
    let first = keyed(&ann, "k-1", body.clone()).await;
    let again = keyed(&ann, "k-1", body.clone()).await;
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(count(&ann).await, 1);
    keyed(&ann, "k-1", json!({ "broker": "paper", "name": "Two" }))
        .await
        .refused(422, "idempotency_key_reused");
    assert_eq!(count(&ann).await, 1);

    // a key is its owner's: bob's request with the same key is bob's
    let bob = app.person("bob").await;
    let other = keyed(&bob, "k-1", body.clone()).await.expect(201);
    assert_ne!(other["account_id"], first.body["account_id"]);

    app.clock.advance(std::time::Duration::from_secs(25 * 3_600));
    let ann = ann.sign_in().await;
    keyed(&ann, "k-1", body).await.expect(201);
    assert_eq!(count(&ann).await, 2);
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let other_node = app.second_node().await;
    for round in 0..5 {
        let tries: Vec<_> = (0..16)
            .map(|index| {
                let url = if index % 2 == 0 { &app.url } else { &other_node.url };
                let (ann, key) = (ann.at(url), format!("round-{round}"));
                tokio::spawn(
                    async move { keyed(&ann, &key, json!({ "broker": "paper", "name": "Race" })).await },
                )
            })
            .collect();
        let mut made = Vec::new();
        for one in tries {
            let answer = one.await.unwrap();
            match answer.status.as_u16() {
                201 => made.push(answer.body["account_id"].clone()),
                409 => {
                    assert_eq!(answer.code(), "idempotency_in_progress");
                    assert!(answer.headers.contains_key("retry-after"));
                }
                other => panic!("{other}: {}", answer.text),
            }
        }
        made.dedup();
        assert_eq!(made.len(), 1, "round {round}: {made:?}");
        assert_eq!(count(&ann).await, round + 1);
    }
    other_node.stop().await;
}

#[tokio::test]
async fn the_kept_answer_is_sealed_and_a_refusal_to_sign_is_not_kept() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    keyed(&ann, "sealed", json!({ "broker": "paper", "name": "Canary-7301" })).await.expect(201);
    let mut conn = app.app.kernel.db.read().await.unwrap();
    let (body,) =
        mandate::fetch_one!(conn, (String,), "SELECT body FROM idempotency WHERE key = $1", "sealed")
            .unwrap();
    assert!(!body.contains("Canary-7301") && !body.contains("acc_"), "{body}");
    drop(conn);

    // without a token nobody owns the key: the same key works afterwards
    let nobody = app.stranger();
    keyed(&nobody, "late", json!({ "broker": "paper" })).await.refused(401, "unauthorized");
    keyed(&ann, "late", json!({ "broker": "paper" })).await.expect(201);
    keyed(&ann, &"x".repeat(256), json!({ "broker": "paper" })).await.refused(400, "bad_idempotency_key");
}

#[tokio::test]
async fn rates_are_limited_per_person_and_told() {
    let app =
        TestApp::with(|config| config.limits = Quotas { api: 30, auth: 20, ..Quotas::unlimited() }).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut refused = None;
    for index in 0..40 {
        let answer = ann.get("/v1/users/me").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some((index, answer));
            break;
        }
        assert_eq!(answer.headers["ratelimit-limit"], "30");
    }
    let (served, refused) = refused.expect("the limit was never reached");
    assert!(served >= 30, "refused after {served}");
    assert_eq!(refused.headers["ratelimit-remaining"], "0");
    assert!(refused.headers.contains_key("retry-after"));
    refused.refused(429, "rate_limited");
    bob.get("/v1/users/me").await.expect(200);
    app.clock.advance(std::time::Duration::from_secs(5));
    ann.get("/v1/users/me").await.expect(200);
}

#[tokio::test]
async fn bad_bodies_are_named() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let send = |body: Vec<u8>, kind: &'static str| {
        let request =
            ann.request(Method::POST, "/v1/trading-accounts").header("content-type", kind).body(body);
        let ann = ann.clone();
        async move { ann.send(request).await }
    };
    send(b"{\"broker\":".to_vec(), "application/json").await.refused(400, "not_json");
    send(b"broker=paper".to_vec(), "text/plain").await.refused(415, "unsupported_media_type");
    send(vec![b'x'; 20 << 20], "application/json").await.refused(413, "too_large");
    let mut request =
        ann.request(Method::POST, "/v1/trading-accounts").header("content-type", "application/json");
    request = request.header("idempotency-key", "huge").body(vec![b'x'; 20 << 20]);
    ann.send(request).await.refused(413, "too_large");
    assert_eq!(count(&ann).await, 0);
    ann.get("/v1/nothing-here").await.refused(404, "not_found");
}

#[tokio::test]
async fn the_clock_moves_ahead_in_development() {
    let app = TestApp::start().await;
    let admin = app.admin("ada").await;
    let set = |now: String| {
        let admin = admin.clone();
        async move {
            let request = admin.request(Method::PUT, "/v1/admin/clock").json(&json!({ "now": now }));
            admin.send(request).await
        }
    };
    let before: jiff::Timestamp =
        admin.get("/v1/admin/clock").await.expect(200)["now"].as_str().unwrap().parse().unwrap();
    set((before - jiff::SignedDuration::from_secs(1)).to_string()).await.refused(422, "invalid_field");
    set((before + jiff::SignedDuration::from_hours(24 * 4_000)).to_string())
        .await
        .refused(422, "invalid_field");
    // a day later what was granted for a quarter of an hour has ended
    set((before + jiff::SignedDuration::from_hours(24)).to_string()).await.expect(200);
    admin.get("/v1/users/me").await.expect(401);
    let again = admin.sign_in().await;
    let after: jiff::Timestamp =
        again.get("/v1/admin/clock").await.expect(200)["now"].as_str().unwrap().parse().unwrap();
    assert!(after.duration_since(before) >= jiff::SignedDuration::from_hours(24));
}

#[tokio::test]
async fn a_clock_of_production_cannot_be_moved() {
    let data = tempfile::tempdir().unwrap();
    let database = crate::harness::TestDatabase::create().await;
    let binary = crate::harness::Binary::start(data.path(), &database).await;
    let answer = binary.stranger().send(binary.stranger().request(Method::PUT, "/v1/admin/clock")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
}
