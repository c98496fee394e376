//! The task that makes an answer: hears the model, writes down, shows, carries out, ends.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use mandate_llm::{Error as ModelError, Event as Said, Events, Stop};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::answer::Answer;
use super::live::Live;
use super::model::{End, RunRow};
use super::store;
use crate::agents::conversations::{self, Message, MessageView};
use crate::agents::registry::Agent;
use crate::agents::{Agents, Error};
use crate::kernel::{Acting, db, minutes, seconds};

/// How long words are gathered before they are written down; grows with what a write takes.
const GATHER: Duration = Duration::from_millis(25);
const GATHER_MOST: Duration = Duration::from_millis(500);
/// How often a silent run says that it is alive and looks whether it should end.
pub(super) const HEARTBEAT: Duration = seconds(2);
/// No answer takes longer.
const LONGEST: Duration = minutes(10);

pub(super) struct Run {
    pub agents: Agents,
    pub caller: Acting,
    pub agent: Agent,
    pub row: RunRow,
    pub live: Arc<Live>,
    /// The message that is being written, as stored at the start.
    pub message: Message,
    pub answer: Answer,
    pub gather: Duration,
}

/// Whether the run may go on.
enum Going {
    On,
    End(End),
    /// Somebody else ended it: nothing more may be written.
    Lost,
}

impl Run {
    pub(super) async fn go(mut self, said: Events) {
        let end = match self.work(said).await {
            Ok(Some(end)) => self.end(end).await,
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::warn!(run = %self.row.id, %error, "an answer could not be written down");
                self.end(End::Failed(
                    "unavailable",
                    "The answer could not be written down: ask again.".into(),
                ))
                .await
            }
        };
        if let Err(error) = end {
            // the job that looks for lost runs ends it when the database is back
            tracing::warn!(run = %self.row.id, %error, "a run could not be ended");
        }
        self.agents.0.runs.remove(self.row.id);
    }

    /// None: the run is no longer ours.
    async fn work(&mut self, said: Events) -> Result<Option<End>, Error> {
        match self.listen(said).await? {
            Going::Lost => return Ok(None),
            Going::End(end) => return Ok(Some(end)),
            Going::On => {}
        }
        let commands = self.answer.close();
        match self.flush().await? {
            Going::Lost => return Ok(None),
            Going::End(end) => return Ok(Some(end)),
            Going::On => {}
        }
        self.carry_out(commands).await
    }

    /// Hears the model to its end.
    async fn listen(&mut self, mut said: Events) -> Result<Going, Error> {
        let live = Arc::clone(&self.live);
        let shutdown = self.agents.0.kernel.shutdown.clone();
        let deadline = Instant::now() + LONGEST;
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut write_at = None;
        let mut stop = None;
        loop {
            let going = tokio::select! {
                biased;
                why = live.stopped() => return Ok(Going::End(why)),
                () = shutdown.cancelled() => return Ok(Going::End(End::shutting_down())),
                () = sleep_until(write_at.unwrap_or(deadline)), if write_at.is_some() => {
                    write_at = None;
                    self.flush().await?
                }
                _ = heartbeat.tick() => self.look().await?,
                () = sleep_until(deadline) => End::Failed("too_long", "The answer took too long.".into()).into(),
                next = said.next() => match next {
                    Some(Ok(Said::Stop(reason))) => { stop = Some(reason); Going::On }
                    Some(Ok(piece)) if self.answer.hear(&piece) => Going::On,
                    Some(Ok(_)) => End::Failed("too_long", "The answer was too long.".into()).into(),
                    Some(Err(error)) => failed(&error).into(),
                    None => return Ok(whole(stop)),
                },
            };
            if !matches!(going, Going::On) {
                return Ok(going);
            }
            if self.answer.has_pending() && write_at.is_none() {
                write_at = Some(Instant::now() + self.gather);
            }
        }
    }

    /// Writes down what was said, then shows it.
    async fn flush(&mut self) -> Result<Going, Error> {
        let began = Instant::now();
        let kernel = &self.agents.0.kernel;
        let events = self.answer.take();
        let mut tx = kernel.db.begin().await?;
        let touched = store::touch(&mut tx, self.row.user_id, self.row.id, kernel.clock.now()).await?;
        let Some(cancel) = touched else {
            tx.discard().await?;
            return Ok(Going::Lost);
        };
        for event in &events {
            store::append(&mut tx, self.row.user_id, self.row.id, event).await?;
        }
        tx.commit().await?;
        for event in events {
            self.live.show(Arc::new(event));
        }
        // under load words are gathered for longer, so that all runs together write no more than the disk takes
        self.gather = (began.elapsed() * 3).clamp(GATHER, GATHER_MOST);
        Ok(if cancel { Going::End(End::Cancelled) } else { Going::On })
    }

    /// Says that the run is alive, and looks whether it should end for a reason that this node was not told of.
    async fn look(&mut self) -> Result<Going, Error> {
        let going = self.flush().await?;
        if !matches!(going, Going::On) || !self.live.can_act {
            return Ok(going);
        }
        let stopped = self.agents.switched_off(&self.live).await?;
        Ok(if stopped { Going::End(End::kill_switch()) } else { Going::On })
    }

    /// Each command in its turn. One that was begun is finished, also when the run is to end.
    async fn carry_out(
        &mut self,
        commands: Vec<mandate_llm::envelope::Command>,
    ) -> Result<Option<End>, Error> {
        for (index, command) in commands.iter().enumerate() {
            if let Some(why) = self.live.why() {
                return Ok(Some(why));
            }
            let Some(outcome) =
                self.agents.carry_out(&self.caller, &self.agent, (self.row.id, index), command).await
            else {
                continue;
            };
            self.answer.decision(outcome.decision);
            self.answer.sentence(&outcome.sentence);
            match self.flush().await? {
                Going::On => {}
                Going::End(end) => return Ok(Some(end)),
                Going::Lost => return Ok(None),
            }
        }
        Ok(Some(self.live.why().unwrap_or(End::Done)))
    }

    /// The last event, the message and the run's row, in one transaction.
    async fn end(&mut self, end: End) -> Result<(), db::Error> {
        let kernel = &self.agents.0.kernel;
        let now = kernel.clock.now();
        self.message.text.clone_from(&self.answer.text);
        self.message.reasoning = Some(self.answer.reasoning.clone()).filter(|text| !text.is_empty());
        self.message.commands.0.clone_from(&self.answer.commands);
        self.message.decisions.0.clone_from(&self.answer.decisions);
        end.status().name().clone_into(&mut self.message.status);
        self.message.error = end.failure().map(sqlx::types::Json);
        let (event, data) = end.event(&MessageView::from(self.message.clone()));
        self.answer.push(event, data);
        let events = self.answer.take();
        let mut tx = kernel.db.begin().await?;
        if store::end(&mut tx, self.row.user_id, self.row.id, (end.run_status(), now)).await? == 0 {
            return tx.discard().await;
        }
        for event in &events {
            store::append(&mut tx, self.row.user_id, self.row.id, event).await?;
        }
        conversations::end_message(&mut tx, self.row.user_id, &self.message).await?;
        tx.commit().await?;
        for event in events {
            self.live.show(Arc::new(event));
        }
        Ok(())
    }
}

