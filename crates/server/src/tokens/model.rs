//! What a token says, and the settings of the native audience.

use serde::{Deserialize, Serialize};

use crate::kernel::{At, Problem, SessionId, UserId, db};

/// `[tokens]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `iss` of our access tokens.
    pub issuer: String,
    /// `aud` of our access tokens.
    pub audience: String,
    /// Lifetime of an access token in seconds.
    pub access_ttl_seconds: u64,
    /// `RS256`, `ES256` or `EdDSA`. RS256 is what most verifiers know; EdDSA signs some 35 times faster.
    pub algorithm: Algorithm,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub enum Algorithm {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// Its name in JOSE (RFC 7518, RFC 8037).
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            issuer: "user_service".into(),
            audience: "trading_platform".into(),
            access_ttl_seconds: 900,
            algorithm: Algorithm::Rs256,
        }
    }
}

/// For whom an access token is minted.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    pub user: UserId,
    pub email: &'a str,
    pub name: &'a str,
    pub roles: &'a [String],
    pub tenant: &'a str,
    pub session: SessionId,
    /// The refresh generation this token belongs to: its first use confirms that generation.
    pub generation: i64,
    pub amr: &'a [String],
    pub auth_time: At,
}

/// A fresh access token.
pub struct Minted {
    pub token: String,
    /// Seconds until it ends.
    pub expires_in: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the token is not valid: {0}")]
    Invalid(mandate_token::Error),
    #[error("a signing key cannot be used: {0}")]
    Key(String),
    #[error(transparent)]
    Seal(#[from] mandate_seal::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(mandate_token::Error::Expired) => {
                Self::unauthorized("token_expired", "the access token has ended; refresh it")
            }
            Error::Invalid(_) => Self::unauthorized("invalid_token", "the access token is not valid here"),
            Error::Db(error) => error.into(),
            Error::Key(_) | Error::Seal(_) => {
                tracing::error!(%error, "signing key");
                Self::internal()
            }
        }
    }
}
