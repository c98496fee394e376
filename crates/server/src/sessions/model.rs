//! A session, its settings and its errors.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::accounts;
use crate::kernel::{At, Problem, Secret, SessionId, UserId, db};
use crate::tokens;

/// `[sessions]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Seconds a session lasts after its last refresh when the person asked to stay signed in.
    pub persistent_seconds: u64,
    /// The same when they did not.
    pub short_seconds: u64,
    /// Seconds after which a session ends however often it is refreshed.
    pub absolute_seconds: u64,
    /// Seconds during which a retired refresh token still yields its successor without further conditions.
    pub grace_seconds: u64,
    /// Failed sign-ins per account and address in five minutes.
    pub login_failures: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            persistent_seconds: 30 * 86_400,
            short_seconds: 86_400,
            absolute_seconds: 90 * 86_400,
            grace_seconds: 10,
            login_failures: 7,
        }
    }
}

/// How a session's refresh token travels; fixed at login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    #[default]
    Cookie,
    Body,
}

impl Delivery {
    pub fn name(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }
}

/// A stored session.
#[derive(Clone, sqlx::FromRow)]
pub(super) struct Session {
    pub user_id: UserId,
    pub id: SessionId,
    pub delivery: String,
    pub persist: bool,
    pub device_name: Option<String>,
    pub address: String,
    pub user_agent: String,
    pub fingerprint: Vec<u8>,
    pub device: Option<Vec<u8>>,
    pub auth_time: At,
    pub amr: Json<Vec<String>>,
    pub created_at: At,
    pub last_seen_at: At,
    pub expires_at: At,
    pub ends_at: At,
    pub generation: i64,
    pub confirmed: i64,
    pub current_hash: Vec<u8>,
    pub previous_hash: Option<Vec<u8>>,
    pub rotated_at: At,
    pub successor: Option<Vec<u8>>,
    pub revoked_at: Option<At>,
}

impl Session {
    pub fn is_live(&self, now: At) -> bool {
        self.revoked_at.is_none() && now < self.expires_at && now < self.ends_at
    }
}

/// What a login or refresh gives.
pub(super) struct Granted {
    pub access_token: String,
    pub expires_in: u64,
    pub refresh_token: Secret<String>,
    pub session: Session,
    pub user: accounts::User,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a token that we made: it says nothing about any session.
    #[error("the refresh token is not valid")]
    InvalidRefresh,
    /// Too many races lost in a row. The token is as good as before.
    #[error("the session is being renewed by others at this moment")]
    Busy,
    #[error("the session has ended")]
    Ended,
    #[error("a retired refresh token was presented again")]
    Reuse,
    #[error("too many failed sign-ins")]
    Throttled { retry_after: u64 },
    #[error("no such session")]
    NotFound,
    #[error("the link or ticket is not valid")]
    NotOnce,
    #[error("the request does not come from this site")]
    CrossSite,
    #[error(transparent)]
    Account(#[from] accounts::Error),
    #[error(transparent)]
    Token(#[from] tokens::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl Error {
    /// The token that was presented is ours and will never work again; all else leaves the client its token.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Ended | Self::Reuse)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidRefresh => {
                Self::unauthorized("invalid_refresh_token", "the refresh token is not valid; sign in")
            }
            Error::Busy => Self::unavailable("this session is being renewed by others; repeat", 1),
            Error::Ended => Self::unauthorized("session_ended", "this session has ended; sign in again"),
            Error::Reuse => Self::unauthorized(
                "refresh_reuse",
                "this refresh token was used before; the session was ended for your safety, sign in again",
            ),
            Error::Throttled { retry_after } => Self::too_many(
                "too_many_attempts",
                "too many failed sign-ins; wait and try again",
                retry_after,
            ),
            Error::NotFound => Self::not_found("session"),
            Error::NotOnce => {
                Self::unauthorized("invalid_link", "this link or ticket was used, has expired or never was")
            }
            Error::CrossSite => Self::forbidden("cross_site", "this request must come from the site itself"),
            Error::Account(error) => error.into(),
            Error::Token(error) => error.into(),
            Error::Db(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Problem, db};

    #[test]
    fn what_passes_leaves_the_token_and_says_when_to_repeat() {
        for error in [Error::Busy, Error::Db(db::Error::Unavailable("away".into()))] {
            assert!(!error.is_final());
            let problem = Problem::from(error);
            assert_eq!(problem.status, 503);
            assert!(problem.headers.iter().any(|(name, _)| name == "retry-after"));
        }
        assert!(Error::Ended.is_final() && Error::Reuse.is_final());
        assert!(!Error::InvalidRefresh.is_final(), "it says nothing about a token of ours");
    }
}
