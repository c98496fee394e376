//! `/v1/market/*` and `/ws/quotes`

use axum::{
    extract::{
        FromRequestParts, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    response::{IntoResponse, Response},
    routing::any,
};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Market,
    feed::Source,
    model::{Quote, Symbol},
    service::Candles,
    socket::{self, MESSAGE_BYTES},
};
use crate::kernel::{Acting, Json, Origin, Problem, Query, Signed, caught};

impl Market {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(symbols))
            .routes(routes!(candles))
            .routes(routes!(quotes))
            .route("/ws/quotes", any(listen))
            .with_state(self)
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Symbols)]
struct Symbols {
    items: Vec<Symbol>,
    next_cursor: Option<String>,
    source: Source,
}

/// What can be asked for.
#[utoipa::path(get, path = "/v1/market/symbols", tag = "market",
    responses((status = 200, description = "Instruments of the feed", body = Symbols)))]
async fn symbols(State(market): State<Market>, _: Signed) -> Json<Symbols> {
    Json(Symbols { items: market.symbols(), next_cursor: None, source: market.source() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CandleQuery {
    symbol: String,
    /// `1m`, `5m`, `15m`, `1h`, `4h`, `1d` or `1w`
    timeframe: String,
    /// Unix seconds or RFC 3339, inclusive.
    #[param(value_type = Option<String>)]
    from: Option<Moment>,
    /// Unix seconds or RFC 3339, inclusive.
    #[param(value_type = Option<String>)]
    to: Option<Moment>,
}

/// Unix seconds, written as such or as RFC 3339.
#[derive(Debug, PartialEq, Eq)]
struct Moment(i64);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refuse =
            |_| serde::de::Error::custom(format!("{text:?} is neither Unix seconds nor an RFC 3339 time"));
        let parsed =
            text.parse().or_else(|_| text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second));
        parsed.map(Self).map_err(refuse)
    }
}

/// Candles, oldest first, the newest 5,000 of the range; never ahead of the market's clock. Prices are adjusted for
/// splits.
#[utoipa::path(get, path = "/v1/market/candles", tag = "market", params(CandleQuery),
    responses((status = 200, description = "Candles with their source", body = Candles),
              (status = 404, description = "`unknown_symbol`"),
              (status = 422, description = "`timeframe_not_available`")))]
async fn candles(
    State(market): State<Market>,
    _: Signed,
    Query(query): Query<CandleQuery>,
) -> Result<Json<Candles>, Problem> {
    let range = (query.from.map_or(i64::MIN, |at| at.0), query.to.map_or(i64::MAX, |at| at.0));
    // walking back through a long replay is some milliseconds of computing
    let made =
        tokio::task::spawn_blocking(move || market.candles(&query.symbol, &query.timeframe, range)).await;
    Ok(Json(made.map_err(|_| Problem::internal())??))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct QuoteQuery {
    /// Comma-separated; all when left out.
    symbols: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Quotes)]
struct Quotes {
    items: Vec<Quote>,
    next_cursor: Option<String>,
    source: Source,
}

/// The last prices. Symbols that are not traded are left out.
#[utoipa::path(get, path = "/v1/market/quotes", tag = "market", params(QuoteQuery),
    responses((status = 200, description = "Last prices with their source", body = Quotes)))]
async fn quotes(State(market): State<Market>, _: Signed, Query(query): Query<QuoteQuery>) -> Json<Quotes> {
    let wanted = |symbol: &str| {
        query.symbols.as_deref().is_none_or(|list| list.split(',').any(|name| name.trim() == symbol))
    };
    let symbols = market.symbols();
    let known = symbols.iter().map(|symbol| symbol.symbol).filter(|symbol| wanted(symbol));
    let items = known.filter_map(|symbol| market.quote(symbol)).collect();
    Json(Quotes { items, next_cursor: None, source: market.source() })
}

/// What a client of the socket shows of itself. Browsers cannot set headers: they send a ticket, or a protocol.
#[derive(Debug, Default, PartialEq, Eq)]
enum Credential {
    #[default]
    None,
    Ticket(String),
    Token(String),
}

#[derive(Deserialize)]
struct SocketQuery {
    ticket: Option<String>,
    token: Option<String>,
}

impl Credential {
    fn of(query: &SocketQuery, headers: &HeaderMap, token_in_query: bool) -> Self {
        if let Some(ticket) = &query.ticket {
            return Self::Ticket(ticket.clone());
        }
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        if let Some((scheme, token)) = text(header::AUTHORIZATION).and_then(|value| value.split_once(' '))
            && scheme.eq_ignore_ascii_case("bearer")
        {
            return Self::Token(token.trim().to_owned());
        }
        let mut protocols =
            text(header::SEC_WEBSOCKET_PROTOCOL).unwrap_or_default().split(',').map(str::trim);
        if protocols.next() == Some("bearer")
            && let Some(token) = protocols.next()
        {
            return Self::Token(token.to_owned());
        }
        match &query.token {
            Some(token) if token_in_query => Self::Token(token.clone()),
            _ => Self::None,
        }
    }

    async fn check(self, market: &Market, origin: &Origin) -> Result<Acting, Problem> {
        let sessions = &market.0.sessions;
        match self {
            Self::Ticket(ticket) => sessions.redeem_ticket(&ticket, origin).await,
            Self::Token(token) => sessions.authenticate(&token, origin).await,
            Self::None => Err(Problem::unauthorized("unauthorized", "no ticket and no token")),
        }
    }
}

/// The live prices. Always upgrades: who may not listen is told so by close code 1008.
async fn listen(State(market): State<Market>, origin: Origin, mut parts: Parts) -> Response {
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => {
            upgrade.protocols(["bearer"]).max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES)
        }
        Err(rejection) => return no_upgrade(&rejection).into_response(),
    };
    let query = axum::extract::Query::<SocketQuery>::try_from_uri(&parts.uri)
        .map_or(SocketQuery { ticket: None, token: None }, |query| query.0);
    let credential = Credential::of(&query, &parts.headers, market.0.config.token_in_query);
    match credential.check(&market, &origin).await {
        Ok(caller) => upgrade.on_upgrade(async move |socket| {
            let _ = caught("market.socket", socket::serve(socket, market, caller)).await;
        }),
        Err(problem) => upgrade.on_upgrade(move |socket| socket::refuse(socket, problem.detail)),
    }
}

fn no_upgrade(rejection: &WebSocketUpgradeRejection) -> Problem {
    Problem::new(
        StatusCode::UPGRADE_REQUIRED,
        "upgrade_required",
        format!("this is a websocket: {rejection}"),
    )
    .header(header::UPGRADE, HeaderValue::from_static("websocket"))
}
