//! A notice: its kind, its number, its data.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;

use crate::kernel::At;

/// `[notices]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Days for which a notice can be read again by a stream that resumes.
    pub keep_days: u64,
    /// Streams one person may hold open at once on one node.
    pub streams_per_user: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { keep_days: 30, streams_per_user: 32 }
    }
}

/// What a notice is about: the `event` of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ApprovalWaiting,
    ApprovalDecided,
    OrderChanged,
    DecisionChanged,
    MandateChanged,
    KillSwitchChanged,
    /// A broker or another third party needs the person to log in again.
    ConnectionNeedsLogin,
    /// A retired refresh token was presented: the session was ended.
    SecurityReuse,
    /// A login on a device that this account had not used.
    SecurityNewDevice,
    SecurityPasswordChanged,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::ApprovalWaiting => "approval.waiting",
            Self::ApprovalDecided => "approval.decided",
            Self::OrderChanged => "order.changed",
            Self::DecisionChanged => "decision.changed",
            Self::MandateChanged => "mandate.changed",
            Self::KillSwitchChanged => "kill_switch.changed",
            Self::ConnectionNeedsLogin => "connection.needs_login",
            Self::SecurityReuse => "security.reuse",
            Self::SecurityNewDevice => "security.new_device",
            Self::SecurityPasswordChanged => "security.password_changed",
        }
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Notice {
    pub seq: i64,
    pub kind: String,
    pub data: Json<Value>,
    pub at: At,
}
