//! What was told stays told: transactions end by waiting for what they read.

use serde_json::Value;

use crate::harness::{Binary, Person, Proof, TestDatabase, rounds};
use crate::source::{rust_functions, sources};

/// Lines that leave a function between `begin` and the transaction's end, without ending it.
fn leaks(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for function in rust_functions(text) {
        let mut open = None;
        for (index, line) in lines.iter().enumerate().skip(function.line - 1).take(function.lines) {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(at) = code.find(".begin().await?") {
                let name = code[..at].split_whitespace().skip_while(|word| *word != "mut").nth(1);
                open = name.map(str::to_owned);
                continue;
            }
            let Some(tx) = &open else { continue };
            let ends = ["commit()", "end(", "refuse(", "discard()"].map(|end| format!("{tx}.{end}"));
            let ended = |line: &str| ends.iter().any(|end| line.contains(end));
            let handed_on = [format!("({tx},"), format!("({tx})"), format!(", {tx})"), format!(", {tx},")];
            let leaves = code.contains("return ") || code.contains("ok_or") && code.contains('?');
            if leaves
                && !ended(code)
                && !ended(lines[index - 1])
                && !handed_on.iter().any(|on| code.contains(on))
            {
                found.push((index + 1, code.trim().to_owned()));
            }
            let at_the_end = [&ends[0], &ends[1]].iter().any(|end| code.contains(end.as_str()));
            if at_the_end || handed_on.iter().any(|on| code.contains(on)) {
                open = None;
            }
        }
    }
    found
}

/// A guard over text sees the common forms; the net under what it does not see is `kernel/db/seen.rs`.
#[test]
fn no_answer_leaves_an_open_transaction_behind() {
    let mut found = Vec::new();
    for source in sources("crates/server/src", &[".rs"]) {
        // the kernel makes transactions, the others use them
        if source.test() || source.path.contains("/kernel/db/") {
            continue;
        }
        found.extend(
            leaks(&source.text).into_iter().map(|(line, code)| format!("{}:{line}: {code}", source.path)),
        );
    }
    assert!(
        found.is_empty(),
        "the answer rests on what the transaction read: `return tx.refuse(error).await`, or `tx.end(outcome).await`:\n{}",
        found.join("\n")
    );
}

/// What `seen.rs` notes is waited for where answers leave.
#[test]
fn the_net_lies_under_every_answer() {
    let edge: Vec<_> = sources("crates/server/src", &["http.rs"]);
    let outermost = edge.iter().filter(|source| source.text.contains("async fn outermost("));
    let nets = outermost.filter(|source| source.text.contains("db::resting(next.run(request)"));
    assert_eq!(nets.count(), 1, "the outermost layer answers by way of `db::resting`");
}

#[test]
fn the_guard_sees_what_it_is_for() {
    let bad = "\
async fn spend(&self) -> Result<(), Error> {
    let mut tx = self.0.kernel.db.begin().await?;
    let row = find(&mut tx).await?.ok_or(Error::NotOnce)?;
    if row.used {
        return Err(Error::Used);
    }
    tx.commit().await?;
    return Ok(());
}
";
    assert_eq!(leaks(bad).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5]);
    let good = bad
        .replace("?.ok_or(Error::NotOnce)?", "?")
        .replace("return Err(Error::Used)", "return tx.refuse(Error::Used).await");
    assert_eq!(leaks(&good), []);
}

/// Sends one decision from many callers, kills the server at the first answer, and returns what was answered.
async fn decide_and_kill(server: Binary, ann: &Person, wish: &Value) -> Vec<Value> {
    let (sender, mut answers) = tokio::sync::mpsc::unbounded_channel::<Value>();
    for n in 0..6_u64 {
        let (person, wish, sender) = (ann.at(&server.url), wish.clone(), sender.clone());
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(n * 15)).await;
            let request = person.request(reqwest::Method::POST, "/v1/decisions").json(&wish);
            let Ok(answer) = request.send().await else { return };
            let Ok(body) = answer.json::<Value>().await else { return };
            let _ = sender.send(body);
        });
    }
    drop(sender);
    let mut told = vec![answers.recv().await.expect("one answer")];
    server.kill();
    while let Some(more) = answers.recv().await {
        told.push(more);
    }
    told
}

