//! Reads what the exchange answered, and decides what a missing or strange answer means for the order.

use std::time::Duration;

use mandate_seal::Secret;
use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::{Credentials, Error, Renewed};

const MOST_BYTES: usize = 64 * 1024;
const MOST_WORDS: usize = 500;

#[derive(Deserialize)]
struct Answer {
    success: bool,
    message: Option<Value>,
    transaction: Option<Value>,
}

/// A trade that the exchange says it made.
pub(super) struct Traded {
    pub id: Option<String>,
    pub price: Option<Decimal>,
    pub message: Option<String>,
}

/// The body of a 2xx answer; everything else is an error with the exchange's words.
pub(super) async fn read(
    sent: Result<Response, reqwest::Error>,
    credentials: &Credentials,
) -> Result<Vec<u8>, Error> {
    let mut response = match sent {
        Ok(response) => response,
        Err(error) if error.is_connect() || error.is_builder() => {
            return Err(Error::Unreachable { words: plain(&error) });
        }
        Err(error) => return Err(Error::Unknown { words: plain(&error) }),
    };
    let status = response.status();
    let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MOST_BYTES => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Ok(Some(_)) => return Err(Error::Unknown { words: "the answer is too large".to_owned() }),
            Err(error) => return Err(Error::Unknown { words: plain(&error) }),
        }
    }
    if status.is_success() {
        return Ok(body);
    }
    let said = serde_json::from_slice::<Answer>(&body).is_ok_and(|answer| !answer.success);
    let words = words(status, &body, credentials);
    Err(match status {
        StatusCode::UNAUTHORIZED => Error::NeedsLogin { words },
        StatusCode::TOO_MANY_REQUESTS => {
            Error::RateLimited { retry_after: wait.map(Duration::from_secs), words }
        }
        // a timeout of the exchange or of a gateway before it, or a redirect: it may have been executed
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT => Error::Unknown { words },
        _ if status.is_client_error() || said => Error::Refused { words },
        _ => Error::Unknown { words },
    })
}

/// `{success, message?, transaction?}`.
pub(super) fn traded(body: &[u8], credentials: &Credentials) -> Result<Traded, Error> {
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        return Err(Error::Unknown { words: words(StatusCode::OK, body, credentials) });
    };
    let message = answer.message.as_ref().and_then(text).map(|message| scrub(&message, credentials));
    if !answer.success {
        let words = message.unwrap_or_else(|| "the exchange gave no reason".to_owned());
        return Err(Error::Refused { words });
    }
    let (id, price) = match answer.transaction {
        Some(Value::String(id)) => (Some(id), None),
        Some(Value::Object(fields)) => {
            let id = ["id", "signature", "hash", "tx_hash", "txId"].iter().find_map(|name| fields.get(*name));
            (id.and_then(text), fields.get("price").and_then(decimal))
        }
        _ => (None, None),
    };
    Ok(Traded { id, price, message })
}

/// `{access_token, expires_at, refresh_token?}`; the time as RFC 3339 or Unix seconds or milliseconds.
pub(super) fn renewed(body: &[u8]) -> Result<Renewed, Error> {
    #[derive(Deserialize)]
    struct Answer {
        access_token: String,
        expires_at: Option<Value>,
        refresh_token: Option<String>,
    }
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| Error::Unknown { words: "the answer holds no access token".to_owned() })?;
    let expires_at = answer.expires_at.and_then(|value| match value {
        Value::Number(number) => {
            number.as_f64().map(|at| if at > 1e11 { at / 1000.0 } else { at }).map(|at| at as i64)
        }
        Value::String(text) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second),
        _ => None,
    });
    Ok(Renewed {
        access_token: Secret::new(answer.access_token),
        refresh_token: answer.refresh_token.map(Secret::new),
        expires_at,
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    let text = text(value)?;
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// The exchange's `message` or `error`, else the body's text.
fn words(status: StatusCode, body: &[u8], credentials: &Credentials) -> String {
    let json = serde_json::from_slice::<Value>(body).ok();
    let said = json
        .as_ref()
        .and_then(|json| ["message", "error", "detail"].iter().find_map(|name| json.get(*name)?.as_str()));
    let text = said.map_or_else(|| String::from_utf8_lossy(body).trim().to_owned(), str::to_owned);
    if text.is_empty() { format!("HTTP {status}") } else { scrub(&text, credentials) }
}

/// Bounds foreign words and takes out control characters and any credential the exchange echoed.
fn scrub(text: &str, credentials: &Credentials) -> String {
    let mut text = text.to_owned();
    for secret in credentials.values().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[removed]");
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_WORDS).collect()
}

/// A transport error without its URL, which may hold more than it should.
fn plain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection broke before the answer".to_owned()
    }
}
