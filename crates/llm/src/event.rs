//! What a model says while it answers, piece by piece.

use serde::{Deserialize, Serialize};

/// A good stream is any number of pieces and exactly one `Stop`, after which only `Usage` may follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The next piece of the answer's text.
    Text(String),
    /// The next piece of what the model thinks aloud; not part of the answer.
    Reasoning(String),
    /// A whole tool call, assembled from its pieces.
    ToolCall(ToolCall),
    Usage(Usage),
    Stop(Stop),
}

/// `arguments` is the model's own text: JSON if it kept to the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    pub arguments: String,
}

/// Tokens, as the provider counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub input: u64,
    pub output: u64,
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It was done.
    Done,
    /// It reached the provider's or our length limit: the answer is cut.
    Length,
    /// It wants its tool calls run.
    ToolCalls,
    /// The provider's filter cut it.
    Filtered,
    /// A reason we do not know, as the provider wrote it.
    Other(String),
}
