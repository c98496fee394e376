//! Logins, refresh rotation, step-up, logout.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::json;

use crate::harness::{Binary, Person, Proof, TestApp, TestDatabase, rounds};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_answer_alike() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let wrong = json!({ "email": ann.email, "password": "wrong wrong wrong", "delivery": "body" });
    let unknown = json!({ "email": "eve@example.com", "password": "wrong wrong wrong", "delivery": "body" });
    let mut wrong = app.stranger().post("/v1/auth/login", wrong).await.refused(401, "wrong_credentials");
    let mut unknown = app.stranger().post("/v1/auth/login", unknown).await.refused(401, "wrong_credentials");
    wrong["request_id"] = json!(null);
    unknown["request_id"] = json!(null);
    assert_eq!(wrong, unknown);
    app.stop().await;
}

#[tokio::test]
async fn failures_are_limited_and_the_limit_ends() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let wrong = json!({ "email": ann.email, "password": "wrong wrong wrong", "delivery": "body" });
    for _ in 0..7 {
        app.stranger().post("/v1/auth/login", wrong.clone()).await.refused(401, "wrong_credentials");
    }
    let refused = app.stranger().post("/v1/auth/login", wrong.clone()).await;
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
    refused.refused(429, "too_many_attempts");
    // even the right password waits, for it would tell the guesser
    let right = json!({ "email": ann.email, "password": ann.password, "delivery": "body" });
    app.stranger().post("/v1/auth/login", right.clone()).await.refused(429, "too_many_attempts");
    app.clock.advance(Duration::from_secs(31));
    app.stranger().post("/v1/auth/login", right).await.expect(200);
    app.stop().await;
}

#[tokio::test]
async fn sixty_four_tabs_refresh_one_token_twenty_times() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut token = ann.refresh_token.clone().unwrap();
    for round in 0..20 {
        let tabs: Vec<_> = (0..64)
            .map(|_| {
                let (ann, token) = (ann.clone(), token.clone());
                tokio::spawn(async move { ann.refresh(&token).await.expect(200) })
            })
            .collect();
        let mut successors = HashSet::new();
        let mut access = Vec::new();
        for tab in tabs {
            let body = tab.await.unwrap();
            successors.insert(body["refresh_token"].as_str().unwrap().to_owned());
            access.push(body["access_token"].as_str().unwrap().to_owned());
        }
        assert_eq!(successors.len(), 1, "round {round}: one rotation, one successor");
        for access in [&access[0], &access[63]] {
            ann.with_token(access).get("/v1/users/me").await.expect(200);
        }
        token = successors.into_iter().next().unwrap();
    }
    let rotations = ann.get("/v1/audit?event=session.refresh").await.expect(200);
    assert_eq!(rotations["items"].as_array().unwrap().len(), 20);
    app.stop().await;
}

#[tokio::test]
async fn two_nodes_rotate_one_token_once() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let ann = app.person("ann").await;
    let mut token = ann.refresh_token.clone().unwrap();
    for _ in 0..5 {
        let tries: Vec<_> = (0..16)
            .map(|n| {
                let (person, token) =
                    (if n % 2 == 0 { ann.clone() } else { ann.at(&other.url) }, token.clone());
                tokio::spawn(async move { person.refresh(&token).await.expect(200) })
            })
            .collect();
        let mut successors = HashSet::new();
        for answer in tries {
            successors.insert(answer.await.unwrap()["refresh_token"].as_str().unwrap().to_owned());
        }
        assert_eq!(successors.len(), 1);
        token = successors.into_iter().next().unwrap();
    }
    other.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_not_punished_but_a_replay_is() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let first = ann.refresh_token.clone().unwrap();
    let lost = ann.refresh(&first).await.expect(200);
    // The answer was lost; an hour later the client tries again with what it has.
    app.clock.advance(Duration::from_secs(3_600));
    let again = ann.refresh(&first).await.expect(200);
    assert_eq!(again["refresh_token"], lost["refresh_token"]);
    // Now the successor is used: the predecessor is spent for good once the grace window is over.
    ann.with_token(again["access_token"].as_str().unwrap()).get("/v1/users/me").await.expect(200);
    app.clock.advance(Duration::from_secs(11));
    ann.refresh(&first).await.refused(401, "refresh_reuse");
    // The family has ended: neither the successor nor the access token works.
    ann.refresh(again["refresh_token"].as_str().unwrap()).await.refused(401, "session_ended");
    let used = ann.with_token(again["access_token"].as_str().unwrap());
    used.get("/v1/users/me").await.refused(401, "session_ended");
    let again = ann.sign_in().await;
    let reuse = again.get("/v1/audit?event=session.reuse").await.expect(200);
    assert_eq!(reuse["items"].as_array().unwrap().len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn within_grace_a_used_successor_is_still_given_and_an_older_token_is_reuse() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let first = ann.refresh_token.clone().unwrap();
    let second = ann.refresh(&first).await.expect(200);
    ann.with_token(second["access_token"].as_str().unwrap()).get("/v1/users/me").await.expect(200);
    let tab = ann.refresh(&first).await.expect(200);
    assert_eq!(tab["refresh_token"], second["refresh_token"]);
    ann.refresh(second["refresh_token"].as_str().unwrap()).await.expect(200);
    ann.refresh(&first).await.refused(401, "refresh_reuse");
    app.stop().await;
}

