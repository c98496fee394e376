//! Credentials in the vault, and the rotation of the keys they are sealed under.

use std::process::{Command, Output};

use mandate::kernel::{Secret, UserId, key_of};
use mandate::vault::{Connection, ConnectionId, Error, Secrets};
use mandate::{execute, fetch_all, fetch_one};

use crate::harness::{TestApp, path};

const CANARY: &str = "canary-7f3a91c2-secret";

fn secrets(value: &str) -> Secrets {
    Secrets::from([("api_key".to_owned(), Secret::new(value.to_owned()))])
}

fn shown(secrets: &Secrets) -> &str {
    secrets["api_key"].expose()
}

async fn user(app: &TestApp, name: &str) -> UserId {
    app.person(name).await.id.parse().unwrap()
}

async fn keep(app: &TestApp, user: UserId, value: &str) -> ConnectionId {
    let vault = app.app.vault.connections();
    let prepared = vault.prepare(user, "ndollar", &secrets(value)).await.unwrap();
    let mut tx = app.app.kernel.db.begin().await.unwrap();
    let id = vault.keep(&mut tx, &prepared).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn get(app: &TestApp, user: UserId, id: ConnectionId) -> Connection {
    let mut conn = app.app.kernel.db.read().await.unwrap();
    app.app.vault.connections().get(&mut conn, user, id).await.unwrap()
}

async fn swap(app: &TestApp, before: &Connection, value: &str) -> Result<(), Error> {
    let vault = app.app.vault.connections();
    let prepared = vault.prepare_swap(before, &secrets(value)).await?;
    let mut tx = app.app.kernel.db.begin().await.unwrap();
    vault.keep(&mut tx, &prepared).await?;
    tx.commit().await.unwrap();
    Ok(())
}

async fn destroy(app: &TestApp, user: UserId, id: ConnectionId) -> Result<bool, Error> {
    let mut tx = app.app.kernel.db.begin().await.unwrap();
    let destroyed = app.app.vault.connections().destroy(&mut tx, user, id).await?;
    tx.commit().await.unwrap();
    Ok(destroyed)
}

async fn texts(app: &TestApp) -> Vec<String> {
    let mut conn = app.app.kernel.db.read().await.unwrap();
    let rows = fetch_all!(conn, (String,), "SELECT sealed FROM connections ORDER BY user_id, id");
    rows.unwrap().into_iter().map(|(text,)| text).collect()
}

#[tokio::test]
async fn opens_for_its_owner_alone_and_writes_it_down() {
    let app = TestApp::start().await;
    let (ann, bob) = (user(&app, "ann").await, user(&app, "bob").await);
    let id = keep(&app, ann, CANARY).await;
    let vault = app.app.vault.connections();
    assert_eq!(shown(&vault.open(ann, id, "order ord_1").await.unwrap()), CANARY);
    assert!(matches!(vault.open(bob, id, "order ord_1").await, Err(Error::NotFound)));

    let mut conn = app.app.kernel.db.read().await.unwrap();
    let reads = fetch_all!(
        conn,
        (UserIdRow, String),
        "SELECT owner, body FROM audit_events WHERE event = 'vault.read'"
    )
    .unwrap();
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0].0, ann.0);
    assert!(reads[0].1.contains("order ord_1") && reads[0].1.contains(&id.to_string()), "{}", reads[0].1);
    drop(conn);
    app.stop().await;
}

type UserIdRow = uuid::Uuid;

