//! Refresh under races, slow commits, crashes and dead families: nobody honest is signed out.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};

use crate::harness::{Answer, Binary, Person, Proof, TestApp, TestDatabase, rounds};

const CALLERS: u64 = 64;

/// All present one token, each after its own pause. Answers how many were refused, and the successors.
async fn present_at_once(
    people: &[Person],
    token: &str,
    pause: impl Fn(u64) -> Duration,
) -> (usize, HashSet<String>) {
    let callers: Vec<_> = (0..CALLERS)
        .map(|n| {
            let (person, token) = (people[n as usize % people.len()].clone(), token.to_owned());
            let pause = pause(n);
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                person.refresh(&token).await
            })
        })
        .collect();
    let (mut refused, mut successors) = (0, HashSet::new());
    for caller in callers {
        let answer = caller.await.unwrap();
        match answer.body["refresh_token"].as_str() {
            Some(token) if answer.status == 200 => drop(successors.insert(token.to_owned())),
            _ => refused += 1,
        }
    }
    (refused, successors)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_of_sixty_four_callers_refuses_nobody() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let ann = app.person("ann").await;
    let rounds = rounds(12, 200);
    for (name, people) in
        [("one node", vec![ann.clone()]), ("two nodes", vec![ann.clone(), ann.at(&other.url)])]
    {
        let (mut refused, mut most, mut rotations) = (0, 0, HashSet::new());
        let mut token = ann.sign_in().await.refresh_token.unwrap();
        let began = tokio::time::Instant::now();
        for _ in 0..rounds {
            let (no, successors) = present_at_once(&people, &token, |_| Duration::ZERO).await;
            refused += no;
            most = most.max(successors.len());
            rotations.extend(successors.iter().cloned());
            token = successors.into_iter().next().expect("somebody is answered");
        }
        let proof = Proof { rounds, refused, successors: Some(rotations.len()), ..Proof::timed(began) };
        proof.keep(&format!("refresh race, {name}: {CALLERS} callers, one token"));
        assert_eq!((refused, most, rotations.len()), (0, 1, rounds), "{name}");
    }
    other.stop().await;
    app.stop().await;
}

/// The window in which a writer sees what a reader does not is as wide as a slow disk makes it.
#[cfg(debug_assertions)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_under_a_slow_committer_refuses_nobody() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let people = [ann.clone()];
    let mut token = ann.refresh_token.clone().unwrap();
    // on PostgreSQL each answer waits for the row in turn, on SQLite all wait for one commit
    let slow = if app.database.url().is_some() { 10 } else { 60 };
    let _slow = mandate::kernel::db::slow_commits(Duration::from_millis(slow)).await;
    for round in 0..rounds(5, 40) {
        let (refused, successors) = present_at_once(&people, &token, |n| Duration::from_millis(n * 2)).await;
        assert_eq!((refused, successors.len()), (0, 1), "round {round}");
        token = successors.into_iter().next().unwrap();
    }
    app.stop().await;
}

/// The successors that were answered before the server was killed, at the first answer.
async fn answered_before_the_kill(server: Binary, ann: &Person, token: &str) -> Vec<String> {
    let (sender, mut answers) = tokio::sync::mpsc::unbounded_channel::<Value>();
    let callers: Vec<_> = (0..12_u64)
        .map(|n| {
            let (person, token, sender) = (ann.at(&server.url), token.to_owned(), sender.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(n * 9)).await;
                let request = person.client.post(format!("{}/v1/auth/refresh", person.url));
                let Ok(answer) = request.json(&json!({ "refresh_token": token })).send().await else {
                    return;
                };
                let status = answer.status();
                let Ok(body) = answer.json::<Value>().await else { return };
                assert_eq!(status, 200, "{body}");
                let _ = sender.send(body);
            })
        })
        .collect();
    drop(sender);
    let mut told = vec![answers.recv().await.expect("one answer")];
    server.kill();
    for caller in callers {
        caller.await.unwrap();
    }
    while let Ok(more) = answers.try_recv() {
        told.push(more);
    }
    told.iter().map(|body| body["refresh_token"].as_str().unwrap().to_owned()).collect()
}

