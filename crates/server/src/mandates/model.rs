//! A mandate: its terms, their rules, and whether one set of terms is wider than another.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use super::{act::Action, hours::Hours, instruments::Instruments};
use crate::{
    id,
    kernel::{AgentId, At, Micros, Num, Problem, TradingAccountId, UserId, db},
};

id!(
    /// One mandate.
    MandateId, "mnd_"
);

/// `[mandates]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A market order counts at the last price plus this many per cent.
    pub market_protection_percent: Num,
    /// A limit may be this many per cent worse than the last price, no more.
    pub price_collar_percent: Num,
    /// Confidence below which an agent's decision is refused, where the mandate names none.
    pub min_confidence: f64,
    /// How long an order waits for the person.
    pub approval_minutes: u64,
    /// Ask for a recent password or factor before an approval on a paper account, too.
    pub paper_step_up: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            market_protection_percent: Num(1.into()),
            price_collar_percent: Num(10.into()),
            min_confidence: 0.7,
            approval_minutes: 15,
            paper_step_up: false,
        }
    }
}

/// What a mandate permits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Terms {
    pub account_ids: Vec<TradingAccountId>,
    pub actions: Vec<Action>,
    pub instruments: Instruments,
    pub limits: Limits,
    /// Orders worth more than this wait for the person.
    pub approval_above: Option<Num>,
    pub min_confidence: Option<f64>,
    pub hours: Option<Hours>,
    /// Everything is judged and recorded, nothing is sent.
    pub dry_run: bool,
}

/// Money per order, per day and in one instrument, in `currency`; days are those of the accounts' time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub max_order_value: Num,
    pub max_daily_value: Num,
    pub max_daily_orders: u32,
    #[serde(default)]
    pub max_position_value: Option<Num>,
    /// Once this much is lost in a day, only reducing orders pass.
    #[serde(default)]
    pub max_daily_loss: Option<Num>,
    #[schema(example = "USD")]
    pub currency: String,
}

/// A stored mandate.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Mandate {
    pub user_id: UserId,
    pub id: MandateId,
    pub agent_id: AgentId,
    pub terms: Json<Terms>,
    pub zone: String,
    pub live: bool,
    pub created_at: At,
    pub updated_at: At,
    pub expires_at: Option<At>,
    pub revoked_at: Option<At>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Active,
    Expired,
    Revoked,
}

impl Mandate {
    pub fn status(&self, now: At) -> Status {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => Status::Revoked,
            (None, Some(end)) if end <= now => Status::Expired,
            _ => Status::Active,
        }
    }

    /// The wall-clock day that budgets of this moment belong to.
    pub fn day(&self, now: At) -> String {
        now.day_in(&self.zone)
    }
}

/// What a mandate has used of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Usage {
    /// In the accounts' time zone.
    #[schema(example = "2026-01-31")]
    pub day: String,
    /// Worst case of orders that wait or are out.
    pub reserved: Num,
    /// Spent.
    pub committed: Num,
    /// Of `max_daily_value`.
    pub left: Num,
    pub orders: u32,
    /// Of `max_daily_orders`.
    pub orders_left: u32,
}

/// A day's row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Budget {
    pub reserved: Micros,
    pub committed: Micros,
    pub orders: i64,
}

impl Budget {
    pub fn usage(self, day: String, limits: &Limits) -> Usage {
        let used = self.reserved.num().0 + self.committed.num().0;
        let orders = u32::try_from(self.orders).unwrap_or(0);
        Usage {
            day,
            reserved: self.reserved.num(),
            committed: self.committed.num(),
            left: Num((limits.max_daily_value.0 - used).max(rust_decimal::Decimal::ZERO)),
            orders,
            orders_left: limits.max_daily_orders.saturating_sub(orders),
        }
    }
}

/// What the gate must know of an account before a mandate may name it.
#[derive(Clone, Debug)]
pub struct AccountFacts {
    pub account: TradingAccountId,
    pub currency: String,
    /// IANA time zone.
    pub zone: String,
    /// Not a paper account.
    pub live: bool,
}

type Asked<T> = BoxFuture<'static, Result<T, Problem>>;
type AskAccounts = dyn Fn(UserId, Vec<TradingAccountId>) -> Asked<Vec<AccountFacts>> + Send + Sync;
type AskAgent = dyn Fn(UserId, AgentId) -> Asked<bool> + Send + Sync;

/// Questions to slices above this one, answered by them.
#[derive(Clone)]
pub struct Directory {
    /// The facts of those of the accounts that are this person's and not deleted.
    pub accounts: Arc<AskAccounts>,
    /// Whether there is such an agent and this person may use it.
    pub agent: Arc<AskAgent>,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Directory")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} fields do not follow their rules", .0.len())]
    Invalid(Vec<(String, String)>),
    #[error("another active mandate of this agent covers one of the accounts")]
    Taken,
    #[error("no such mandate")]
    NoMandate,
    #[error("the mandate has ended")]
    Ended,
    #[error("the mandate was changed at the same time")]
    Changed,
    #[error("no second factor is enrolled")]
    NoSecondFactor,
    #[error("no such approval")]
    NoApproval,
    #[error("the approval is {0} already")]
    Decided(String),
    #[error("the hash is not that of this order")]
    WrongHash,
    #[error("this switch reaches beyond the caller")]
    Beyond,
    #[error("{0:?}")]
    Asked(Problem),
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(fields) => fields.into_iter().fold(
                Self::unprocessable("invalid_field", "a field does not follow its rule"),
                |problem, (field, message)| problem.field(field, message),
            ),
            Error::Taken => Self::conflict(
                "mandate_exists",
                "this agent has an active mandate for one of these accounts; change or revoke that one",
            ),
            Error::NoMandate => Self::not_found("mandate"),
            Error::Ended => {
                Self::conflict("mandate_ended", "this mandate has expired or was revoked; create a new one")
            }
            Error::Changed => Self::conflict(
                "changed",
                "this mandate was changed at the same time; read it again and repeat",
            ),
            Error::NoSecondFactor => Self::forbidden(
                "second_factor_required",
                "a mandate for a live account needs a second factor: enrol one first",
            ),
            Error::NoApproval => Self::not_found("approval"),
            Error::Decided(status) => Self::conflict(
                "approval_decided",
                format!("this approval is {status} already; it works once"),
            ),
            Error::WrongHash => Self::conflict(
                "order_hash_mismatch",
                "this is not the order that was shown: read the approval again before you approve",
            ),
            Error::Beyond => Self::forbidden("forbidden", "a switch for others needs the role admin"),
            Error::Asked(problem) => problem,
            Error::Db(error) => error.into(),
        }
    }
}
