//! What can go wrong between us and a broker, told apart by what it means for the order.

use std::time::Duration;

/// The broker's own words are kept, bounded and without credentials.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker said no: the order does not exist there.
    #[error("the broker refused: {words}")]
    Refused { words: String },
    /// The request left and no usable answer came: the order may have been executed.
    #[error("the outcome is unknown: {words}")]
    Unknown { words: String },
    /// The credential is dead; only the person can bring a new one.
    #[error("the broker asks the user to log in again: {words}")]
    NeedsLogin { words: String },
    /// Nothing was sent.
    #[error("the broker cannot be reached: {words}")]
    Unreachable { words: String },
    /// Nothing was executed; the broker asks to wait.
    #[error("the broker limits our rate: {words}")]
    RateLimited { retry_after: Option<Duration>, words: String },
    /// The broker has no such call, or the order asks for something it does not offer. Nothing was sent.
    #[error("the broker cannot do this: {words}")]
    Unsupported { words: String },
    /// The connection lacks a credential or a setting that the call needs. Nothing was sent.
    #[error("the connection has no {field}")]
    Missing { field: &'static str },
}