impl From<End> for Going {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

/// Whether the model came to its end by itself: a cut answer is shown and never acted on.
fn whole(stop: Option<Stop>) -> Going {
    match stop {
        Some(Stop::Length) => End::Failed(
            "answer_cut",
            "The answer was cut at the model's length limit: nothing was done.".into(),
        )
        .into(),
        Some(Stop::Filtered) => {
            End::Failed("answer_filtered", "The model's provider cut the answer.".into()).into()
        }
        Some(_) => Going::On,
        None => failed(&ModelError::Interrupted).into(),
    }
}

/// For the person: what they can do about it; the provider's words where they help.
fn failed(error: &ModelError) -> End {
    tracing::warn!(%error, "a model failed");
    let (code, detail) = match error {
        ModelError::Unauthorized(_) => (
            "model_unauthorized",
            "The agent's key was refused by its provider: tell the administrator.".to_owned(),
        ),
        ModelError::RateLimited { retry_after, .. } => {
            let when =
                retry_after.map_or("shortly".to_owned(), |after| format!("in {} seconds", after.as_secs()));
            ("model_rate_limited", format!("The agent's provider is busy: ask again {when}."))
        }
        ModelError::Timeout | ModelError::Unreachable(_) => {
            ("model_unavailable", "The agent's provider does not answer: ask again later.".to_owned())
        }
        ModelError::Interrupted => ("model_interrupted", "The answer broke off: ask again.".to_owned()),
        other => ("model_failed", format!("The agent failed: {other}")),
    };
    End::Failed(code, detail)
}