#[tokio::test]
async fn made_up_tokens_end_nothing() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let real = ann.refresh_token.clone().unwrap();
    let mut forged = real.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    for token in [forged.as_str(), "", "mrt_", "nonsense", &real[..40]] {
        ann.refresh(token).await.refused(401, "invalid_refresh_token");
    }
    ann.get("/v1/users/me").await.expect(200);
    ann.refresh(&real).await.expect(200);
    app.stop().await;
}

fn set_cookie(answer: &reqwest::header::HeaderMap, name: &str) -> Option<String> {
    answer
        .get_all(SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .find(|value| value.starts_with(name))
}

#[tokio::test]
async fn a_cookie_session_never_shows_its_token_and_refuses_other_sites() {
    let app = TestApp::start().await;
    let ann = Person::register(&app.url, "ann").await;
    let login = json!({ "email": ann.email, "password": ann.password, "persist_session": true });
    let answer = ann.post("/v1/auth/login", login).await;
    assert!(answer.body.get("refresh_token").is_none());
    let cookie = set_cookie(&answer.headers, "refresh_token=").unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/v1/auth", "Max-Age="] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "loopback speaks plain HTTP: {cookie}");
    let jar = format!(
        "{}; {}",
        cookie.split(';').next().unwrap(),
        set_cookie(&answer.headers, "mandate_device=").unwrap().split(';').next().unwrap()
    );
    let refresh = |site: &'static str, origin: Option<&'static str>| {
        let request = ann.client.post(format!("{}/v1/auth/refresh", ann.url)).header(COOKIE, &jar);
        let request = request.header("sec-fetch-site", site);
        ann.send(match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        })
    };
    refresh("cross-site", None).await.refused(403, "cross_site");
    refresh("same-origin", Some("https://evil.example")).await.refused(403, "cross_site");
    let refreshed = refresh("same-origin", None).await;
    assert!(refreshed.body.get("refresh_token").is_none());
    assert!(set_cookie(&refreshed.headers, "refresh_token=mrt_").is_some());
    refreshed.expect(200);
    app.stop().await;
}

#[tokio::test]
async fn logout_ends_the_session_at_once_and_all_devices_ends_all() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let (phone, laptop) = (ann.sign_in().await, ann.sign_in().await);
    assert_eq!(ann.get("/v1/sessions").await.expect(200)["items"].as_array().unwrap().len(), 3);
    phone.get("/v1/users/me").await.expect(200);
    phone.post("/v1/auth/logout", json!({})).await.expect(204);
    phone.get("/v1/users/me").await.refused(401, "session_ended");
    phone.refresh(phone.refresh_token.as_deref().unwrap()).await.refused(401, "session_ended");
    laptop.get("/v1/users/me").await.expect(200);
    ann.post("/v1/auth/logout", json!({ "all_devices": true })).await.expect(204);
    laptop.get("/v1/users/me").await.refused(401, "session_ended");
    app.stop().await;
}

#[tokio::test]
async fn a_dead_cookie_signs_nobody_out() {
    let app = TestApp::start().await;
    let ann = Person::register(&app.url, "ann").await;
    let login = json!({ "email": ann.email, "password": ann.password });
    let answer = ann.post("/v1/auth/login", login).await;
    let cookie = set_cookie(&answer.headers, "refresh_token=").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let laptop = ann.sign_in().await;
    let sign_out = async || {
        let request = ann.request(reqwest::Method::POST, "/v1/auth/logout").header(COOKIE, &cookie);
        ann.send(request.json(&json!({ "all_devices": true }))).await
    };
    // the stolen laptop's owner ends that one session; whoever holds its cookie ends no others with it
    let own = ann.with_token(answer.body["access_token"].as_str().unwrap());
    own.post("/v1/auth/logout", json!({})).await.expect(204);
    let refused = sign_out().await;
    assert!(set_cookie(&refused.headers, "refresh_token=;").is_some(), "it is cleared all the same");
    refused.expect(204);
    laptop.get("/v1/users/me").await.expect(200);
    app.stop().await;
}

