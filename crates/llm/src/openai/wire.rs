//! The protocol's JSON: what we send, and the chunks that come back. Unknown fields are ignored.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Config, prompt};
use crate::{Request, Role};

#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Said>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Debug, Serialize)]
struct Said {
    role: &'static str,
    content: String,
}

impl<'a> Body<'a> {
    pub(super) fn new(config: &'a Config, request: &Request) -> Self {
        let system = Said { role: "system", content: prompt::system(request) };
        let spoken = request.messages.iter().map(|message| Said {
            role: match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            },
            content: message.content.clone(),
        });
        Self {
            model: &config.model,
            messages: std::iter::once(system).chain(spoken).collect(),
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            max_tokens: config.max_tokens,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    pub choices: Vec<Choice>,
    #[serde(default)]
    pub usage: Option<Tokens>,
    /// Some providers answer 200 and report the error here.
    #[serde(default)]
    pub error: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub delta: Option<Delta>,
    #[serde(default)]
    pub finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta {
    #[serde(default)]
    pub content: Option<String>,
    #[serde(default)]
    pub reasoning_content: Option<String>,
    /// The same under the name that some providers use, at some of them beside the first.
    #[serde(default)]
    pub reasoning: Option<Value>,
    #[serde(default)]
    pub tool_calls: Option<Vec<ToolPiece>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ToolPiece {
    #[serde(default)]
    pub index: usize,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub function: Option<FunctionPiece>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FunctionPiece {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub arguments: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Tokens {
    #[serde(default)]
    pub prompt_tokens: u64,
    #[serde(default)]
    pub completion_tokens: u64,
}

/// The words in an error body: `{"error":{"message"}}`, `{"error":"…"}` or `{"message"}`.
pub(super) fn words_of(body: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    words_in(value.get("error").unwrap_or(&value))
}

pub(super) fn words_in(error: &Value) -> Option<String> {
    error.as_str().or_else(|| error.get("message")?.as_str()).map(str::to_owned)
}
