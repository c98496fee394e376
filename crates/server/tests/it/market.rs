//! The replayed market over HTTP and websocket.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::harness::{Person, TestApp, eventually};

/// A market that stands still at its first tick.
async fn still() -> TestApp {
    TestApp::with(|config| config.market.speed = 0).await
}

#[tokio::test]
async fn the_first_prices_are_those_of_3_january_2012() {
    let app = still().await;
    let ann = app.person("ann").await;
    let quotes = ann.get("/v1/market/quotes").await.expect(200);
    assert_eq!(quotes["source"]["label"], "Replayed history, 3 January 2012 09:30 New York");
    let last: Vec<(&str, &str)> = quotes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|quote| (quote["symbol"].as_str().unwrap(), quote["last"].as_str().unwrap()))
        .collect();
    assert_eq!(last, [("AAPL", "409.4"), ("GOOG", "652.94"), ("IBM", "186.73"), ("MSFT", "26.55")]);
    let one = ann.get("/v1/market/quotes?symbols=IBM,NOPE").await.expect(200);
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    let symbols = ann.get("/v1/market/symbols").await.expect(200);
    let listed = |symbol: &str| {
        symbols["items"].as_array().unwrap().iter().find(|item| item["symbol"] == symbol).unwrap()["listed"]
            .clone()
    };
    assert_eq!((listed("AAPL"), listed("FB")), (json!(true), json!(false)));
    app.stranger().get("/v1/market/quotes").await.refused(401, "unauthorized");
    app.stop().await;
}

#[tokio::test]
async fn candles_end_at_the_quote_and_name_their_source() {
    let app = still().await;
    let ann = app.person("ann").await;
    let days = ann.get("/v1/market/candles?symbol=AAPL&timeframe=1d&from=1325203200").await.expect(200);
    let candles = days["candles"].as_array().unwrap();
    assert_eq!(candles[0], json!([1_325_203_200, 403.51, 406.28, 403.49, 405.0, 6_416_500.0]));
    assert_eq!(candles[1][4], 409.4, "the running day closes at the quote");
    assert_eq!(candles.len(), 2, "and nothing lies ahead");
    assert_eq!(days["source"]["kind"], "replay");
    let spoken =
        ann.get("/v1/market/candles?symbol=AAPL&timeframe=1d&from=2011-12-30T00:00:00Z").await.expect(200);
    assert_eq!(spoken["candles"], days["candles"]);
    for (path, status, code) in [
        ("symbol=TSLA&timeframe=1d", 404, "unknown_symbol"),
        ("symbol=AAPL&timeframe=3d", 422, "timeframe_not_available"),
        ("symbol=FB&timeframe=1d", 422, "timeframe_not_available"),
        ("symbol=AAPL", 400, "bad_query"),
        ("symbol=AAPL&timeframe=1d&from=yesterday", 400, "bad_query"),
    ] {
        ann.get(&format!("/v1/market/candles?{path}")).await.refused(status, code);
    }
    app.stop().await;
}

/// The market's time, Unix seconds.
async fn market_time(person: &Person) -> i64 {
    person.get("/v1/market/quotes").await.expect(200)["source"]["market_time"].as_i64().unwrap()
}

#[tokio::test]
async fn the_clock_is_kept_over_a_restart_and_stands_still_in_between() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    stored(&app).await;
    app.clock.advance(Duration::from_mins(5));
    let before = market_time(&ann).await;
    assert!(before >= 1_325_601_000 + 300 * 60, "five hours into the first day");
    let app = app.restart().await;
    // nobody was there for three hours: had the clock run on, it would be weeks ahead
    app.clock.advance(Duration::from_secs(1));
    let after = market_time(&ann.at(&app.url).sign_in().await).await;
    assert!((before..before + 60 * 60).contains(&after), "{before} and {after}");
    app.stop().await;
}

/// Waits until the running server has stored its clock.
async fn stored(app: &TestApp) {
    eventually("the clock's row", || async {
        let mut conn = app.app.kernel.db.read().await.unwrap();
        mandate::fetch_optional!(conn, (i64,), "SELECT at FROM replay_clock").unwrap()
    })
    .await;
}

