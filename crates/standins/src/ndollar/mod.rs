//! A stand-in for an n-dollar exchange, version 1.
//!
//! Accounts by token, prices by mint, and a log of which account's token bought or sold what. It can be told to
//! refuse, to be slow, or to execute and then stay silent. Tokens in the log are named by account and number,
//! never by value.

mod routes;

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, task::JoinHandle};

/// How the exchange answers orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Behaviour {
    #[default]
    Honest,
    /// Executes, then answers after this many milliseconds.
    Slow { millis: u64 },
    /// Executes and never answers.
    SilentAfterExecuting,
    /// Executes and cuts the connection with an answer of a gateway.
    BadGatewayAfterExecuting,
    /// Executes nothing and says so.
    Refuse { words: String },
    /// Executes nothing; `429` with `Retry-After: 7`.
    RateLimit,
}

/// One executed trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    pub id: String,
    /// Whose token was presented.
    pub account: String,
    /// Which of the account's tokens: `ann#1` is the first it was given.
    pub token: String,
    /// The user named in the payload, where a service account traded.
    pub for_user: Option<String>,
    pub side: String,
    pub mint: String,
    /// Money of a buy, tokens of a sell.
    pub amount: Decimal,
    pub price: Decimal,
}

#[derive(Clone, Debug, Default)]
struct Account {
    cash: Decimal,
    service: bool,
    issued: u32,
    tokens: BTreeMap<String, Decimal>,
}

#[derive(Debug, Default)]
struct Inner {
    accounts: BTreeMap<String, Account>,
    /// Token value → account and the token's name in the log.
    access: BTreeMap<String, (String, String)>,
    refresh: BTreeMap<String, String>,
    prices: BTreeMap<String, Decimal>,
    behaviour: Behaviour,
    log: Vec<Trade>,
}

/// The exchange; clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Exchange(Arc<Mutex<Inner>>);

impl Exchange {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens an account with a token of the caller's choice.
    pub fn open(&self, name: &str, token: &str, cash: Decimal) -> &Self {
        let mut inner = self.lock();
        inner.accounts.insert(name.to_owned(), Account { cash, issued: 1, ..Account::default() });
        inner.access.insert(token.to_owned(), (name.to_owned(), format!("{name}#1")));
        drop(inner);
        self
    }

    /// Makes a token that may trade for any user named in the payload and fetch tokens for them.
    pub fn open_service(&self, name: &str, token: &str) -> &Self {
        self.open(name, token, Decimal::ZERO);
        if let Some(account) = self.lock().accounts.get_mut(name) {
            account.service = true;
        }
        self
    }

    pub fn set_price(&self, mint: &str, price: Decimal) -> &Self {
        self.lock().prices.insert(mint.to_owned(), price);
        self
    }

    /// Lets `refresh_token` be exchanged for a new token of `name`, once.
    pub fn allow_refresh(&self, name: &str, refresh_token: &str) -> &Self {
        self.lock().refresh.insert(refresh_token.to_owned(), name.to_owned());
        self
    }

    /// Ends a token: from now on it is answered 401.
    pub fn end_token(&self, token: &str) {
        self.lock().access.remove(token);
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.lock().behaviour = behaviour;
    }

    /// What was executed, oldest first.
    pub fn log(&self) -> Vec<Trade> {
        self.lock().log.clone()
    }

    /// Serves on a free loopback port.
    pub async fn start(&self) -> io::Result<Running> {
        self.serve(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn serve(&self, address: SocketAddr) -> io::Result<Running> {
        let listener = TcpListener::bind(address).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let routes = routes::routes(self.clone());
        let task = tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Running { base, task })
    }
}

/// A served exchange; dropping it closes the port.
#[derive(Debug)]
pub struct Running {
    /// `http://127.0.0.1:PORT`
    pub base: String,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Until the server fails.
    pub async fn wait(mut self) -> io::Result<()> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How long a silent exchange holds the connection open.
const SILENCE: Duration = Duration::from_mins(2);
