//! Starting and cancelling runs.

use sqlx::types::Json;

use super::answer::Answer;
use super::live::Whose;
use super::model::{ChatRequest, RunEvent, RunRow, RunView};
use super::run::Run;
use super::store;
use crate::agents::conversations::{self, Conversation, Message, Status, title_of};
use crate::agents::model::{ConversationId, MessageId, RunId};
use crate::agents::registry::{Agent, Capability};
use crate::agents::{Agents, Error};
use crate::audit::Event;
use crate::kernel::{Acting, AgentId, At, Tx, UserId, hours};

/// Most characters of what a person says.
const TEXT: usize = 16_000;

impl Agents {
    /// Writes down what the person said and starts the answer. It goes on without its reader.
    pub(super) async fn ask(
        &self,
        caller: Acting,
        agent: AgentId,
        asked: ChatRequest,
    ) -> Result<RunId, Error> {
        if self.0.kernel.shutdown.is_cancelled() {
            return Err(Error::ShuttingDown);
        }
        let length = asked.text.chars().count();
        if asked.text.trim().is_empty() || length > TEXT {
            return Err(Error::Invalid {
                field: "text",
                message: format!("1 to {TEXT} characters, not only spaces"),
            });
        }
        let agent = self.usable(&caller, agent).await?;
        let model = self.model_of(&agent).await?;
        let request = self.request(&caller, &agent, &asked).await?;
        let (row, message) = self.begin(&caller, &agent, &asked).await?;
        let live = self.0.runs.add(Whose {
            id: row.id,
            user: row.user_id,
            session: row.session_id,
            agent: agent.id,
            can_act: agent.can(Capability::Trade),
            created_at: row.created_at,
        });
        let run = Run {
            agents: self.clone(),
            caller,
            agent,
            live,
            message,
            answer: Answer::new(1),
            gather: std::time::Duration::ZERO,
            row,
        };
        let id = run.row.id;
        self.0.kernel.jobs.spawn("agents.run", run.go(model.stream(request))).unwatched();
        Ok(id)
    }

    /// One transaction: the conversation, what was said, the message to be written, the run and its first event.
    async fn begin(
        &self,
        caller: &Acting,
        agent: &Agent,
        asked: &ChatRequest,
    ) -> Result<(RunRow, Message), Error> {
        let kernel = &self.0.kernel;
        let (user, now) = (caller.user, kernel.clock.now());
        let mut tx = kernel.db.begin().await?;
        let (conversation, last) = match self.place(&mut tx, (user, agent.id, now), asked).await {
            Ok(place) => place,
            Err(error) => return tx.refuse(error).await,
        };
        let message = |seq, role: &str, text: &str, status: Status| Message {
            conversation_id: conversation,
            seq,
            id: MessageId::new(kernel.rng, now),
            role: role.to_owned(),
            text: text.to_owned(),
            reasoning: None,
            commands: Json(Vec::new()),
            decisions: Json(Vec::new()),
            status: status.name().to_owned(),
            error: None,
            created_at: now,
        };
        let question = message(last - 1, "user", &asked.text, Status::Complete);
        let answer = message(last, "assistant", "", Status::Streaming);
        conversations::insert_message(&mut tx, user, &question).await?;
        conversations::insert_message(&mut tx, user, &answer).await?;
        let row = RunRow {
            user_id: user,
            id: RunId::new(kernel.rng, now),
            conversation_id: conversation,
            message_id: answer.id,
            agent_id: agent.id,
            session_id: caller.session(),
            status: "running".into(),
            created_at: now,
        };
        if !store::insert(&mut tx, &row).await? {
            return tx.refuse(Error::Busy).await;
        }
        if store::count_running(&mut tx, user).await? > i64::from(self.0.config.runs_per_user) {
            return tx.refuse(Error::TooMany).await;
        }
        let start = serde_json::json!({
            "run_id": row.id, "conversation_id": conversation, "message_id": answer.id,
        });
        let start = RunEvent { seq: 1, event: "start".into(), data: start.to_string() };
        store::append(&mut tx, user, row.id, &start).await?;
        let event = Event::new("agent.asked").by(caller).resource(agent.id);
        let event = event.details(serde_json::json!({ "run_id": row.id, "conversation_id": conversation }));
        self.0.audit.append(&mut tx, event).await?;
        tx.commit().await?;
        Ok((row, answer))
    }

    /// The conversation, made where none was named, and the number of the answer in it.
    async fn place(
        &self,
        tx: &mut Tx,
        (user, agent, now): (UserId, AgentId, At),
        asked: &ChatRequest,
    ) -> Result<(ConversationId, i64), Error> {
        if let Some(id) = asked.conversation_id {
            let last = conversations::extend(tx, user, id, (agent, now), 2).await?;
            return Ok((id, last.ok_or(Error::NotFound("conversation"))?));
        }
        let lives = hours(u64::from(self.0.config.temporary_hours));
        let row = Conversation {
            user_id: user,
            id: ConversationId::new(self.0.kernel.rng, now),
            agent_id: agent,
            title: title_of(&asked.text),
            expires_at: asked.temporary.then(|| now.plus(lives)),
            messages: 2,
            created_at: now,
            updated_at: now,
        };
        conversations::insert_conversation(tx, &row).await?;
        Ok((row.id, 2))
    }

    /// Asks a run to end, on whichever node it is. What was written stays.
    pub(super) async fn cancel(&self, user: UserId, id: RunId) -> Result<RunView, Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        store::request_cancel(&mut tx, user, id).await?;
        let row = store::find(&mut tx, user, id).await?;
        tx.commit().await?;
        let row = row.ok_or(Error::NotFound("run"))?;
        if let Some(live) = self.0.runs.get(id) {
            live.stop(super::model::End::Cancelled);
        }
        Ok(RunView { run_id: id, status: row.status })
    }
}
