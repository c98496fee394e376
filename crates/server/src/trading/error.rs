//! What trading refuses before a decision is recorded.

use crate::kernel::{Problem, db};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such {0}")]
    NotFound(&'static str),
    #[error("{field}: {message}")]
    Invalid { field: &'static str, message: String },
    /// The same key was used with another body.
    #[error("decision_id {0:?} was used before with another body; a new decision needs a new id")]
    OtherBody(String),
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    Conflict(String),
    /// The kill switch is on and freezes also what reduces risk.
    #[error("everything is frozen by the kill switch")]
    Frozen,
    #[error(transparent)]
    Vault(#[from] crate::vault::Error),
    #[error(transparent)]
    Mandates(#[from] crate::mandates::Error),
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl Error {
    pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(what) => Self::not_found(what),
            Error::Invalid { field, message } => Self::invalid(field, message),
            Error::OtherBody(_) => Self::unprocessable("decision_id_reused", detail),
            Error::Forbidden(_) => Self::forbidden("forbidden", detail),
            Error::Conflict(_) => Self::conflict("conflict", detail),
            Error::Frozen => Self::conflict("kill_switch", detail),
            Error::Vault(error) => error.into(),
            Error::Mandates(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