#[tokio::test]
async fn another_node_refuses_a_revoked_session_within_a_second() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let ann = app.person("ann").await;
    let there = ann.at(&other.url);
    there.get("/v1/users/me").await.expect(200);
    ann.post("/v1/auth/logout", json!({})).await.expect(204);
    tokio::time::sleep(Duration::from_millis(300)).await;
    there.get("/v1/users/me").await.refused(401, "session_ended");
    other.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn one_revokes_ones_own_sessions_only() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let session =
        ann.get("/v1/sessions").await.expect(200)["items"][0]["session_id"].as_str().unwrap().to_owned();
    bob.delete(&format!("/v1/sessions/{session}")).await.refused(404, "not_found");
    bob.delete("/v1/sessions/rubbish").await.refused(404, "not_found");
    ann.get("/v1/users/me").await.expect(200);
    ann.delete(&format!("/v1/sessions/{session}")).await.expect(204);
    ann.get("/v1/users/me").await.refused(401, "session_ended");
    app.stop().await;
}

#[tokio::test]
async fn step_up_makes_a_stale_session_fresh() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    app.clock.advance(Duration::from_secs(301));
    let change =
        json!({ "current_password": ann.password, "new_password": "an altogether different kettle" });
    let refused = ann.post("/v1/auth/password/change", change.clone()).await;
    assert!(
        refused.headers["www-authenticate"].to_str().unwrap().contains("insufficient_user_authentication")
    );
    refused.refused(401, "insufficient_user_authentication");
    ann.post("/v1/auth/step-up", json!({ "password": "wrong" })).await.refused(401, "wrong_credentials");
    let stepped = ann.post("/v1/auth/step-up", json!({ "password": ann.password })).await.expect(200);
    let fresh = ann.with_token(stepped["access_token"].as_str().unwrap());
    let other = ann.sign_in().await;
    fresh.post("/v1/auth/password/change", change).await.expect(204);
    // other sessions end, this one stays
    other.get("/v1/users/me").await.refused(401, "session_ended");
    fresh.get("/v1/users/me").await.expect(200);
    app.stop().await;
}

#[tokio::test]
async fn tokens_of_others_and_rubbish_are_refused() {
    let app = TestApp::start().await;
    let foreign = TestApp::with(|config| config.tokens.audience = "another".into()).await;
    let eve = foreign.person("eve").await;
    let ann = app.person("ann").await;
    ann.with_token(eve.token.as_deref().unwrap()).get("/v1/users/me").await.refused(401, "invalid_token");
    ann.with_token("a.b.c").get("/v1/users/me").await.refused(401, "invalid_token");
    // a bad token is refused even where none is needed: never a silent fall back to a stranger
    ann.with_token("a.b.c").get("/livez").await.refused(401, "invalid_token");
    app.clock.advance(Duration::from_secs(906));
    ann.get("/v1/users/me").await.refused(401, "token_expired");
    foreign.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn fifty_kills_in_the_middle_of_rotations_leave_a_token_that_works() {
    let data = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    let mut server = Binary::start(data.path(), &database).await;
    let ann = Person::register(&server.url, "ann").await.sign_in().await;
    let mut token = ann.refresh_token.clone().unwrap();
    let mut answered = 0;
    let (rounds, began) = (rounds(50, 200), tokio::time::Instant::now());
    for round in 0..rounds as u64 {
        let (person, start) = (ann.at(&server.url), token.clone());
        let client = tokio::spawn(async move {
            let (mut token, mut count) = (start, 0);
            // What the client holds is what the last answer gave it; an answer that never came changes nothing.
            loop {
                let request = person.client.post(format!("{}/v1/auth/refresh", person.url));
                let Ok(response) = request.json(&json!({ "refresh_token": token })).send().await else {
                    break;
                };
                assert_eq!(response.status(), 200);
                let Ok(body) = response.json::<serde_json::Value>().await else { break };
                token = body["refresh_token"].as_str().unwrap().to_owned();
                count += 1;
            }
            (token, count)
        });
        tokio::time::sleep(Duration::from_millis(5 + round * 7 % 60)).await;
        server.kill();
        let (last, count) = client.await.unwrap();
        token = last;
        answered += count;
        server = Binary::start(data.path(), &database).await;
        let works = ann.at(&server.url).refresh(&token).await.expect(200);
        token = works["refresh_token"].as_str().unwrap().to_owned();
    }
    Proof { rounds, ..Proof::timed(began) }.keep("`kill -9` in the middle of rotations, one after another");
    assert!(answered > 50, "the kills must fall among rotations, but only {answered} were answered");
    server.kill();
}
