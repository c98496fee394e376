//! The exchange's routes, and `/standin/*` by which a demonstration tells it what to do.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::{Behaviour, Exchange, Inner, SILENCE, Trade};

pub(super) fn routes(exchange: Exchange) -> Router {
    Router::new()
        .route("/{side}", post(order))
        .route("/auth/token", post(acquire))
        .route("/auth/refresh", post(refresh))
        .route("/standin/log", get(log))
        .route("/standin/behaviour", post(behave))
        .route("/standin/accounts", post(open))
        .with_state(exchange)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    token_mint_address: String,
    amount: Number,
    user_id: Option<String>,
}

async fn order(
    State(exchange): State<Exchange>,
    Path(side): Path<String>,
    headers: HeaderMap,
    Json(order): Json<Order>,
) -> Response {
    if side != "buy" && side != "sell" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let behaviour = exchange.lock().behaviour.clone();
    match &behaviour {
        Behaviour::Refuse { words } => {
            return Json(json!({ "success": false, "message": words })).into_response();
        }
        Behaviour::RateLimit => {
            return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "7")], "slow down").into_response();
        }
        _ => {}
    }
    let trade = match execute(&mut exchange.lock(), &side, &headers, order) {
        Ok(trade) => trade,
        Err((status, words)) => {
            return (status, Json(json!({ "success": false, "message": words }))).into_response();
        }
    };
    match behaviour {
        Behaviour::Slow { millis } => tokio::time::sleep(std::time::Duration::from_millis(millis)).await,
        Behaviour::SilentAfterExecuting => tokio::time::sleep(SILENCE).await,
        Behaviour::BadGatewayAfterExecuting => {
            return (StatusCode::BAD_GATEWAY, "<html>502 Bad Gateway</html>").into_response();
        }
        _ => {}
    }
    let transaction = json!({ "id": trade.id, "price": trade.price, "amount": trade.amount });
    Json(json!({ "success": true, "message": "executed", "transaction": transaction })).into_response()
}

/// One lock holds the whole trade: what was checked is what is moved.
fn execute(inner: &mut Inner, side: &str, headers: &HeaderMap, order: Order) -> Result<Trade, Refusal> {
    let (name, token) = bearer(inner, headers)?;
    let service = inner.accounts.get(&name).is_some_and(|account| account.service);
    let trader = match (&order.user_id, service) {
        (Some(user), true) => user.clone(),
        (None, false) => name.clone(),
        (Some(_), false) => return Err((StatusCode::FORBIDDEN, "only a service names a user".into())),
        (None, true) => return Err((StatusCode::BAD_REQUEST, "userId is missing".into())),
    };
    let mint = order.token_mint_address;
    let amount = decimal(&order.amount).filter(|amount| *amount > Decimal::ZERO);
    let amount = amount.ok_or((StatusCode::BAD_REQUEST, "amount must be positive".into()))?;
    let unknown = || (StatusCode::BAD_REQUEST, format!("unknown token {mint}"));
    let price = *inner.prices.get(&mint).ok_or_else(unknown)?;
    let missing = || (StatusCode::BAD_REQUEST, format!("unknown user {trader}"));
    let account = inner.accounts.get_mut(&trader).ok_or_else(missing)?;
    let held = account.tokens.entry(mint.clone()).or_default();
    if side == "buy" {
        if amount > account.cash {
            return Err((StatusCode::BAD_REQUEST, "insufficient balance".into()));
        }
        account.cash -= amount;
        *held += amount / price;
    } else {
        if amount > *held {
            return Err((StatusCode::BAD_REQUEST, "insufficient tokens".into()));
        }
        *held -= amount;
        account.cash += amount * price;
    }
    let id = format!("tx-{}", inner.log.len() + 1);
    let (side, for_user) = (side.to_owned(), order.user_id);
    let trade = Trade { id, account: name, token, for_user, side, mint, amount, price };
    inner.log.push(trade.clone());
    Ok(trade)
}

type Refusal = (StatusCode, String);

fn bearer(inner: &Inner, headers: &HeaderMap) -> Result<(String, String), Refusal> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    token
        .and_then(|token| inner.access.get(token).cloned())
        .ok_or((StatusCode::UNAUTHORIZED, "invalid token".into()))
}

fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// A new token of `name`, good until 2100.
fn issue(inner: &mut Inner, name: &str) -> Result<Value, Refusal> {
    let unknown = || (StatusCode::BAD_REQUEST, format!("unknown user {name}"));
    let account = inner.accounts.get_mut(name).ok_or_else(unknown)?;
    account.issued += 1;
    let number = account.issued;
    let (token, refresh) = (format!("nd-access-{name}-{number}"), format!("nd-refresh-{name}-{number}"));
    inner.access.insert(token.clone(), (name.to_owned(), format!("{name}#{number}")));
    inner.refresh.insert(refresh.clone(), name.to_owned());
    Ok(json!({ "access_token": token, "expires_at": "2100-01-01T00:00:00Z", "refresh_token": refresh }))
}

fn answer(result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err((status, words)) => (status, Json(json!({ "success": false, "message": words }))).into_response(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ForUser {
    user_id: String,
}

async fn acquire(
    State(exchange): State<Exchange>,
    headers: HeaderMap,
    Json(wanted): Json<ForUser>,
) -> Response {
    let mut inner = exchange.lock();
    let allowed = bearer(&inner, &headers).and_then(|(name, _)| {
        let service = inner.accounts.get(&name).is_some_and(|account| account.service);
        if service { Ok(()) } else { Err((StatusCode::FORBIDDEN, "not a service account".into())) }
    });
    answer(allowed.and_then(|()| issue(&mut inner, &wanted.user_id)))
}

#[derive(Deserialize)]
struct Refresh {
    refresh_token: String,
}

async fn refresh(State(exchange): State<Exchange>, Json(given): Json<Refresh>) -> Response {
    let mut inner = exchange.lock();
    let name = inner.refresh.remove(&given.refresh_token);
    let name = name.ok_or((StatusCode::UNAUTHORIZED, "invalid refresh token".to_owned()));
    answer(name.and_then(|name| issue(&mut inner, &name)))
}

async fn log(State(exchange): State<Exchange>) -> Json<Vec<Trade>> {
    Json(exchange.log())
}

async fn behave(State(exchange): State<Exchange>, Json(behaviour): Json<Behaviour>) -> StatusCode {
    exchange.behave(behaviour);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Open {
    name: String,
    token: String,
    cash: Decimal,
}

async fn open(State(exchange): State<Exchange>, Json(account): Json<Open>) -> StatusCode {
    exchange.open(&account.name, &account.token, account.cash);
    StatusCode::NO_CONTENT
}