#[tokio::test]
async fn two_nodes_show_one_clock() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    stored(&app).await;
    app.clock.advance(Duration::from_secs(20));
    let other = app.second_node().await;
    let (here, there) = (market_time(&ann).await, market_time(&ann.at(&other.url)).await);
    // one market minute a second: the two were asked less than two seconds apart
    assert!((here..here + 120).contains(&there), "{here} and {there}");
    assert!(here >= 1_325_601_000 + 20 * 60);
    app.stop().await;
    other.stop().await;
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens `/ws/quotes` with a query and headers.
async fn open(app: &TestApp, query: &str, headers: &[(&'static str, &str)]) -> Socket {
    let url = format!("{}/ws/quotes{query}", app.url.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
    }
    connect_async(request).await.unwrap().0
}

async fn signed(app: &TestApp, person: &Person) -> Socket {
    open(app, "", &[("authorization", &format!("Bearer {}", person.token.as_ref().unwrap()))]).await
}

async fn next(socket: &mut Socket) -> Message {
    tokio::time::timeout(Duration::from_secs(10), socket.next())
        .await
        .expect("a message in time")
        .unwrap()
        .unwrap()
}

/// The next message with this `op`.
async fn hear(socket: &mut Socket, op: &str) -> Value {
    for _ in 0..1_000 {
        if let Message::Text(text) = next(socket).await {
            let value: Value = serde_json::from_str(&text).unwrap();
            if value["op"] == op {
                return value;
            }
        }
    }
    panic!("no {op}");
}

async fn closed(socket: &mut Socket) -> (u16, String) {
    for _ in 0..1_000 {
        if let Message::Close(frame) = next(socket).await {
            let frame = frame.unwrap();
            return (frame.code.into(), frame.reason.to_string());
        }
    }
    panic!("not closed");
}

async fn say(socket: &mut Socket, value: Value) {
    socket.send(Message::Text(value.to_string().into())).await.unwrap();
}

#[tokio::test]
async fn whoever_may_not_listen_is_closed_with_1008_and_a_reason() {
    let app = still().await;
    let ann = app.person("ann").await;
    let token = ann.token.clone().unwrap();
    let mut bare = open(&app, "", &[]).await;
    assert_eq!(closed(&mut bare).await, (1008, "no ticket and no token".into()));
    for (query, headers) in [
        ("?ticket=tkt_nonsense", vec![]),
        ("", vec![("authorization", "Bearer junk")]),
        ("", vec![("sec-websocket-protocol", "bearer, junk")]),
        // raw tokens in addresses are for compatible clients only
        (&*format!("?token={token}"), vec![]),
    ] {
        let mut socket = open(&app, query, &headers).await;
        let (code, reason) = closed(&mut socket).await;
        assert!(code == 1008 && !reason.is_empty(), "{query} {headers:?}: {code} {reason}");
    }
    let plain = ann.get("/ws/quotes").await;
    plain.refused(426, "upgrade_required");
    app.stop().await;
}

#[tokio::test]
async fn a_ticket_opens_once_and_a_token_in_the_query_by_setting() {
    let app = TestApp::with(|config| {
        config.market.speed = 0;
        config.market.token_in_query = true;
    })
    .await;
    let ann = app.person("ann").await;
    let ticket =
        ann.post("/v1/auth/ticket", json!({})).await.expect(200)["ticket"].as_str().unwrap().to_owned();
    let mut first = open(&app, &format!("?ticket={ticket}"), &[]).await;
    assert_eq!(hear(&mut first, "ready").await["source"]["kind"], "replay");
    let mut second = open(&app, &format!("?ticket={ticket}"), &[]).await;
    assert_eq!(closed(&mut second).await.0, 1008);
    let token = ann.token.clone().unwrap();
    for (query, protocol) in
        [(format!("?token={token}"), None), (String::new(), Some(format!("bearer, {token}")))]
    {
        let headers: Vec<_> =
            protocol.iter().map(|value| ("sec-websocket-protocol", value.as_str())).collect();
        hear(&mut open(&app, &query, &headers).await, "ready").await;
    }
    app.stop().await;
}

#[tokio::test]
async fn subscriptions_by_mode_and_frames_that_make_no_sense() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut socket = signed(&app, &ann).await;
    say(&mut socket, json!({ "op": "subscribe", "symbols": ["AAPL", "NOPE"], "mode": "quote" })).await;
    let error = hear(&mut socket, "error").await;
    assert_eq!(error["code"], "unknown_symbol");
    assert_eq!(error["detail"], "no symbols NOPE; known are AAPL, FB, GOOG, IBM, MSFT");
    assert_eq!(hear(&mut socket, "subscribed").await["symbols"], json!(["AAPL"]));
    let quote = hear(&mut socket, "quote").await;
    assert_eq!((&quote["symbol"], &quote["mode"]), (&json!("AAPL"), &json!("quote")));
    assert!(quote["bid"].is_string() && quote["source"].is_null());
    // the tick that was running when it subscribed may come twice; then it moves on
    while hear(&mut socket, "quote").await["market_time"].as_i64() <= quote["market_time"].as_i64() {}
    for nonsense in
        ["{{", "[]", r#"{"op":"fly"}"#, r#"{"op":"subscribe","symbols":5}"#, r#"{"op":"ping","x":1}"#]
    {
        socket.send(Message::Text(nonsense.into())).await.unwrap();
        assert_eq!(hear(&mut socket, "error").await["code"], "bad_frame", "{nonsense}");
    }
    socket.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    assert_eq!(hear(&mut socket, "error").await["code"], "bad_frame");
    say(&mut socket, json!({ "op": "subscribe", "symbols": ["IBM"], "mode": "full" })).await;
    let mut full = hear(&mut socket, "quote").await;
    while full["symbol"] != "IBM" {
        full = hear(&mut socket, "quote").await;
    }
    assert_eq!(full["source"]["kind"], "replay");
    say(&mut socket, json!({ "op": "unsubscribe" })).await;
    hear(&mut socket, "unsubscribed").await;
    say(&mut socket, json!({ "op": "ping" })).await;
    let Message::Text(text) = next(&mut socket).await else { panic!("text") };
    assert_eq!(*text, *r#"{"op":"pong"}"#, "no quotes after all were unsubscribed");
    app.stop().await;
}

#[tokio::test]
async fn a_socket_ends_with_its_session() {
    let app = still().await;
    let ann = app.person("ann").await;
    let mut socket = signed(&app, &ann).await;
    hear(&mut socket, "ready").await;
    ann.post("/v1/auth/logout", json!({})).await.expect(204);
    assert_eq!(closed(&mut socket).await, (4401, "the session has ended".into()));
    app.stop().await;
}

#[tokio::test]
async fn a_socket_says_when_its_token_ends_and_takes_a_fresh_one() {
    let app = still().await;
    let ann = app.person("ann").await;
    let bob = app.person("bob").await;
    let mut socket = signed(&app, &ann).await;
    hear(&mut socket, "ready").await;
    app.clock.advance(Duration::from_secs(14 * 60 + 10));
    let left = hear(&mut socket, "expiring").await["in"].as_i64().unwrap();
    assert!((40..=50).contains(&left), "{left}");
    say(&mut socket, json!({ "op": "auth", "token": "junk" })).await;
    assert_eq!(hear(&mut socket, "error").await["code"], "invalid_token");
    say(&mut socket, json!({ "op": "auth", "token": bob.sign_in().await.token })).await;
    assert_eq!(hear(&mut socket, "error").await["code"], "other_user");
    say(&mut socket, json!({ "op": "auth", "token": ann.sign_in().await.token })).await;
    hear(&mut socket, "authenticated").await;
    app.clock.advance(Duration::from_mins(2));
    say(&mut socket, json!({ "op": "ping" })).await;
    hear(&mut socket, "pong").await;
    app.clock.advance(Duration::from_mins(14));
    assert_eq!(closed(&mut socket).await, (4401, "the token has expired".into()));
    app.stop().await;
}

#[tokio::test]
async fn a_stopping_server_closes_its_sockets() {
    let app = still().await;
    let ann = app.person("ann").await;
    let mut socket = signed(&app, &ann).await;
    hear(&mut socket, "ready").await;
    app.stop().await;
    assert_eq!(closed(&mut socket).await.0, 1001);
}
