//! What a model is told: the conversation so far and the person's situation.

use mandate_llm::{Chart, Message as Said, Request, Role};

use super::model::ChatRequest;
use crate::agents::conversations;
use crate::agents::registry::Agent;
use crate::agents::{Agents, Error};
use crate::kernel::Acting;

/// How much of a conversation a model is told.
const MESSAGES: i64 = 40;
const CHARACTERS: usize = 48_000;

impl Agents {
    pub(super) async fn request(
        &self,
        caller: &Acting,
        agent: &Agent,
        asked: &ChatRequest,
    ) -> Result<Request, Error> {
        let mut messages = self.history(caller, asked).await?;
        messages.push(Said { role: Role::User, content: asked.text.clone() });
        let mut context = self.situation(caller).await?;
        context.agent.clone_from(&agent.name);
        context.chart = asked.chart.as_ref().map(|chart| Chart {
            symbol: chart.symbol.chars().take(40).collect(),
            timeframe: chart.timeframe.as_ref().map(|text| text.chars().take(8).collect()),
        });
        Ok(Request { instructions: agent.instructions.clone(), messages, context })
    }

    /// The newest messages that fit, oldest first.
    async fn history(&self, caller: &Acting, asked: &ChatRequest) -> Result<Vec<Said>, Error> {
        let Some(id) = asked.conversation_id else { return Ok(Vec::new()) };
        let mut conn = self.0.kernel.db.read().await?;
        let conversation = conversations::find_conversation(&mut conn, caller.user, id).await?;
        let conversation = conversation.ok_or(Error::NotFound("conversation"))?;
        let after = (conversation.messages - MESSAGES).max(0);
        let rows = conversations::messages(&mut conn, caller.user, id, after, MESSAGES).await?;
        let mut left = CHARACTERS;
        let mut kept: Vec<Said> = rows
            .into_iter()
            .rev()
            .filter(|row| !row.text.is_empty())
            .map_while(|row| {
                left = left.checked_sub(row.text.chars().count())?;
                let role = if row.role == "user" { Role::User } else { Role::Assistant };
                Some(Said { role, content: row.text })
            })
            .collect();
        kept.reverse();
        Ok(kept)
    }
}
