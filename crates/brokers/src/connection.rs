//! What an adapter is given for one call: where, with which credential, as whom.

use std::{collections::BTreeMap, fmt};

use mandate_seal::Secret;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Error;

/// Whose token is presented. A setting of the connection: an adapter never falls back from one to the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// The user's own token.
    #[default]
    UserToken,
    /// One service account; the user is named in the payload.
    ServiceAccount,
}

/// Named secrets of one connection, zeroed on drop. Never printed: `Debug` shows the names alone.
#[derive(Clone, Default)]
pub struct Credentials(BTreeMap<String, Secret<String>>);

impl Credentials {
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Secret<String>>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub fn get(&self, name: &'static str) -> Result<&str, Error> {
        self.0.get(name).map(|value| value.expose().as_str()).ok_or(Error::Missing { field: name })
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|value| value.expose().as_str())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// One user's way to one broker.
///
/// `http` must not follow redirects (a followed redirect would send the order twice or the token elsewhere) and
/// must have a connect timeout below the adapter's own (else "never sent" cannot be told from "unknown").
#[derive(Clone, Debug)]
pub struct Connection {
    /// The API root; paths are appended to it.
    pub base: Url,
    pub http: reqwest::Client,
    pub credentials: Credentials,
    pub auth_mode: AuthMode,
    /// The user's id at the broker; named in the payload in [`AuthMode::ServiceAccount`].
    pub broker_user: Option<String>,
}

impl Connection {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }
}
