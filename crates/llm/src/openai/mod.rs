//! Any provider that speaks the OpenAI chat protocol: `POST {base}/chat/completions` with `stream: true`.
//!
//! Text, `reasoning_content`, tool calls, usage and finish reasons become typed events. A chunk that cannot be read
//! is an error, never a panic and never skipped.
//!
//! INVARIANT: no error carries the key, also if the provider repeats it ([`scrub`]).
//! INVARIANT: a stream that ends without a finish reason is an error ([`Error::Interrupted`]): a cut answer is
//! never taken for a whole one.

mod assemble;
mod prompt;
#[cfg(test)]
mod tests;
mod wire;

use std::time::Duration;

use async_stream::try_stream;
use eventsource_stream::{EventStreamError, Eventsource};
use futures::StreamExt;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};

use mandate_seal::Secret;

use crate::{Error, Event, Events, Model, Request};
use assemble::Assembly;

/// How long an error text of the provider may be before it is cut.
const WORDS: usize = 500;
/// How much of an error body is read.
const BODY: usize = 16 * 1024;

/// Where and how to ask.
#[derive(Clone)]
pub struct Config {
    /// Up to and with the version, as in `https://host/v1`; a slash at its end does not matter.
    pub base_url: String,
    pub model: String,
    /// None for local servers that want none.
    pub key: Option<Secret<String>>,
    /// Until the first byte of the answer.
    pub first_byte: Duration,
    /// Between two pieces of the answer.
    pub idle: Duration,
    /// Upper bound on the answer's tokens, where wanted.
    pub max_tokens: Option<u32>,
}

impl Config {
    pub fn new(base_url: impl Into<String>, model: impl Into<String>, key: Option<Secret<String>>) -> Self {
        Self {
            base_url: base_url.into(),
            model: model.into(),
            key,
            first_byte: Duration::from_mins(1),
            idle: Duration::from_mins(1),
            max_tokens: None,
        }
    }
}

/// `client` decides on connections, proxies and which addresses may be reached.
#[derive(Clone)]
pub struct OpenAi {
    client: reqwest::Client,
    config: Config,
}

impl OpenAi {
    pub fn new(client: reqwest::Client, config: Config) -> Self {
        Self { client, config }
    }
}

impl Model for OpenAi {
    fn stream(&self, request: Request) -> Events {
        let (client, config) = (self.client.clone(), self.config.clone());
        Box::pin(try_stream! {
            let response = ask(&client, &config, &request).await?;
            let mut frames = response.bytes_stream().eventsource();
            let mut assembly = Assembly::default();
            loop {
                let frame = tokio::time::timeout(config.idle, frames.next()).await.map_err(|_| Error::Timeout)?;
                let Some(frame) = frame else { break };
                let frame = frame.map_err(|error| unreadable(&error, &config))?;
                if frame.data.trim() == "[DONE]" {
                    break;
                }
                let events = assembly.take(&frame.data).map_err(|error| clean(error, &config))?;
                for event in events {
                    yield event;
                }
            }
            for event in assembly.finish()? {
                yield event;
            }
        })
    }
}

async fn ask(
    client: &reqwest::Client,
    config: &Config,
    request: &Request,
) -> Result<reqwest::Response, Error> {
    let url = format!("{}/chat/completions", config.base_url.trim_end_matches('/'));
    let mut call = client.post(url).json(&wire::Body::new(config, request));
    if let Some(key) = &config.key {
        call = call.bearer_auth(key.expose());
    }
    let response = tokio::time::timeout(config.first_byte, call.send())
        .await
        .map_err(|_| Error::Timeout)?
        .map_err(|error| unreachable(error, config))?;
    if !response.status().is_success() {
        return Err(refusal(response, config).await);
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/event-stream") {
        let words = format!("expected text/event-stream, got {}", cut(kind));
        return Err(Error::Malformed(words));
    }
    Ok(response)
}

async fn refusal(mut response: reqwest::Response, config: &Config) -> Error {
    let status = response.status().as_u16();
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Ok(Ok(Some(piece))) = tokio::time::timeout(config.idle, response.chunk()).await {
        body.extend_from_slice(&piece);
        if body.len() > BODY {
            break;
        }
    }
    let text = String::from_utf8_lossy(&body);
    let words = scrub(&wire::words_of(&text).unwrap_or_else(|| text.trim().to_owned()), config);
    match status {
        401 | 403 => Error::Unauthorized(words),
        429 => Error::RateLimited { words, retry_after: seconds.map(Duration::from_secs) },
        status => Error::Refused { status, words },
    }
}

fn unreachable(error: reqwest::Error, config: &Config) -> Error {
    if error.is_timeout() {
        return Error::Timeout;
    }
    // the URL may hold credentials that the operator put there
    Error::Unreachable(scrub(&error.without_url().to_string(), config))
}

fn unreadable(error: &EventStreamError<reqwest::Error>, config: &Config) -> Error {
    match error {
        EventStreamError::Transport(_) => Error::Interrupted,
        EventStreamError::Utf8(_) => Error::Malformed("not UTF-8".into()),
        EventStreamError::Parser(error) => Error::Malformed(scrub(&error.to_string(), config)),
    }
}

fn clean(error: Error, config: &Config) -> Error {
    match error {
        Error::Malformed(words) => Error::Malformed(scrub(&words, config)),
        Error::Provider(words) => Error::Provider(scrub(&words, config)),
        other => other,
    }
}

/// The provider's words without our key, and not endless.
fn scrub(words: &str, config: &Config) -> String {
    match &config.key {
        Some(key) if !key.expose().is_empty() => cut(&words.replace(key.expose().as_str(), "[key]")),
        _ => cut(words),
    }
}

fn cut(words: &str) -> String {
    match words.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}

fn event_text(text: Option<String>, make: fn(String) -> Event) -> Option<Event> {
    text.filter(|text| !text.is_empty()).map(make)
}