#[tokio::test]
async fn a_text_that_was_moved_or_put_back_does_not_open() {
    let app = TestApp::start().await;
    let (ann, bob) = (user(&app, "ann").await, user(&app, "bob").await);
    let (anns, bobs) = (keep(&app, ann, CANARY).await, keep(&app, bob, "other").await);
    let vault = app.app.vault.connections();
    let old = texts(&app).await;

    // somebody with write access to the database copies Ann's text into Bob's row
    let mut tx = app.app.kernel.db.begin().await.unwrap();
    let copied = execute!(
        tx,
        "UPDATE connections SET sealed = (SELECT sealed FROM connections WHERE id = $1) WHERE id = $2",
        anns,
        bobs
    );
    assert_eq!(copied.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(matches!(vault.open(bob, bobs, "test").await, Err(Error::Seal(mandate_seal::Error::Refused))));

    // or puts back credentials that were replaced
    swap(&app, &get(&app, ann, anns).await, "new").await.unwrap();
    for text in old {
        let mut tx = app.app.kernel.db.begin().await.unwrap();
        execute!(tx, "UPDATE connections SET sealed = $1 WHERE id = $2", text, anns).unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(vault.open(ann, anns, "test").await, Err(Error::Seal(_))));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_swap_keeps_the_id_and_only_one_of_many_at_once_wins() {
    let app = TestApp::start().await;
    let ann = user(&app, "ann").await;
    let id = keep(&app, ann, "v1").await;
    let before = get(&app, ann, id).await;
    let racers = (0..16).map(|n| {
        let (app, before) = (&app, &before);
        async move { swap(app, before, &format!("by {n}")).await.map(|()| n) }
    });
    let answers = futures::future::join_all(racers).await;
    let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(won.len(), 1, "one of sixteen");
    assert!(answers.iter().filter_map(|a| a.as_ref().err()).all(|e| matches!(e, Error::Changed)));
    let after = get(&app, ann, id).await;
    assert_eq!((after.id, after.version, after.created_at), (id, 2, before.created_at));
    let opened = app.app.vault.connections().open(ann, id, "test").await.unwrap();
    assert_eq!(shown(&opened), format!("by {}", won[0]));
    app.stop().await;
}

#[tokio::test]
async fn what_is_destroyed_stays_as_a_row_and_never_opens_again() {
    let app = TestApp::start().await;
    let ann = user(&app, "ann").await;
    let id = keep(&app, ann, CANARY).await;
    let before = get(&app, ann, id).await;
    assert!(destroy(&app, ann, id).await.unwrap());
    assert!(!destroy(&app, ann, id).await.unwrap(), "the second time there is nothing to destroy");
    let vault = app.app.vault.connections();
    assert!(matches!(vault.open(ann, id, "test").await, Err(Error::Destroyed)));
    assert!(matches!(swap(&app, &before, "late").await, Err(Error::Changed)));
    let after = get(&app, ann, id).await;
    assert!(after.destroyed_at.is_some());
    assert_eq!(after.provider, "ndollar");
    let text = texts(&app).await.remove(0);
    assert_eq!(text.split('.').nth(2), Some(""), "the wrapped data key is gone");
    app.stop().await;
}

#[tokio::test]
async fn a_destroyed_data_key_is_gone_from_the_file_too() {
    let app = TestApp::start().await;
    if app.database.url().is_some() {
        // PostgreSQL keeps old row versions until its own vacuum
        return app.stop().await;
    }
    let ann = user(&app, "ann").await;
    let (id, other) = (keep(&app, ann, "one").await, keep(&app, ann, "two").await);
    let wrapped = |text: &String| text.split('.').nth(2).unwrap().to_owned();
    let keys: Vec<_> = texts(&app).await.iter().map(wrapped).collect();
    assert!(id < other, "ids are ordered by time, and so are the texts");
    destroy(&app, ann, id).await.unwrap();
    let data = app.data.clone();
    // the last connection takes the write-ahead log along
    app.stop().await;
    let files = walk(&data.path().join("data"));
    let holds = |key: &str| {
        let found = |file: &std::path::PathBuf| {
            std::fs::read(file).unwrap().windows(key.len()).any(|window| window == key.as_bytes())
        };
        files.iter().any(found)
    };
    assert!(!holds(&keys[0]), "the destroyed one's key");
    assert!(holds(&keys[1]), "the other's is there, or this test would see nothing");
}

#[tokio::test]
async fn no_credential_in_the_database_the_files_or_an_error() {
    let app = TestApp::start().await;
    let ann = user(&app, "ann").await;
    let id = keep(&app, ann, CANARY).await;
    let vault = app.app.vault.connections();
    vault.open(ann, id, "test").await.unwrap();
    swap(&app, &get(&app, ann, id).await, &format!("{CANARY}-2")).await.unwrap();
    let refused = vault.open(user(&app, "bob").await, id, "test").await.err().unwrap();
    destroy(&app, ann, id).await.unwrap();
    let destroyed = vault.open(ann, id, "test").await.err().unwrap();
    let said = format!("{refused} {refused:?} {destroyed} {destroyed:?}");
    assert!(!said.contains("canary"));

    let mut conn = app.app.kernel.db.read().await.unwrap();
    let kept = fetch_all!(conn, (String,), "SELECT body FROM audit_events").unwrap();
    assert!(!kept.is_empty() && kept.iter().all(|(body,)| !body.contains(CANARY)));
    drop(conn);
    assert!(texts(&app).await.iter().all(|text| !text.contains("canary")));
    // database, write-ahead log, key file: as bytes, in clear or as base64
    let mut seen = 0;
    for file in walk(&app.data.path().join("data")) {
        let bytes = std::fs::read(&file).unwrap();
        for needle in [CANARY.as_bytes(), b"Y2FuYXJ5LTdmM2E5MWMy", b"63616e6172792d37663361"] {
            assert!(!bytes.windows(needle.len()).any(|w| w == needle), "{}", file.display());
        }
        seen += 1;
    }
    assert!(seen > 0);
    app.stop().await;
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .collect()
}

fn command(app: &TestApp, arguments: &[&str]) -> Output {
    let mut command = Command::new(path());
    command.args(arguments).arg("--data-dir").arg(app.data.path().join("data"));
    if let Some(url) = app.database.url() {
        command.env("MANDATE_DATABASE_URL", url);
    }
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_rotate_under_a_running_server() {
    let app = TestApp::start().await;
    let ann = user(&app, "ann").await;
    let mut ids = Vec::new();
    // more than one batch
    for n in 0..205 {
        ids.push(keep(&app, ann, &format!("secret {n}")).await);
    }
    let gone = keep(&app, ann, "gone").await;
    destroy(&app, ann, gone).await.unwrap();
    let old = key_of(&texts(&app).await[0]).to_owned();

    let early = command(&app, &["keys", "forget", &old]);
    assert!(!early.status.success());
    assert!(text(&early).contains("still need"), "{}", text(&early));

    let rotated = command(&app, &["keys", "rotate"]);
    assert!(rotated.status.success(), "{}", text(&rotated));
    assert!(text(&rotated).contains("206 secrets moved"), "205 and the signing key: {}", text(&rotated));
    // the running server opens what was moved, and seals under the new key
    let vault = app.app.vault.connections();
    for (n, id) in ids.iter().enumerate().step_by(41) {
        assert_eq!(shown(&vault.open(ann, *id, "test").await.unwrap()), format!("secret {n}"));
    }
    keep(&app, ann, "after").await;
    let left = texts(&app).await.iter().filter(|text| key_of(text) == old).count();
    assert_eq!(left, 1, "the destroyed one alone names the old key");

    let again = command(&app, &["keys", "rewrap"]);
    assert!(text(&again).contains("0 secrets moved"), "{}", text(&again));
    let forgot = command(&app, &["keys", "forget", &old]);
    assert!(forgot.status.success(), "{}", text(&forgot));
    let list = command(&app, &["keys", "list"]);
    assert!(text(&list).contains("current  207 secrets") && !text(&list).contains(&old), "{}", text(&list));
    let data = app.second_node().await;
    assert_eq!(shown(&data.app.vault.connections().open(ann, ids[0], "test").await.unwrap()), "secret 0");
    data.stop().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_does_not_open_is_named_and_the_others_are_moved() {
    let app = TestApp::start().await;
    let ann = user(&app, "ann").await;
    let (bad, good) = (keep(&app, ann, "one").await, keep(&app, ann, "two").await);
    let mut tx = app.app.kernel.db.begin().await.unwrap();
    execute!(tx, "UPDATE connections SET version = 7 WHERE id = $1", bad).unwrap();
    tx.commit().await.unwrap();
    let rotated = command(&app, &["keys", "rotate"]);
    assert!(!rotated.status.success());
    assert!(text(&rotated).contains(&format!("not moved: {bad}")), "{}", text(&rotated));
    assert_eq!(shown(&app.app.vault.connections().open(ann, good, "test").await.unwrap()), "two");
    let mut conn = app.app.kernel.db.read().await.unwrap();
    let (moved,) = fetch_one!(
        conn,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM connections WHERE id = $1 AND key_id = $2",
        good,
        app.app.kernel.sealer.current_key()
    )
    .unwrap();
    assert_eq!(moved, 1);
    drop(conn);
    app.stop().await;
}