/// The first answer may be a replay of what the winner has not committed yet: it must not have been told.
#[tokio::test]
async fn kill_9_at_the_first_answer_takes_nothing_back() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
    // in a release build the setting has no effect and the disk alone makes the window
    let slow = [("MANDATE_TEST_COMMIT_DELAY_MS", "120")];
    let server = Binary::start_with(data.path(), &database, &slow).await;
    let ann = Person::register(&server.url, "ann").await.sign_in().await;
    let mut token = ann.refresh_token.clone().unwrap();
    let (mut running, mut lost) = (Some(server), 0);
    let began = tokio::time::Instant::now();
    let rounds = rounds(5, 60);
    for _ in 0..rounds {
        let told = answered_before_the_kill(running.take().unwrap(), &ann, &token).await;
        let server = Binary::start_with(data.path(), &database, &slow).await;
        let ann = ann.at(&server.url);
        for successor in told {
            let answer = ann.refresh(&successor).await;
            if answer.status == 200 {
                answer.body["refresh_token"].as_str().unwrap().clone_into(&mut token);
            } else {
                lost += 1;
            }
        }
        running = Some(server);
    }
    let proof = Proof { rounds, refused: lost, ..Proof::timed(began) };
    proof.keep("`kill -9` at the first answer of a refresh race of 12 callers");
    assert_eq!(lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dead_family_gives_nothing_out_on_any_node() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let ann = app.person("ann").await;
    for round in 0..rounds(4, 40) {
        let first = ann.sign_in().await.refresh_token.unwrap();
        let second = ann.refresh(&first).await.expect(200)["refresh_token"].as_str().unwrap().to_owned();
        let third = ann.refresh(&second).await.expect(200)["refresh_token"].as_str().unwrap().to_owned();
        let dead = Arc::new(AtomicBool::new(false));
        // the immediate predecessor: within the grace window it is given its successor again and again
        let descendants: Vec<_> = (0..8)
            .map(|n| {
                let node = if n % 2 == 0 { ann.clone() } else { ann.at(&other.url) };
                let (token, dead) = (second.clone(), dead.clone());
                tokio::spawn(async move {
                    let mut given = Vec::new();
                    for after in 0..6 {
                        while after == 0 && !dead.load(Ordering::SeqCst) {
                            let body = node.refresh(&token).await.body;
                            given.extend(body["access_token"].as_str().map(str::to_owned));
                        }
                        let answer = node.refresh(&token).await;
                        assert_eq!(answer.status, 401, "round {round}: {}", answer.text);
                    }
                    given
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(30)).await;
        // a grandparent within the grace window is reuse
        other.stranger().refresh(&first).await.refused(401, "refresh_reuse");
        dead.store(true, Ordering::SeqCst);
        let mut given = Vec::new();
        for descendant in descendants {
            given.extend(descendant.await.unwrap());
        }
        assert!(!given.is_empty(), "the grace window gave something before the end");
        for node in [&ann, &ann.at(&other.url)] {
            node.refresh(&third).await.refused(401, "session_ended");
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
        for (access, node) in given.iter().zip([&ann, &ann.at(&other.url)].into_iter().cycle()) {
            node.with_token(access).get("/v1/users/me").await.refused(401, "session_ended");
        }
    }
    other.stop().await;
    app.stop().await;
}

/// A browser's cookies as a server-side renderer passes them on.
#[derive(Clone)]
struct Browser {
    person: Person,
    refresh: String,
    device: String,
}

fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let all = answer.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.filter_map(|value| value.split(';').next()).find(|value| value.starts_with(name)).map(str::to_owned)
}

impl Browser {
    async fn sign_in(app: &TestApp, name: &str) -> (Self, String) {
        let person = Person::register(&app.url, name).await;
        let login = json!({ "email": person.email, "password": person.password, "persist_session": true });
        let answer = person.post("/v1/auth/login", login).await;
        let refresh = cookie(&answer, "refresh_token=").unwrap();
        let device = cookie(&answer, "mandate_device=").unwrap();
        let access = answer.expect(200)["access_token"].as_str().unwrap().to_owned();
        (Self { person, refresh, device }, access)
    }

    async fn refresh(&self) -> Answer {
        let request = self.person.client.post(format!("{}/v1/auth/refresh", self.person.url));
        self.person.send(request.header(COOKIE, format!("{}; {}", self.refresh, self.device))).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_renders_with_one_expired_token_all_end_signed_in() {
    let app = TestApp::start().await;
    let (mut browser, access) = Browser::sign_in(&app, "ann").await;
    for _ in 0..5 {
        app.clock.advance(Duration::from_secs(3_600));
        let renders: Vec<_> = (0..20)
            .map(|_| {
                let (browser, access) = (browser.clone(), access.clone());
                tokio::spawn(async move {
                    let person = browser.person.with_token(&access);
                    assert_eq!(person.get("/v1/users/me").await.status, 401, "it has expired");
                    let answer = browser.refresh().await;
                    let set = cookie(&answer, "refresh_token=mrt_").expect("each answer sets the cookie");
                    let access = answer.expect(200)["access_token"].as_str().unwrap().to_owned();
                    person.with_token(&access).get("/v1/users/me").await.expect(200);
                    set
                })
            })
            .collect();
        let mut cookies = HashSet::new();
        for render in renders {
            cookies.insert(render.await.unwrap());
        }
        assert_eq!(cookies.len(), 1, "whichever of them the browser keeps");
        browser.refresh = cookies.into_iter().next().unwrap();
    }
    browser.refresh().await.expect(200);
    app.stop().await;
}

#[tokio::test]
async fn an_answer_by_grace_sets_the_cookie_too() {
    let app = TestApp::start().await;
    let (browser, _) = Browser::sign_in(&app, "ann").await;
    let (first, again) = (browser.refresh().await, browser.refresh().await);
    let set = cookie(&first, "refresh_token=mrt_").unwrap();
    assert_ne!(set, browser.refresh);
    assert_eq!(cookie(&again, "refresh_token=mrt_"), Some(set));
    app.stop().await;
}

#[tokio::test]
async fn only_a_token_that_is_ours_and_dead_loses_its_cookie() {
    let app = TestApp::start().await;
    let (browser, access) = Browser::sign_in(&app, "ann").await;
    // somebody else's cookie under our name says nothing about ours
    let strange = Browser { refresh: "refresh_token=of-another-application".into(), ..browser.clone() };
    let answer = strange.refresh().await;
    assert_eq!(cookie(&answer, "refresh_token="), None);
    answer.refused(401, "invalid_refresh_token");
    // signed out: dead
    browser
        .person
        .with_token(&access)
        .post("/v1/auth/logout", json!({ "all_devices": true }))
        .await
        .expect(204);
    let answer = browser.refresh().await;
    assert_eq!(cookie(&answer, "refresh_token=").as_deref(), Some("refresh_token="));
    answer.refused(401, "session_ended");
    // the database is away: a passing trouble
    let (browser, _) = Browser::sign_in(&app, "ben").await;
    app.app.kernel.db.close().await;
    let answer = browser.refresh().await;
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(cookie(&answer, "refresh_token="), None);
    answer.refused(503, "unavailable");
}
