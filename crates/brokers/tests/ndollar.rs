//! The n-dollar adapter against the stand-in, over a real socket.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::time::Duration;

use mandate_brokers::{
    AuthMode, Broker, Connection, Credentials, Error, Kind, NewOrder, Side, State, ndollar::NDollar,
};
use mandate_standins::ndollar::{Behaviour, Exchange, Running};
use rust_decimal::{Decimal, dec};

fn connection(base: &str, token: &str) -> Connection {
    Connection {
        base: base.parse().unwrap(),
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(2))
            .build()
            .unwrap(),
        credentials: Credentials::default().with("access_token", token.to_owned()),
        auth_mode: AuthMode::UserToken,
        broker_user: None,
    }
}

fn order(side: Side, amount: Decimal) -> NewOrder {
    NewOrder {
        reference: "r1".into(),
        symbol: "MINT1".into(),
        side,
        quantity: amount,
        kind: Kind::Market { worst: None },
    }
}

async fn exchange() -> (Exchange, Running) {
    let exchange = Exchange::default();
    exchange.open("ann", "ann-token", dec!(100)).open("ben", "ben-token", dec!(100));
    exchange.open_service("desk", "desk-token").set_price("MINT1", dec!(2));
    let running = exchange.start().await.unwrap();
    (exchange, running)
}

fn ndollar() -> NDollar {
    NDollar { timeout: Duration::from_millis(400) }
}

#[tokio::test]
async fn each_user_trades_with_their_own_token() {
    let (exchange, running) = exchange().await;
    for (token, amount) in [("ann-token", dec!(10.25)), ("ben-token", dec!(3.1))] {
        let report =
            ndollar().place(&connection(&running.base, token), &order(Side::Buy, amount)).await.unwrap();
        assert_eq!((report.state, report.value), (State::Filled, Some(amount)));
    }
    let sold =
        ndollar().place(&connection(&running.base, "ann-token"), &order(Side::Sell, dec!(2))).await.unwrap();
    assert_eq!((sold.value, sold.broker_order_id.as_deref()), (Some(dec!(4)), Some("tx-3")));
    let log: Vec<_> = exchange.log().into_iter().map(|t| (t.account, t.token, t.side, t.amount)).collect();
    let row =
        |name: &str, side: &str, amount| (name.to_owned(), format!("{name}#1"), side.to_owned(), amount);
    assert_eq!(
        log,
        [row("ann", "buy", dec!(10.25)), row("ben", "buy", dec!(3.1)), row("ann", "sell", dec!(2))]
    );
}

#[tokio::test]
async fn a_service_account_names_the_user_and_is_never_a_fallback() {
    let (exchange, running) = exchange().await;
    let mut connection = connection(&running.base, "desk-token");
    let user_mode = ndollar().place(&connection, &order(Side::Buy, dec!(1))).await;
    assert!(matches!(user_mode, Err(Error::Refused { .. })));
    connection.auth_mode = AuthMode::ServiceAccount;
    let unnamed = ndollar().place(&connection, &order(Side::Buy, dec!(1))).await;
    assert!(matches!(unnamed, Err(Error::Missing { field: "user_id_broker" })));
    connection.broker_user = Some("ann".into());
    ndollar().place(&connection, &order(Side::Buy, dec!(1))).await.unwrap();
    let trade = &exchange.log()[0];
    assert_eq!((trade.account.as_str(), trade.for_user.as_deref()), ("desk", Some("ann")));
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_sent_once() {
    let (exchange, running) = exchange().await;
    let connection = connection(&running.base, "ann-token");
    for behaviour in [Behaviour::SilentAfterExecuting, Behaviour::BadGatewayAfterExecuting] {
        exchange.behave(behaviour);
        let error = ndollar().place(&connection, &order(Side::Buy, dec!(1))).await.unwrap_err();
        assert!(matches!(error, Error::Unknown { .. }), "{error}");
    }
    assert_eq!(exchange.log().len(), 2);
}

#[tokio::test]
async fn refusals_keep_the_exchanges_words_but_no_token() {
    let (exchange, running) = exchange().await;
    let ann = connection(&running.base, "ann-token");
    let buy = order(Side::Buy, dec!(1000));
    let error = ndollar().place(&ann, &buy).await.unwrap_err();
    assert_eq!(error.to_string(), "the broker refused: insufficient balance");
    exchange.behave(Behaviour::Refuse { words: "closed for ann-token\ntoday".into() });
    let error = ndollar().place(&ann, &buy).await.unwrap_err();
    assert_eq!(error.to_string(), "the broker refused: closed for [removed] today");
    exchange.behave(Behaviour::RateLimit);
    let error = ndollar().place(&ann, &buy).await.unwrap_err();
    let Error::RateLimited { retry_after: Some(wait), .. } = error else { panic!("{error}") };
    assert_eq!(wait.as_secs(), 7);
    exchange.behave(Behaviour::Honest);
    exchange.end_token("ann-token");
    assert!(matches!(ndollar().place(&ann, &buy).await, Err(Error::NeedsLogin { .. })));
    let base = running.base.clone();
    drop(running);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = ndollar().place(&connection(&base, "x"), &buy).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(exchange.log().is_empty());
    assert!(!format!("{ann:?}").contains("ann-token"));
}

#[tokio::test]
async fn limit_orders_and_bad_amounts_never_leave() {
    let ann = connection("http://127.0.0.1:9", "ann-token");
    let limit = NewOrder { kind: Kind::Limit { price: dec!(1) }, ..order(Side::Buy, dec!(1)) };
    for order in [limit, order(Side::Buy, dec!(0)), order(Side::Sell, dec!(-1))] {
        assert!(matches!(ndollar().place(&ann, &order).await, Err(Error::Unsupported { .. })));
    }
    let sent = ndollar().preview(&ann, &order(Side::Buy, dec!(0.10))).unwrap();
    assert_eq!(sent.body, r#"{"tokenMintAddress":"MINT1","amount":0.1}"#);
}

#[tokio::test]
async fn tokens_are_acquired_and_refreshed() {
    let (exchange, running) = exchange().await;
    exchange.allow_refresh("ben", "ben-refresh");
    let got = ndollar().acquire(&connection(&running.base, "desk-token"), "ann").await.unwrap();
    assert_eq!(
        (got.access_token.expose().as_str(), got.expires_at),
        ("nd-access-ann-2", Some(4_102_444_800))
    );
    let mut ben = connection(&running.base, "ben-token");
    ben.credentials = ben.credentials.with("refresh_token", "ben-refresh".to_owned());
    let renewed = ndollar().refresh(&ben).await.unwrap();
    assert_eq!(renewed.refresh_token.unwrap().expose(), "nd-refresh-ben-2");
    let again = ndollar().refresh(&ben).await;
    assert!(matches!(again, Err(Error::NeedsLogin { .. })), "a refresh token works once");
}
