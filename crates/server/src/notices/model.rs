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

/// The kind under which an audit event is told; `None`: it is not.
pub(super) fn kind_of(event: &str) -> Option<&'static str> {
    let (noun, verb) = event.split_once('.')?;
    Some(match (noun, verb) {
        ("approval", "requested") => "approval.waiting",
        ("approval", _) => "approval.decided",
        ("order", _) => "order.changed",
        ("decision", _) => "decision.changed",
        ("mandate", _) => "mandate.changed",
        ("kill_switch", _) => "kill_switch.changed",
        ("account", _) => "account.changed",
        ("connection", "needs_login") => "connection.needs_login",
        ("auth", "login") => "session.started",
        ("auth", "password_changed") => "security.password_changed",
        ("session", "revoked") => "session.revoked",
        ("session", "reuse") => "security.reuse",
        _ => return None,
    })
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Notice {
    pub seq: i64,
    pub kind: String,
    pub data: Json<Value>,
    pub at: At,
}

#[test]
fn what_is_told() {
    assert_eq!(kind_of("approval.requested"), Some("approval.waiting"));
    assert_eq!(kind_of("order.partially_filled"), Some("order.changed"));
    assert_eq!(kind_of("session.refresh"), None);
    assert_eq!(kind_of("auth.login_failed"), None);
}
