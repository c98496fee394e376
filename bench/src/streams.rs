//! 500 chat answers being streamed at once: from a slow model, through the server, to as many readers.

use std::convert::Infallible;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::Failure;
use crate::sample::{millis, quantile};
use crate::server::{Person, Server, binary, sign_in, sign_up};
use crate::table::{Row, Section, thousands};

const PEOPLE: usize = 100;
const STREAMS_EACH: usize = 5;
/// The model says one word this often.
const PACE: Duration = Duration::from_millis(200);
const SETTLE: Duration = Duration::from_secs(5);
const COUNTED: Duration = Duration::from_secs(10);
const ADMIN_PASSWORD: &str = "a quiet green kettle sings";

/// A model whose every word is the time at which it was said.
async fn model(began: Instant) -> Result<std::net::SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let answer = move || async move { words(began).into_response() };
    let router = Router::new().route("/v1/chat/completions", post(answer));
    tokio::spawn(async move {
        // ends with the benchmark
        drop(axum::serve(listener, router).await);
    });
    Ok(address)
}

fn words(began: Instant) -> impl IntoResponse {
    let number = 2 * ((SETTLE + COUNTED).as_millis() / PACE.as_millis()) as usize;
    Sse::new(stream(number, began))
}

fn stream(
    number: usize,
    began: Instant,
) -> impl futures::Stream<Item = Result<Event, Infallible>> + Send + 'static {
    futures::stream::unfold(0, move |n| async move {
        if n > number {
            return None;
        }
        tokio::time::sleep(PACE).await;
        let data = if n == number {
            "[DONE]".to_owned()
        } else {
            let finish = (n + 1 == number).then_some("stop");
            let word = format!("t={}; ", began.elapsed().as_micros());
            json!({ "choices": [{ "index": 0, "delta": { "content": word }, "finish_reason": finish }] })
                .to_string()
        };
        Some((Ok(Event::default().data(data)), n + 1))
    })
}

fn make_admin(data: &Path) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut child = Command::new(binary()?)
        .args(["users", "create", "--email", "admin@example.com", "--name", "admin", "--role", "admin"])
        .args(["--password-stdin", "--data-dir"])
        .arg(data)
        .env_remove("MANDATE_BINARY")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(stdin) = child.stdin.as_mut() {
        stdin.write_all(ADMIN_PASSWORD.as_bytes())?;
    }
    if child.wait()?.success() { Ok(()) } else { Err("the admin was not made".into()) }
}

async fn make_agent(server: &Server, model: std::net::SocketAddr) -> Result<String, Failure> {
    let admin = sign_in(server, "admin@example.com", ADMIN_PASSWORD).await?;
    let body = json!({
        "name": "Slow", "provider": "openai", "model": "slow", "base_url": format!("http://{model}/v1"),
        "api_key": "none", "capabilities": ["chat"], "allow": ["*"],
    });
    let request = reqwest::Client::new().post(server.url("/v1/admin/agents")).bearer_auth(&admin.access);
    let response = request.json(&body).send().await?;
    let (status, text) = (response.status(), response.text().await?);
    let answer: Value = serde_json::from_str(&text)?;
    let id = answer["agent_id"].as_str();
    id.map(str::to_owned).ok_or_else(|| format!("the agent was not made: {status}: {text}").into())
}

/// What all readers see together.
struct Seen {
    began: Instant,
    words: AtomicU64,
    streams: AtomicU64,
}

/// Opens a stream and reads to its end or to `until`; returns how old each word was.
async fn read(
    (server, agent): (std::net::SocketAddr, String),
    person: Arc<Person>,
    seen: Arc<Seen>,
    (from, until): (Instant, Instant),
) -> Result<Vec<Duration>, Failure> {
    let body = r#"{"text":"count"}"#;
    let mut stream = TcpStream::connect(server).await?;
    let request = format!(
        "POST /v1/agents/{agent}/chat HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        person.access,
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let (mut buffer, mut ages, mut checked) = (Vec::with_capacity(4_096), Vec::new(), false);
    loop {
        let read = tokio::time::timeout_at(until.into(), stream.read_buf(&mut buffer)).await;
        let Ok(read) = read else { return Ok(ages) };
        if read? == 0 {
            return Ok(ages);
        }
        let now = Instant::now();
        if !checked {
            checked = true;
            if !buffer.starts_with(b"HTTP/1.1 200") {
                return Err(format!("a chat was refused: {}", String::from_utf8_lossy(&buffer)).into());
            }
            seen.streams.fetch_add(1, Ordering::Relaxed);
        }
        let said = take_words(&mut buffer);
        seen.words.fetch_add(said.len() as u64, Ordering::Relaxed);
        if now >= from {
            let age = |at: &Duration| now.saturating_duration_since(seen.began + *at);
            ages.extend(said.iter().map(age));
        }
    }
}

/// The times in `t=123;` that are whole in the buffer, which keeps what follows the last.
fn take_words(buffer: &mut Vec<u8>) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut rest = 0;
    while let Some(begin) = find(&buffer[rest..], b"t=") {
        let begin = rest + begin + 2;
        let Some(length) = buffer[begin..].iter().position(|b| !b.is_ascii_digit()) else { break };
        let digits = std::str::from_utf8(&buffer[begin..begin + length]).unwrap_or_default();
        if buffer[begin + length] == b';' && length > 0 {
            times.push(Duration::from_micros(digits.parse().unwrap_or(0)));
        }
        rest = begin + length;
    }
    buffer.drain(..rest);
    times
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

pub async fn measure() -> Result<Section, Failure> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    make_admin(&data)?;
    let server = Server::start(&data, None, &[]).await?;
    let began = Instant::now();
    let agent = make_agent(&server, model(began).await?).await?;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(Arc::new(sign_up(&server, &format!("person{n}")).await?));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = server.resident();
    let seen = Arc::new(Seen { began, words: AtomicU64::new(0), streams: AtomicU64::new(0) });
    let from = Instant::now() + SETTLE;
    let until = from + COUNTED;
    let readers: Vec<_> = (0..PEOPLE * STREAMS_EACH)
        .map(|n| {
            let person = Arc::clone(&people[n % PEOPLE]);
            tokio::spawn(read((server.address, agent.clone()), person, seen.clone(), (from, until)))
        })
        .collect();
    tokio::time::sleep_until((from + COUNTED / 2).into()).await;
    let during = server.resident();
    let mut ages = Vec::new();
    for reader in readers {
        ages.extend(reader.await??);
    }
    server.stop();
    ages.sort();
    let streams = seen.streams.load(Ordering::Relaxed);
    let each = during.saturating_sub(before) as f64 / 1e3 / streams.max(1) as f64;
    Ok(Section {
        title: "Open chat streams",
        how: format!(
            "{} answers at once for {PEOPLE} people, from a model that says a word every {} ms, through the server \
             (which stores every event before it is shown, gathering words for at least 25 ms), to as many readers; \
             SQLite; counted for {} s. Memory is the server's growth, with both connections of each answer and its \
             run.",
            PEOPLE * STREAMS_EACH,
            PACE.as_millis(),
            COUNTED.as_secs()
        ),
        rows: vec![
            Row::new("streams open", thousands(streams as f64))
                .beside(format!("{} words/s read", thousands(ages.len() as f64 / COUNTED.as_secs_f64()))),
            Row::new("memory per stream", format!("{each:.0} KB")).target("≤ 25 KB"),
            Row::new("from the model's word to the reader, p50", millis(quantile(&ages, 0.5)))
                .beside(format!("p99 {}", millis(quantile(&ages, 0.99)))),
        ],
    })
}
