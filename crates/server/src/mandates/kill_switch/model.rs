//! A switch and how far it reaches.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::At;

/// What a switch stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everything of one person.
    User,
    /// One agent, for one person.
    Agent,
    /// One trading account.
    Account,
    /// Everybody of one tenant.
    Tenant,
    /// Everybody.
    Global,
}

impl Scope {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::Account => "account",
            Self::Tenant => "tenant",
            Self::Global => "global",
        }
    }
}

/// A switch that is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct KillSwitch {
    #[serde(skip)]
    pub user_id: Uuid,
    /// `user`, `agent`, `account`, `tenant` or `global`.
    pub scope: String,
    /// The agent, the account, the tenant; empty for a person and for everybody.
    #[serde(rename = "id")]
    pub target: String,
    /// Cancels and reducing orders are stopped, too.
    pub freeze_all: bool,
    /// Open orders are to be taken back.
    pub cancel_open_orders: bool,
    pub reason: Option<String>,
    /// Who turned it on.
    #[serde(skip)]
    pub set_by: String,
    #[serde(rename = "since")]
    pub set_at: At,
}

impl KillSwitch {
    /// As a refusal says it.
    pub fn spoken(&self) -> String {
        let whose = match self.scope.as_str() {
            "user" => "your kill switch is on",
            "agent" => "the kill switch for this agent is on",
            "account" => "the kill switch for this account is on",
            "tenant" => "the kill switch of your organisation is on",
            _ => "the kill switch for everybody is on",
        };
        match &self.reason {
            Some(reason) => format!("{whose}: {reason}"),
            None => whose.to_owned(),
        }
    }
}
