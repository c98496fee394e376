//! The switches' SQL.

use uuid::Uuid;

use super::model::KillSwitch;
use crate::{
    execute, fetch_all, fetch_optional,
    kernel::{AgentId, Conn, TradingAccountId, UserId, db},
};

/// What stops this act: all switches in whose reach it is, taken together as one. It is named after the one that
/// freezes most, and as young as the youngest.
pub(in crate::mandates) async fn find(
    conn: &mut Conn,
    user: UserId,
    agent: Option<AgentId>,
    account: Option<TradingAccountId>,
) -> Result<Option<KillSwitch>, db::Error> {
    let agent = agent.map(|agent| agent.to_string()).unwrap_or_default();
    let account = account.map(|account| account.to_string()).unwrap_or_default();
    let within = |switch: &KillSwitch| match switch.scope.as_str() {
        "agent" => switch.target == agent,
        "account" => switch.target == account,
        _ => true,
    };
    let together = |one: KillSwitch, other: KillSwitch| KillSwitch {
        freeze_all: one.freeze_all || other.freeze_all,
        cancel_open_orders: one.cancel_open_orders || other.cancel_open_orders,
        set_at: one.set_at.max(other.set_at),
        ..one
    };
    Ok(on(conn, user).await?.into_iter().filter(within).reduce(together))
}

/// Every switch that is on for a person: their own, their tenant's, everybody's.
pub(super) async fn on(conn: &mut Conn, user: UserId) -> Result<Vec<KillSwitch>, db::Error> {
    fetch_all!(
        conn,
        KillSwitch,
        "SELECT user_id, scope, target, freeze_all, cancel_open_orders, reason, set_by, set_at FROM kill_switches \
         WHERE user_id = $1 OR (user_id = $2 AND (scope = 'global' OR \
         (scope = 'tenant' AND target = (SELECT tenant FROM users WHERE id = $1)))) \
         ORDER BY freeze_all DESC, set_at",
        user,
        Uuid::nil()
    )
}

/// On. A switch that is on already only grows, and stays that of who turned it on first.
pub(super) async fn set(conn: &mut Conn, switch: &KillSwitch) -> Result<u64, db::Error> {
    execute!(
        conn,
        "INSERT INTO kill_switches (user_id, scope, target, freeze_all, cancel_open_orders, reason, set_by, set_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (user_id, scope, target) DO UPDATE SET \
         freeze_all = kill_switches.freeze_all OR excluded.freeze_all, \
         cancel_open_orders = kill_switches.cancel_open_orders OR excluded.cancel_open_orders, \
         reason = COALESCE(kill_switches.reason, excluded.reason)",
        switch.user_id,
        &switch.scope,
        &switch.target,
        switch.freeze_all,
        switch.cancel_open_orders,
        &switch.reason,
        &switch.set_by,
        switch.set_at
    )
}

/// Off; false when it was not on.
pub(super) async fn clear(conn: &mut Conn, user: Uuid, scope: &str, target: &str) -> Result<bool, db::Error> {
    let cleared = execute!(
        conn,
        "DELETE FROM kill_switches WHERE user_id = $1 AND scope = $2 AND target = $3",
        user,
        scope,
        target
    )?;
    Ok(cleared == 1)
}

pub(super) async fn get(
    conn: &mut Conn,
    user: Uuid,
    scope: &str,
    target: &str,
) -> Result<Option<KillSwitch>, db::Error> {
    fetch_optional!(
        conn,
        KillSwitch,
        "SELECT user_id, scope, target, freeze_all, cancel_open_orders, reason, set_by, set_at FROM kill_switches \
         WHERE user_id = $1 AND scope = $2 AND target = $3",
        user,
        scope,
        target
    )
}
