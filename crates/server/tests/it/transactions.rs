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
