//! What can go wrong with stored secrets.

use crate::kernel::{Problem, db};

/// Why a secret is not given or not kept. No variant holds any part of one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such connection")]
    NotFound,
    /// The data key was destroyed on purpose.
    #[error("the credentials were destroyed")]
    Destroyed,
    /// Another request replaced or destroyed them since they were read.
    #[error("the credentials were changed at the same time")]
    Changed,
    #[error(transparent)]
    Seal(#[from] mandate_seal::Error),
    #[error("the sealed credentials are not an object of named secrets")]
    Shape,
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("connection"),
            Error::Destroyed => Self::conflict(
                "credentials_destroyed",
                "these credentials were destroyed; link the account again",
            ),
            Error::Changed => Self::conflict(
                "credentials_changed",
                "the credentials were changed at the same time; look and repeat",
            ),
            Error::Db(error) => error.into(),
            Error::Seal(_) | Error::Shape => {
                tracing::error!(%error, "vault");
                Self::internal()
            }
        }
    }
}
