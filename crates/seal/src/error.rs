//! What sealing and opening can fail with.

use std::path::PathBuf;

/// Why something did not seal or open. No variant carries a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not a sealed text: {0}")]
    Malformed(&'static str),
    #[error("the sealed text needs key {0}, which is not in the key file")]
    UnknownKey(String),
    /// The tag did not match: another owner or row, another key, or a changed text.
    #[error("the sealed text does not open here: it was changed, or belongs to another row or key")]
    Refused,
    /// The wrapped data key was taken out of the text on purpose.
    #[error("the secret was destroyed")]
    Destroyed,
    #[error("encryption failed")]
    Encrypt,
    #[error("key file {path}: {reason}")]
    KeyFile { path: PathBuf, reason: String },
    /// A key service refused or could not be reached.
    #[error("key service: {0}")]
    Service(String),
}
