//! Routes of brokers and trading accounts.

use axum::extract::State;
use http::StatusCode;
use mandate_brokers::{CredentialShape, Descriptor, Login};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{AccountView, PAPER};
use super::service::NewAccount;
use crate::kernel::{At, Fresh, Json, Num, Path, Person, Problem, Signed, TradingAccountId};
use crate::trading::Trading;
use crate::vault::Secrets;

pub fn routes() -> OpenApiRouter<Trading> {
    OpenApiRouter::new()
        .routes(routes!(brokers))
        .routes(routes!(list, open))
        .routes(routes!(close))
        .routes(routes!(replace_credentials))
}

/// A place where accounts can be linked, and what it asks for.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Broker)]
struct BrokerView {
    broker: &'static str,
    name: &'static str,
    /// `none`, `human_returns`, `refresh_token` or `static_key`.
    credential_shape: &'static str,
    fields: Vec<Field>,
    /// `form`, `redirect` or `none`.
    login: &'static str,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = BrokerField)]
struct Field {
    name: &'static str,
    label: &'static str,
    secret: bool,
    required: bool,
    help: &'static str,
}

impl From<&Descriptor> for BrokerView {
    fn from(broker: &Descriptor) -> Self {
        let field = |field: &mandate_brokers::Field| Field {
            name: field.name,
            label: field.label,
            secret: field.secret,
            required: field.required,
            help: field.help,
        };
        Self {
            broker: broker.broker,
            name: broker.name,
            credential_shape: match broker.credential_shape {
                CredentialShape::None => "none",
                CredentialShape::HumanReturns => "human_returns",
                CredentialShape::RefreshToken => "refresh_token",
                CredentialShape::StaticKey => "static_key",
            },
            fields: broker.fields.iter().map(field).collect(),
            login: match broker.login {
                Login::Form => "form",
                Login::Redirect => "redirect",
                Login::None => "none",
            },
        }
    }
}

/// Brokers that accounts can be linked at.
#[utoipa::path(get, path = "/v1/brokers", tag = "trading accounts",
    responses((status = 200, description = "Brokers and what they ask for", body = Vec<BrokerView>)))]
async fn brokers(State(trading): State<Trading>, _: Signed) -> Json<Vec<BrokerView>> {
    Json(trading.brokers().into_iter().map(BrokerView::from).collect())
}

/// One's own trading accounts, oldest first.
#[utoipa::path(get, path = "/v1/trading-accounts", tag = "trading accounts",
    responses((status = 200, description = "Trading accounts", body = Vec<AccountView>)))]
async fn list(
    State(trading): State<Trading>,
    Signed(caller): Signed,
) -> Result<Json<Vec<AccountView>>, Problem> {
    Ok(Json(trading.accounts(caller.user).await?))
}

/// A new account: the broker's name and what its form asks for beside these.
#[derive(Deserialize, utoipa::ToSchema)]
struct NewTradingAccount {
    broker: String,
    name: Option<String>,
    /// Of a paper account.
    currency: Option<String>,
    /// Of a paper account: what it begins with.
    cash: Option<Num>,
    /// IANA name: whose day its limits count; UTC by default.
    time_zone: Option<String>,
    /// When the access token ends.
    expires_at: Option<At>,
    #[serde(flatten)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    fields: Secrets,
}

/// Link an account. A paper account needs no credentials; all others need step-up.
#[utoipa::path(post, path = "/v1/trading-accounts", tag = "trading accounts", request_body = NewTradingAccount,
    responses((status = 201, description = "Linked", body = AccountView),
              (status = 422, description = "A field fails its rule")))]
async fn open(
    State(trading): State<Trading>,
    Person(caller): Person,
    fresh: Result<Fresh, Problem>,
    Json(body): Json<NewTradingAccount>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    if body.broker != PAPER {
        fresh?;
    }
    let new = NewAccount {
        broker: body.broker,
        name: body.name,
        currency: body.currency,
        cash: body.cash,
        time_zone: body.time_zone,
        expires_at: body.expires_at,
        fields: body.fields,
    };
    Ok((StatusCode::CREATED, Json(trading.open_account(&caller, new).await?)))
}

#[derive(Deserialize, utoipa::ToSchema)]
struct NewCredentials {
    expires_at: Option<At>,
    #[serde(flatten)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    fields: Secrets,
}

/// Replace the credentials; the account keeps its id and mandates.
#[utoipa::path(put, path = "/v1/trading-accounts/{id}/credentials", tag = "trading accounts",
    params(("id" = String, Path, description = "Account id")), request_body = NewCredentials,
    responses((status = 200, description = "Replaced", body = AccountView)))]
async fn replace_credentials(
    State(trading): State<Trading>,
    Fresh(caller): Fresh,
    Path(id): Path<TradingAccountId>,
    Json(body): Json<NewCredentials>,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(trading.replace_credentials(&caller, id, body.fields, body.expires_at).await?))
}

/// Unlink an account: its credentials are destroyed, its history stays.
#[utoipa::path(delete, path = "/v1/trading-accounts/{id}", tag = "trading accounts",
    params(("id" = String, Path, description = "Account id")),
    responses((status = 204, description = "Unlinked")))]
async fn close(
    State(trading): State<Trading>,
    Fresh(caller): Fresh,
    Path(id): Path<TradingAccountId>,
) -> Result<StatusCode, Problem> {
    trading.close_account(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
