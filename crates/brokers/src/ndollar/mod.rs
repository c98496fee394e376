//! n-dollar, version 1: `POST {base}/buy|/sell {tokenMintAddress, amount}` with a Bearer token.
//!
//! The amount of a buy is the money paid, the amount of a sell is the tokens given (version 2 calls them
//! `payment_amount` and `token_amount`); there is no quote to ask for and no order to look up or take back.
//!
//! INVARIANT: one call sends one request; a timeout, a cut connection, a gateway's error or an answer that is not
//! the exchange's own is `Unknown` (`answer::read`), never a second request.
//! INVARIANT: the token presented is the one that `auth_mode` names; there is no other to fall back to.

mod answer;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_TYPE;
use rust_decimal::Decimal;
use serde_json::json;

use crate::{
    AuthMode, Broker, Connection, CredentialShape, Descriptor, Error, Field, Kind, Login, NewOrder, Outgoing,
    Renewed, Report, Side, State,
};

/// How long the exchange has to answer.
pub const TIMEOUT: Duration = Duration::from_secs(15);

pub static DESCRIPTOR: Descriptor = Descriptor {
    broker: "ndollar",
    name: "n-dollar",
    credential_shape: CredentialShape::RefreshToken,
    fields: &[
        Field {
            name: "access_token",
            label: "Access token",
            secret: true,
            required: true,
            help: "Your own token at the exchange; every trade of yours is sent with it",
        },
        Field {
            name: "refresh_token",
            label: "Refresh token",
            secret: true,
            required: false,
            help: "Renews the access token before it expires",
        },
        Field {
            name: "user_id_broker",
            label: "User id at the exchange",
            secret: false,
            required: false,
            help: "Required when the token is a service account's",
        },
        Field {
            name: "auth_mode",
            label: "Whose token it is",
            secret: false,
            required: false,
            help: "user_token (your own, the default) or service_account",
        },
    ],
    login: Login::Form,
};

/// The adapter; it holds nothing but how long it waits.
#[derive(Clone, Copy, Debug)]
pub struct NDollar {
    pub timeout: Duration,
}

impl Default for NDollar {
    fn default() -> Self {
        Self { timeout: TIMEOUT }
    }
}

impl NDollar {
    /// Asks for a user's token with a service account's (`POST {base}/auth/token`).
    pub async fn acquire(&self, connection: &Connection, user: &str) -> Result<Renewed, Error> {
        let body = json!({ "userId": user }).to_string();
        let answer = self.post(connection, connection.url("/auth/token"), body, true).await?;
        answer::renewed(&answer)
    }

    async fn post(
        &self,
        connection: &Connection,
        url: String,
        body: String,
        signed: bool,
    ) -> Result<Vec<u8>, Error> {
        let mut request = connection.http.post(url).header(CONTENT_TYPE, "application/json").body(body);
        if signed {
            request = request.bearer_auth(connection.credentials.get("access_token")?);
        }
        answer::read(request.timeout(self.timeout).send().await, &connection.credentials).await
    }
}

#[async_trait]
impl Broker for NDollar {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn preview(&self, connection: &Connection, order: &NewOrder) -> Result<Outgoing, Error> {
        if let Kind::Limit { .. } = order.kind {
            return Err(Error::Unsupported { words: "n-dollar has market orders only".to_owned() });
        }
        if order.quantity <= Decimal::ZERO {
            return Err(Error::Unsupported { words: "the amount must be positive".to_owned() });
        }
        let path = match order.side {
            Side::Buy => "/buy",
            Side::Sell => "/sell",
        };
        // the amount is written digit by digit: a JSON number that never was a float
        let mut body = format!(
            r#"{{"tokenMintAddress":{},"amount":{}"#,
            json!(order.symbol),
            order.quantity.normalize()
        );
        if connection.auth_mode == AuthMode::ServiceAccount {
            let user = connection.broker_user.as_deref().ok_or(Error::Missing { field: "user_id_broker" })?;
            body.push_str(r#","userId":"#);
            body.push_str(&json!(user).to_string());
        }
        body.push('}');
        Ok(Outgoing { method: "POST", url: connection.url(path), body })
    }

    async fn place(&self, connection: &Connection, order: &NewOrder) -> Result<Report, Error> {
        let Outgoing { url, body, .. } = self.preview(connection, order)?;
        let done = answer::traded(&self.post(connection, url, body, true).await?, &connection.credentials)?;
        Ok(Report {
            broker_order_id: done.id,
            state: State::Filled,
            quantity: order.quantity,
            filled: order.quantity,
            value: match order.side {
                Side::Buy => Some(order.quantity),
                Side::Sell => done.price.and_then(|price| price.checked_mul(order.quantity)),
            },
            average_price: done.price,
            fee: Decimal::ZERO,
            message: done.message,
        })
    }

    async fn cancel(&self, _: &Connection, _: &str) -> Result<Report, Error> {
        Err(Error::Unsupported { words: "n-dollar executes at once: there is nothing to cancel".to_owned() })
    }

    async fn find(&self, _: &Connection, _: &str) -> Result<Option<Report>, Error> {
        Err(Error::Unsupported { words: "n-dollar v1 cannot be asked about a past order".to_owned() })
    }

    async fn refresh(&self, connection: &Connection) -> Result<Renewed, Error> {
        let body = json!({ "refresh_token": connection.credentials.get("refresh_token")? }).to_string();
        answer::renewed(&self.post(connection, connection.url("/auth/refresh"), body, false).await?)
    }
}
