//! A run, its events, and the ways in which it ends.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::agents::conversations::{Failure, Status};
use crate::agents::model::{ConversationId, MessageId, RunId};
use crate::kernel::{AgentId, At, SessionId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct RunRow {
    pub user_id: UserId,
    pub id: RunId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub agent_id: AgentId,
    pub session_id: Option<SessionId>,
    pub status: String,
    pub created_at: At,
}

/// One event as it is stored and streamed; `data` is JSON text, never parsed again on its way out.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct RunEvent {
    pub seq: i64,
    pub event: String,
    pub data: String,
}

impl RunEvent {
    /// After it nothing follows.
    pub fn is_last(&self) -> bool {
        matches!(self.event.as_str(), "done" | "error")
    }

    /// The frame of `text/event-stream`. JSON text holds no line break.
    pub fn frame(&self) -> String {
        format!("id: {}\nevent: {}\ndata: {}\n\n", self.seq, self.event, self.data)
    }
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    /// By the person.
    Cancelled,
    /// With a code and a sentence for the person.
    Failed(&'static str, String),
}

impl End {
    pub fn kill_switch() -> Self {
        Self::Failed("kill_switch", "The kill switch is on: the answer was stopped.".into())
    }

    pub fn session_ended() -> Self {
        Self::Failed("session_ended", "The session was signed out: the answer was stopped.".into())
    }

    pub fn shutting_down() -> Self {
        Self::Failed("interrupted", "The server is restarting: ask again.".into())
    }

    pub fn status(&self) -> Status {
        match self {
            Self::Done => Status::Complete,
            Self::Cancelled => Status::Cancelled,
            Self::Failed(..) => Status::Failed,
        }
    }

    /// As the run's row says it.
    pub fn run_status(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed(..) => "failed",
        }
    }

    pub fn failure(&self) -> Option<Failure> {
        match self {
            Self::Failed(code, detail) => Some(Failure { code: (*code).to_owned(), detail: detail.clone() }),
            _ => None,
        }
    }

    /// The last event: `error` for a failure, else `done` with the whole message.
    pub fn event(&self, message: &impl Serialize) -> (&'static str, String) {
        match self {
            Self::Failed(code, detail) => ("error", json!({"code": code, "detail": detail}).to_string()),
            _ => ("done", json!({ "message": message }).to_string()),
        }
    }
}

/// What a person says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChatRequest {
    /// 1 to 16,000 characters.
    pub text: String,
    /// Left out: a new conversation.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub conversation_id: Option<ConversationId>,
    /// A new conversation that is in no list and is deleted after a time.
    #[serde(default)]
    pub temporary: bool,
    /// What the person is looking at.
    #[serde(default)]
    pub chart: Option<ChartView>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChartView {
    pub symbol: String,
    #[serde(default)]
    pub timeframe: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunView {
    #[schema(value_type = String)]
    pub run_id: RunId,
    /// `running`, `done`, `cancelled` or `failed`.
    pub status: String,
}
