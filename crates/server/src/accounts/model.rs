//! A person's account and the rules for its fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::password;
use crate::kernel::{At, Problem, UserId, db};

/// `[accounts]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether strangers may register.
    pub registration: bool,
    /// How many password hashes may run and wait at once; 0 for four per core.
    pub hash_queue: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { registration: true, hash_queue: 0 }
    }
}

/// A stored account.
#[derive(Clone, sqlx::FromRow)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub phone: Option<String>,
    pub roles: Json<Vec<String>>,
    pub tenant: String,
    pub tier: String,
    pub external_ids: Json<BTreeMap<String, String>>,
    pub password_hash: Option<String>,
    pub disabled_at: Option<At>,
    pub created_at: At,
}

impl User {
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }
    /// A second factor is enrolled. None can be yet.
    pub fn mfa_enrolled(&self) -> bool {
        false
    }
}

/// What `GET /v1/users/me` answers.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = User)]
pub struct Profile {
    pub user_id: UserId,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub phone: Option<String>,
    pub roles: Vec<String>,
    pub mfa_enabled: bool,
    /// False for somebody who came by a login link and has set none yet.
    pub password_set: bool,
    pub tenant: String,
    pub tier: String,
    pub external_ids: BTreeMap<String, String>,
    pub created_at: At,
}

impl From<&User> for Profile {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.id,
            email: user.email.clone(),
            email_verified: user.email_verified,
            name: user.name.clone(),
            phone: user.phone.clone(),
            roles: user.roles.0.clone(),
            mfa_enabled: user.mfa_enrolled(),
            password_set: user.password_hash.is_some(),
            tenant: user.tenant.clone(),
            tier: user.tier.clone(),
            external_ids: user.external_ids.0.clone(),
            created_at: user.created_at,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{field}: {message}")]
    Invalid { field: &'static str, message: String },
    #[error("an account with this e-mail exists")]
    Exists,
    #[error("e-mail or password is wrong")]
    WrongPassword,
    #[error("this account is disabled")]
    Disabled,
    #[error("registration is closed")]
    Closed,
    #[error("no such user")]
    NotFound,
    #[error("too many password checks at once")]
    Busy,
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { field, message } => Self::invalid(field, message),
            Error::Exists => Self::conflict("exists", "an account with this e-mail exists"),
            // a disabled account answers like a wrong password: strangers learn nothing
            Error::WrongPassword | Error::Disabled => {
                Self::unauthorized("wrong_credentials", "e-mail or password is wrong")
            }
            Error::Closed => {
                Self::forbidden("registration_closed", "registration is closed; ask an admin for an account")
            }
            Error::NotFound => Self::not_found("user"),
            Error::Busy => Self::unavailable("too many sign-ins at once; try again in a moment", 1),
            Error::Db(error) => error.into(),
        }
    }
}

/// Lower case, no outer white space: the form in which addresses are compared.
pub(super) fn normalize_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Enough to catch typing errors; only a mail that arrives proves an address.
pub(super) fn check_email(email: &str) -> Result<(), Error> {
    let email = email.trim();
    let fine = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.len() >= 3
                && domain.contains('.')
                && !domain.contains('@')
                && domain.split('.').all(|label| !label.is_empty())
        });
    if fine {
        return Ok(());
    }
    Err(Error::Invalid { field: "email", message: "this is not an e-mail address".into() })
}

pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let length = name.trim().chars().count();
    if (1..=100).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::Invalid { field: "name", message: "1 to 100 characters".into() })
}

pub(super) fn check_password(password: &str, email: &str, name: &str) -> Result<(), Error> {
    password::check(password, &[email, name]).map_err(|message| Error::Invalid { field: "password", message })
}
