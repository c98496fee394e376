//! The trait of a broker that lives outside, and the description of what it asks of a person.

use async_trait::async_trait;
use mandate_seal::Secret;
use serde::Serialize;

use crate::{Connection, Error, NewOrder, Report};

/// A broker reached over the network. `paper` is not one: it is a pure function of a state the caller keeps.
#[async_trait]
pub trait Broker: Send + Sync {
    fn descriptor(&self) -> &'static Descriptor;

    /// What `place` would send, without its credential: for dry runs and for the audit's fingerprint.
    fn preview(&self, connection: &Connection, order: &NewOrder) -> Result<Outgoing, Error>;

    /// Sends the order once. [`Error::Unknown`] means that it may have been executed.
    async fn place(&self, connection: &Connection, order: &NewOrder) -> Result<Report, Error>;

    /// Takes an open order back. Brokers that execute at once answer [`Error::Unsupported`].
    async fn cancel(&self, connection: &Connection, broker_order_id: &str) -> Result<Report, Error>;

    /// Looks an order up by our reference, to learn what became of one whose answer was lost.
    /// `Ok(None)`: the broker is sure that it never had it. [`Error::Unsupported`]: it cannot tell.
    async fn find(&self, connection: &Connection, reference: &str) -> Result<Option<Report>, Error>;

    /// Exchanges the refresh token for a new access token.
    async fn refresh(&self, connection: &Connection) -> Result<Renewed, Error>;
}

/// One request as it would leave, `Authorization` left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    pub method: &'static str,
    pub url: String,
    pub body: String,
}

/// New credentials after a refresh.
pub struct Renewed {
    pub access_token: Secret<String>,
    /// The rotated refresh token; `None` means that the old one stays valid.
    pub refresh_token: Option<Secret<String>>,
    /// Unix seconds.
    pub expires_at: Option<i64>,
}

/// How a broker's credentials live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialShape {
    /// Needs none.
    None,
    /// The person must log in again each day or week.
    HumanReturns,
    RefreshToken,
    StaticKey,
}

/// How a person connects an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    Form,
    Redirect,
    None,
}

/// One field of the form that links an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub secret: bool,
    pub required: bool,
    pub help: &'static str,
}

/// An entry of `GET /v1/brokers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Descriptor {
    pub broker: &'static str,
    pub name: &'static str,
    pub credential_shape: CredentialShape,
    pub fields: &'static [Field],
    pub login: Login,
}
