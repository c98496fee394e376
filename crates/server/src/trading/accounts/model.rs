//! A trading account and the rules of its making.

use jiff::tz::TimeZone;
use mandate_brokers::AuthMode;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::kernel::{At, Num, TradingAccountId, UserId};
use crate::trading::Error;
use crate::vault::ConnectionId;

/// The broker name of paper accounts.
pub const PAPER: &str = "paper";
/// The currency in which the running feed quotes.
pub const FEED_CURRENCY: &str = "USD";
/// Most accounts of one person.
pub const MOST: i64 = 50;

words! {
    /// Whether orders can be sent with the account.
    AccountStatus {
        Active = "active",
        Expired = "expired",
        /// The broker refuses the credential: the person must bring a new one.
        NeedsLogin = "needs_login",
        Invalid = "invalid",
        Deleted = "deleted",
    }
}

/// A stored account.
#[derive(Clone, sqlx::FromRow)]
pub struct Account {
    pub id: TradingAccountId,
    pub user_id: UserId,
    pub broker: String,
    pub name: String,
    pub currency: String,
    pub zone: String,
    #[sqlx(try_from = "String")]
    pub status: AccountStatus,
    pub user_id_broker: Option<String>,
    pub auth_mode: String,
    /// The credentials in the vault; none for paper.
    pub connection_id: Option<ConnectionId>,
    pub created_at: At,
    pub last_verified_at: Option<At>,
    pub expires_at: Option<At>,
}

impl Account {
    pub fn is_paper(&self) -> bool {
        self.broker == PAPER
    }

    pub fn auth_mode(&self) -> AuthMode {
        if self.auth_mode == "service_account" { AuthMode::ServiceAccount } else { AuthMode::UserToken }
    }
}

/// The cash a paper account begins with.
pub fn check_cash(cash: Num) -> Result<Decimal, Error> {
    let most = Decimal::from(1_000_000_000_000_i64);
    if cash.0 < Decimal::ZERO || cash.0 > most || cash.0.normalize().scale() > 6 {
        return Err(Error::invalid("cash", "from 0 to 10^12 with at most 6 decimal places"));
    }
    Ok(cash.0)
}

pub fn check_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "1 to 100 characters"));
    }
    Ok(name.to_owned())
}

pub fn check_zone(zone: &str) -> Result<String, Error> {
    TimeZone::get(zone)
        .map(|_| zone.to_owned())
        .map_err(|_| Error::invalid("time_zone", "an IANA name such as America/New_York"))
}

/// A trading account on the wire. Never a secret.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TradingAccount)]
pub struct AccountView {
    pub account_id: TradingAccountId,
    pub broker: String,
    pub user_id_broker: Option<String>,
    pub name: String,
    pub currency: String,
    pub time_zone: String,
    pub status: AccountStatus,
    /// `user_token` or `service_account`
    pub auth_mode: String,
    /// Of a paper account: money not in positions, and all of it at the last prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash: Option<Num>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worth: Option<Num>,
    pub created_at: At,
    pub last_verified_at: Option<At>,
    pub expires_at: Option<At>,
}

impl AccountView {
    pub fn new(account: Account, money: Option<(Decimal, Decimal)>) -> Self {
        let shown = |money: Decimal| Num(money.round_dp(6).normalize());
        Self {
            account_id: account.id,
            broker: account.broker,
            user_id_broker: account.user_id_broker,
            name: account.name,
            currency: account.currency,
            time_zone: account.zone,
            status: account.status,
            auth_mode: account.auth_mode,
            cash: money.map(|(cash, _)| shown(cash)),
            worth: money.map(|(_, worth)| shown(worth)),
            created_at: account.created_at,
            last_verified_at: account.last_verified_at,
            expires_at: account.expires_at,
        }
    }
}
