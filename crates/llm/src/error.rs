//! Why a model did not answer, or stopped in the middle. Carries the provider's own words, never its key.

use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The provider did not accept our key (401 or 403).
    #[error("the model provider refused the key: {0}")]
    Unauthorized(String),
    /// 429; `retry_after` where the provider named one.
    #[error("the model provider is over its rate limit: {words}")]
    RateLimited { words: String, retry_after: Option<Duration> },
    /// Any other refusal, with its HTTP status and the provider's words.
    #[error("the model provider answered {status}: {words}")]
    Refused { status: u16, words: String },
    #[error("the model provider did not answer in time")]
    Timeout,
    #[error("the model provider cannot be reached: {0}")]
    Unreachable(String),
    /// A chunk that is not what the protocol says.
    #[error("the model provider sent something unreadable: {0}")]
    Malformed(String),
    /// The stream ended before the model said that it was done.
    #[error("the model's answer broke off")]
    Interrupted,
    /// The provider reported an error inside the stream.
    #[error("the model provider reported an error: {0}")]
    Provider(String),
}
