//! Conversations and messages, as stored and as shown.

use mandate_llm::envelope::Command;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;

use crate::agents::model::{ConversationId, MessageId};
use crate::kernel::{AgentId, At, UserId};

/// How many characters of the first text become the title.
const TITLE: usize = 60;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Conversation {
    pub user_id: UserId,
    pub id: ConversationId,
    pub agent_id: AgentId,
    pub title: String,
    /// Set: temporary.
    pub expires_at: Option<At>,
    /// The number of the newest message.
    pub messages: i64,
    pub created_at: At,
    pub updated_at: At,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Conversation)]
pub(super) struct ConversationView {
    conversation_id: ConversationId,
    /// The agent that answered last.
    agent_id: AgentId,
    title: String,
    temporary: bool,
    expires_at: Option<At>,
    message_count: i64,
    created_at: At,
    updated_at: At,
}

impl From<Conversation> for ConversationView {
    fn from(row: Conversation) -> Self {
        Self {
            conversation_id: row.id,
            agent_id: row.agent_id,
            title: row.title,
            temporary: row.expires_at.is_some(),
            expires_at: row.expires_at,
            message_count: row.messages,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Being written.
    Streaming,
    Complete,
    /// Stopped by the person; what was written stays.
    Cancelled,
    /// The model or the run failed; what was written stays.
    Failed,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// Why a message failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Failure {
    pub code: String,
    pub detail: String,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Message {
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub id: MessageId,
    pub role: String,
    pub text: String,
    pub reasoning: Option<String>,
    pub commands: Json<Vec<Command>>,
    pub decisions: Json<Vec<Value>>,
    pub status: String,
    pub error: Option<Json<Failure>>,
    pub created_at: At,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    message_id: MessageId,
    conversation_id: ConversationId,
    /// `user` or `assistant`.
    role: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
    /// What the agent asked for, as it wrote it; unknown commands too.
    #[schema(value_type = Vec<Object>)]
    commands: Vec<Command>,
    /// What became of its trading commands.
    #[schema(value_type = Vec<Object>)]
    decisions: Vec<Value>,
    #[schema(value_type = Status)]
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
    created_at: At,
}

impl From<Message> for MessageView {
    fn from(row: Message) -> Self {
        Self {
            message_id: row.id,
            conversation_id: row.conversation_id,
            role: row.role,
            text: row.text,
            reasoning: row.reasoning,
            commands: row.commands.0,
            decisions: row.decisions.0,
            status: row.status,
            error: row.error.map(|error| error.0),
            created_at: row.created_at,
        }
    }
}

/// A title out of the first text: its first line, cut at a word.
pub(in crate::agents) fn title_of(text: &str) -> String {
    let line = text.split('\n').map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    let Some((cut, _)) = line.char_indices().nth(TITLE) else { return line };
    let cut = line[..cut].rfind(' ').filter(|at| *at > 0).unwrap_or(cut);
    format!("{}…", line[..cut].trim_end())
}
