//! An OpenAI-compatible model provider: answers `POST /v1/chat/completions` with a stream, well or badly.
//!
//! How it behaves is chosen per request by the model's name (see [`Behaviour::of`]); what it answers is the next
//! queued reply, or else the person's last text.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// The key it accepts; any other is a 401.
pub const KEY: &str = "standin-key";

/// What it saw and what it will say; clones share it.
#[derive(Debug, Clone, Default)]
pub struct OpenAi {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    replies: VecDeque<String>,
    asked: Vec<Asked>,
    open: usize,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub bearer: Option<String>,
    pub body: Value,
}

/// A stand-in on a loopback port; ends when dropped.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    pub model: OpenAi,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    /// What a client is configured with.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl OpenAi {
    pub async fn spawn() -> std::io::Result<Running> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, model) = (listener.local_addr()?, Self::default());
        let router = model.router();
        let task = tokio::spawn(async move {
            // ends only with the task
            drop(axum::serve(listener, router).await);
        });
        Ok(Running { address, model, task })
    }

    /// Queues the text of a coming answer.
    pub fn reply(&self, text: impl Into<String>) {
        self.lock().replies.push_back(text.into());
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    /// How many answers are being streamed; falls when a client goes away.
    pub fn open(&self) -> usize {
        self.lock().open
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/v1/models", get(|| async { Json(json!({"object": "list", "data": [{"id": "echo"}]})) }))
            .with_state(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text_for(&self, asked: Asked) -> String {
        let last = asked.body["messages"]
            .as_array()
            .and_then(|all| all.last())
            .and_then(|last| last["content"].as_str());
        let last = last.unwrap_or_default().to_owned();
        let mut inner = self.lock();
        inner.asked.push(asked);
        inner.replies.pop_front().unwrap_or(last)
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behaviour {
    Well,
    /// The bytes are cut at odd places, also inside characters and line ends.
    Weird,
    /// The connection ends in the middle of the answer.
    Broken,
    /// The stream ends in good order, with no finish reason.
    Unfinished,
    /// A chunk is not JSON.
    Malformed,
    /// An error object inside the stream, which repeats the key.
    ErrorInside,
    Slow,
    Reasoning,
    Tools,
    Length,
    Unauthorized,
    RateLimited,
    Down,
    /// Never answers.
    Silent,
    NoStream,
}

impl Behaviour {
    /// By the name of the model; `echo` and any other name answer well.
    fn of(model: &str) -> Self {
        match model {
            "weird" => Self::Weird,
            "broken" => Self::Broken,
            "unfinished" => Self::Unfinished,
            "malformed" => Self::Malformed,
            "error-inside" => Self::ErrorInside,
            "slow" => Self::Slow,
            "reasoning" => Self::Reasoning,
            "tools" => Self::Tools,
            "length" => Self::Length,
            "unauthorized" => Self::Unauthorized,
            "rate-limited" => Self::RateLimited,
            "down" => Self::Down,
            "silent" => Self::Silent,
            "no-stream" => Self::NoStream,
            _ => Self::Well,
        }
    }
}

async fn complete(State(model): State<OpenAi>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let bearer =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let bearer = bearer.map(str::to_owned);
    let behaviour = Behaviour::of(body["model"].as_str().unwrap_or_default());
    let text = model.text_for(Asked { bearer: bearer.clone(), body });
    let refused =
        |status, words: String| (status, Json(json!({"error": {"message": words}}))).into_response();
    if bearer.as_deref() != Some(KEY) || behaviour == Behaviour::Unauthorized {
        // as real providers do, it repeats the key it was given
        let words = format!("Incorrect API key provided: {}", bearer.unwrap_or_default());
        return refused(StatusCode::UNAUTHORIZED, words);
    }
    match behaviour {
        Behaviour::RateLimited => {
            let refusal = refused(StatusCode::TOO_MANY_REQUESTS, "slow down".into());
            ([(header::RETRY_AFTER, "7")], refusal).into_response()
        }
        Behaviour::Down => refused(StatusCode::SERVICE_UNAVAILABLE, "overloaded".into()),
        Behaviour::Silent => std::future::pending().await,
        Behaviour::NoStream => Json(json!({"choices": [{"message": {"content": text}}]})).into_response(),
        _ => stream(model, behaviour, &text),
    }
}

fn stream(model: OpenAi, behaviour: Behaviour, text: &str) -> Response {
    let pieces = pieces(behaviour, text);
    let pause = if behaviour == Behaviour::Slow { Duration::from_millis(200) } else { Duration::ZERO };
    let body = async_stream::stream! {
        let _open = Open::new(model);
        for piece in pieces {
            // lets the client see each piece by itself
            tokio::task::yield_now().await;
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            yield Ok(piece);
        }
        if behaviour == Behaviour::Broken {
            yield Err(std::io::Error::other("broken on purpose"));
        }
    };
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(body)).into_response()
}

/// Counts an answer as open while it lives.
struct Open(OpenAi);

impl Open {
    fn new(model: OpenAi) -> Self {
        model.lock().open += 1;
        Self(model)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.lock().open -= 1;
    }
}

/// The whole answer as the bytes of each write.
fn pieces(behaviour: Behaviour, text: &str) -> Vec<Bytes> {
    let mut frames = vec![frame(&json!({"role": "assistant", "content": ""}), None)];
    if behaviour == Behaviour::Reasoning {
        frames.push(frame(&json!({"reasoning_content": "Let me "}), None));
        frames.push(frame(&json!({"reasoning_content": "think."}), None));
    }
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    let half = words.len() / 2;
    for (index, word) in words.iter().enumerate() {
        match behaviour {
            Behaviour::Broken if index == half => break,
            Behaviour::Malformed if index == half => frames.push("data: {not json\n\n".into()),
            Behaviour::ErrorInside if index == half => {
                frames.push(format!(
                    "data: {}\n\n",
                    json!({"error": {"message": format!("{KEY} ran out of credit")}})
                ));
            }
            _ => {}
        }
        frames.push(frame(&json!({"content": word}), None));
    }
    if behaviour == Behaviour::Tools {
        for piece in [
            json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": "quote", "arguments": "{\"sym"}}),
            json!({"index": 0, "function": {"arguments": "bol\":\"AAPL\"}"}}),
        ] {
            frames.push(frame(&json!({"tool_calls": [piece]}), None));
        }
    }
    if !matches!(behaviour, Behaviour::Broken | Behaviour::Unfinished) {
        let reason = match behaviour {
            Behaviour::Tools => "tool_calls",
            Behaviour::Length => "length",
            _ => "stop",
        };
        frames.push(frame(&json!({}), Some(reason)));
        frames.push(format!(
            "data: {}\n\n",
            json!({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": words.len()}})
        ));
        frames.push("data: [DONE]\n\n".into());
    }
    if behaviour == Behaviour::Weird {
        return weird(&frames.concat());
    }
    frames.into_iter().map(Bytes::from).collect()
}

fn frame(delta: &Value, finish: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-standin", "object": "chat.completion.chunk", "model": "standin",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    });
    format!("data: {chunk}\n\n")
}

/// The same stream with CRLF, comments, and cut after 1, 2, 3, 5, 8, 1, … bytes.
fn weird(frames: &str) -> Vec<Bytes> {
    let text = format!(": hello\r\n\r\n{}", frames.replace('\n', "\r\n")).replace("data: {", "data:{");
    let bytes = Bytes::from(text);
    let (mut pieces, mut at) = (Vec::new(), 0);
    for size in [1, 2, 3, 5, 8].into_iter().cycle() {
        if at >= bytes.len() {
            break;
        }
        let end = (at + size).min(bytes.len());
        pieces.push(bytes.slice(at..end));
        at = end;
    }
    pieces
}
