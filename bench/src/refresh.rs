//! Refresh rotation: 64 sessions that each rotate as fast as they are answered.

use crate::Failure;
use crate::load::{self, Load, Next};
use crate::sample::{micros, millis};
use crate::server::{Person, Postgres, Server, sign_up};
use crate::table::{Row, Section, thousands};

const CLIENTS: usize = 64;

/// Presents the refresh token of the last answer.
fn rotating(person: &Person) -> Next {
    let mut token = person.refresh.clone();
    Box::new(move |answer| {
        if let Some(fresh) = refresh_token(answer) {
            fresh.clone_into(&mut token);
        }
        let body = format!("{{\"refresh_token\":\"{token}\"}}");
        format!(
            "POST /v1/auth/refresh HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    })
}

fn refresh_token(answer: &[u8]) -> Option<&str> {
    const NAME: &str = "\"refresh_token\":\"";
    let text = std::str::from_utf8(answer).ok()?;
    let rest = &text[text.find(NAME)? + NAME.len()..];
    rest.split('"').next()
}

async fn rotate(database: Option<&str>, algorithm: &str, seconds: u64) -> Result<Load, Failure> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    let server = Server::start(&data, database, &[("MANDATE_TOKENS__ALGORITHM", algorithm)]).await?;
    let mut clients = Vec::new();
    for n in 0..CLIENTS {
        clients.push(rotating(&sign_up(&server, &format!("person{n}")).await?));
    }
    let load = load::run(&server, clients, seconds).await?;
    server.stop();
    Ok(load)
}

fn row(what: String, load: &Load, target: &'static str) -> Row {
    let refused =
        if load.refused == 0 { String::new() } else { format!(", {} NOT answered with 200", load.refused) };
    Row::new(what, format!("{}/s{refused}", thousands(load.per_second)))
        .beside(format!(
            "p50 {}, p99 {}; {} of the server's processor each",
            millis(load.p50),
            millis(load.p99),
            micros(load.processor)
        ))
        .target(target)
}

pub async fn measure(seconds: u64) -> Result<Section, Failure> {
    let mut rows = Vec::new();
    for algorithm in ["RS256", "EdDSA"] {
        let load = rotate(None, algorithm, seconds).await?;
        rows.push(row(format!("SQLite, {algorithm}"), &load, "p99 < 20 ms"));
        match Postgres::create().await? {
            Some(database) => {
                let load = rotate(Some(&database.url), algorithm, seconds).await;
                database.drop().await?;
                rows.push(row(format!("PostgreSQL, {algorithm}"), &load?, ""));
            }
            None => rows.push(Row::new("PostgreSQL", "not measured: no server (scripts/services start)")),
        }
    }
    Ok(Section {
        title: "Refresh rotation over HTTP",
        how: format!(
            "{CLIENTS} sessions of as many people, each rotating again as soon as it was answered; {seconds} s after \
             one of warming up; one node. Each rotation verifies, writes durably (SQLite: WAL with synchronous FULL; \
             PostgreSQL: fsync and synchronous_commit on), seals the successor and signs an access token. An RS256 \
             signature alone costs what the table above says: it bounds these rates."
        ),
        rows,
    })
}
