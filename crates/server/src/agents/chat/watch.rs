//! What ends runs from outside: the kill switch and the end of a session.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use super::live::Live;
use super::model::End;
use crate::agents::Agents;
use crate::kernel::{Message, SessionId, UserId, db};

impl Agents {
    /// Listens until the shutdown. The bus is a hint: a run looks by itself every heartbeat.
    pub(in crate::agents) async fn watch(self) {
        let mut messages = self.0.kernel.bus.subscribe();
        loop {
            let message = tokio::select! {
                () = self.0.kernel.shutdown.cancelled() => return,
                message = messages.recv() => message,
            };
            let result = match message {
                Ok(message) => self.heed(&message).await,
                Err(RecvError::Lagged(_)) => self.end_switched_off(None).await,
                Err(RecvError::Closed) => return,
            };
            if let Err(error) = result {
                tracing::warn!(%error, "runs could not be checked against the kill switch");
            }
        }
    }

    async fn heed(&self, message: &Message) -> Result<(), db::Error> {
        match message.topic {
            "kill_switch.changed" if message.data["on"] != serde_json::Value::Bool(false) => {
                self.end_switched_off(message.user.map(UserId)).await
            }
            "session.revoked" => {
                let named = message.data["sessions"].as_array().into_iter().flatten();
                let sessions = named.filter_map(|id| id.as_str()?.parse::<SessionId>().ok());
                sessions.for_each(|session| self.0.runs.end_session(session));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn end_switched_off(&self, user: Option<UserId>) -> Result<(), db::Error> {
        let mine = |live: &Arc<Live>| live.can_act && user.is_none_or(|user| user == live.user);
        for live in self.0.runs.all().into_iter().filter(mine) {
            if self.switched_off(&live).await? {
                live.stop(End::kill_switch());
            }
        }
        Ok(())
    }

    /// Whether a kill switch that reaches this run was turned on since the run began. One that was on before does not
    /// end it: people may talk then, and decisions are refused by themselves.
    pub(super) async fn switched_off(&self, live: &Live) -> Result<bool, db::Error> {
        let mut conn = self.0.kernel.db.read().await?;
        let mandates = &self.0.mandates;
        let mut switches = vec![mandates.kill_switch(&mut conn, live.user, Some(live.agent), None).await?];
        for mandate in mandates.active(&mut conn, live.user, live.agent).await? {
            for account in &mandate.terms.account_ids {
                let agent = Some(live.agent);
                switches.push(mandates.kill_switch(&mut conn, live.user, agent, Some(*account)).await?);
            }
        }
        Ok(switches.into_iter().flatten().any(|switch| switch.set_at >= live.created_at))
    }
}
