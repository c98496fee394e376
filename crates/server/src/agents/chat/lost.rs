//! Runs whose node died: ended in the database, so that readers and the conversation see an end.

use super::answer;
use super::model::{End, RunRow};
use super::run::HEARTBEAT;
use super::store;
use crate::agents::conversations::{self, Message, MessageView};
use crate::agents::{Agents, Error};
use crate::kernel::{At, Db, hours};

/// A run is lost when this many heartbeats are missing.
const MISSED: u32 = 15;
/// How many runs one pass ends or forgets.
const BATCH: i64 = 200;
/// Most events of one run.
const EVENTS: i64 = 100_000;

impl Agents {
    /// The job: ends runs that nobody has heard of.
    pub(in crate::agents) async fn end_lost_runs(&self) -> Result<(), Error> {
        let now = self.0.kernel.clock.now();
        self.end_runs_silent_since(now.minus(HEARTBEAT * MISSED)).await
    }

    /// At the start: an embedded database has one server, so whatever ran before is a run of the one before.
    pub(in crate::agents) async fn end_runs_before(&self, start: At) -> Result<(), Error> {
        if matches!(self.0.kernel.db, Db::Sqlite { .. }) {
            self.end_runs_silent_since(start).await?;
        }
        Ok(())
    }

    async fn end_runs_silent_since(&self, before: At) -> Result<(), Error> {
        loop {
            let runs = store::lost(&mut self.0.kernel.db.read().await?, before, BATCH).await?;
            let more = runs.len() as i64 == BATCH;
            for run in runs {
                self.end_run(&run, before).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    async fn end_run(&self, run: &RunRow, before: At) -> Result<(), Error> {
        let now = self.0.kernel.clock.now();
        let mut tx = self.0.kernel.db.begin().await?;
        if store::end_lost(&mut tx, run, before, now).await? == 0 {
            return Ok(tx.discard().await?);
        }
        let events = store::events(&mut tx, run.user_id, run.id, 0, EVENTS).await?;
        let mut answer = answer::replay(&events);
        let end = End::shutting_down();
        let place = store::message_seq(&mut tx, run.user_id, run.conversation_id, run.message_id).await?;
        if let Some((seq, created_at)) = place {
            let message = Message {
                conversation_id: run.conversation_id,
                seq,
                id: run.message_id,
                role: "assistant".into(),
                text: answer.text.clone(),
                reasoning: Some(answer.reasoning.clone()).filter(|text| !text.is_empty()),
                commands: sqlx::types::Json(answer.commands.clone()),
                decisions: sqlx::types::Json(answer.decisions.clone()),
                status: end.status().name().into(),
                error: end.failure().map(sqlx::types::Json),
                created_at,
            };
            let (event, data) = end.event(&MessageView::from(message.clone()));
            answer.push(event, data);
            conversations::end_message(&mut tx, run.user_id, &message).await?;
        }
        for event in answer.take() {
            store::append(&mut tx, run.user_id, run.id, &event).await?;
        }
        tx.commit().await?;
        tracing::warn!(run = %run.id, "ended a run whose node is gone");
        Ok(())
    }

    /// Forgets what old runs streamed.
    pub(in crate::agents) async fn forget_runs(&self) -> Result<(), Error> {
        let before = self.0.kernel.clock.now().minus(hours(u64::from(self.0.config.events_hours)));
        loop {
            let mut tx = self.0.kernel.db.begin().await?;
            let gone = store::forget(&mut tx, before, BATCH).await?;
            tx.commit().await?;
            if gone < BATCH as u64 {
                return Ok(());
            }
        }
    }
}