#[tokio::test]
async fn kill_9_after_a_replayed_decision_takes_nothing_back() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
    let slow = [("MANDATE_TEST_COMMIT_DELAY_MS", "150")];
    let mut server = Binary::start_with(data.path(), &database, &slow).await;
    let ann = Person::register(&server.url, "ann").await.sign_in().await;
    let account = crate::trading::paper(&ann, "100000").await;
    let (rounds, mut lost) = (rounds(5, 40), 0);
    let began = tokio::time::Instant::now();
    for round in 0..rounds {
        let wish = crate::trading::own_wish(&account, &format!("d-{round}"), "buy", "AAPL", "1");
        let told = decide_and_kill(server, &ann, &wish).await;
        server = Binary::start_with(data.path(), &database, &slow).await;
        for answer in told {
            let kept = ann.at(&server.url).get(&format!("/v1/decisions/d-{round}")).await;
            lost += usize::from(kept.status != 200 || kept.body["id"] != answer["id"]);
        }
    }
    let proof = Proof { rounds, refused: lost, ..Proof::timed(began) };
    proof.keep("`kill -9` at the first answer to one decision by 6 callers");
    assert_eq!(lost, 0);
}

/// The same request from two callers, the second while the first one's commit is under way. The second is told what
/// the first did; it must be told when that is durable, not when it was seen.
#[cfg(debug_assertions)]
async fn second_waits(what: &str, person: &Person, request: (&str, &str, Value), second: u16) {
    use std::time::Duration;
    let _slow = mandate::kernel::db::slow_commits(Duration::from_millis(400)).await;
    let send = |after: u64| {
        let (person, path, body) = (person.clone(), request.1.to_owned(), request.2.clone());
        let method: reqwest::Method = request.0.parse().unwrap();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(after)).await;
            let began = tokio::time::Instant::now();
            let answer = person.send(person.request(method, &path).json(&body)).await;
            (answer, began.elapsed())
        })
    };
    let (first, later) = (send(0), send(100));
    let (answer, took) = later.await.unwrap();
    assert_eq!(answer.status.as_u16(), second, "{what}: {}", answer.text);
    assert!(took >= Duration::from_millis(200), "{what}: told after {took:?}, before it was durable");
    let (answer, _) = first.await.unwrap();
    assert!(answer.status.is_success(), "{what}: {}", answer.text);
}

#[cfg(debug_assertions)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_second_is_told_when_the_first_is_durable() {
    use crate::harness::TestApp;
    use mandate::kernel::Origin;
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let account = crate::trading::paper(&ann, "100000").await;
    let mandate = crate::trading::mandate(&ann, &account, ("5000", "50000", 100), Some("10")).await;

    let own = crate::trading::own_wish(&account, "same", "buy", "AAPL", "1");
    second_waits("a decision again", &ann, ("POST", "/v1/decisions", own), 200).await;

    let wish = crate::trading::wish(&account, "waits", "buy", "AAPL", "1");
    let waits = crate::trading::decide(&ann, wish).await;
    let path = format!("/v1/approvals/{}", waits["approval_id"].as_str().unwrap());
    let hash = ann.get(&path).await.expect(200)["order_hash"].clone();
    let approve = ("POST", format!("{path}/approve"), serde_json::json!({ "order_hash": hash }));
    second_waits("an approval again", &ann, (approve.0, &approve.1, approve.2), 409).await;

    let system = Origin::system(app.app.kernel.clock.now());
    let link = app.app.sessions.make_login_link(ann.id.parse().unwrap(), &system).await.unwrap();
    let body = serde_json::json!({ "token": link.expose(), "delivery": "body" });
    second_waits("a login link again", &app.stranger(), ("POST", "/v1/auth/link/redeem", body), 401).await;

    let revoke = format!("/v1/mandates/{mandate}");
    second_waits("a revoked mandate again", &ann, ("DELETE", &revoke, Value::Null), 204).await;

    let session = ann.sign_in().await.get("/v1/sessions").await.expect(200)["items"][0].clone();
    let revoke = format!("/v1/sessions/{}", session["session_id"].as_str().unwrap());
    second_waits("an ended session again", &ann, ("DELETE", &revoke, Value::Null), 404).await;
    app.stop().await;
}
