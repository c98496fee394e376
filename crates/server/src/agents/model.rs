//! Settings, errors, and the ids of this slice.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id;
use crate::kernel::{AgentId, Problem, db};
use crate::trading;

id!(ConversationId, "cnv_");
id!(MessageId, "msg_");
id!(RunId, "run_");

/// The scripted agent that every installation has from its first start.
pub const DEMO_AGENT: AgentId = AgentId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));

/// `[agents]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Answers that one person may have in the making at the same time.
    pub runs_per_user: u32,
    /// Hours that a temporary conversation lives.
    pub temporary_hours: u32,
    /// Hours that a run's events are kept after it ended, for readers that come back.
    pub events_hours: u32,
    /// Milliseconds between two words of the scripted agent.
    pub scripted_pace_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { runs_per_user: 8, temporary_hours: 720, events_hours: 24, scripted_pace_ms: 15 }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such {0}")]
    NotFound(&'static str),
    #[error("{field}: {message}")]
    Invalid { field: &'static str, message: String },
    #[error("the conversation has an answer in the making")]
    Busy,
    #[error("too many answers in the making")]
    TooMany,
    #[error("the server is shutting down")]
    ShuttingDown,
    #[error("sealing: {0}")]
    Seal(#[from] mandate_seal::Error),
    #[error(transparent)]
    Trading(#[from] trading::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(what) => Self::not_found(what),
            Error::Invalid { field, message } => Self::invalid(field, message),
            Error::Busy => Self::conflict(
                "run_in_progress",
                "this conversation has an answer in the making: wait for it or cancel it",
            ),
            Error::TooMany => Self::too_many(
                "too_many_runs",
                "too many answers are in the making: wait for one to end or cancel it",
                2,
            ),
            Error::ShuttingDown => Self::unavailable("the server is shutting down; try again shortly", 2),
            Error::Seal(error) => {
                tracing::error!(%error, "an agent's key cannot be sealed or opened");
                Self::internal()
            }
            Error::Trading(error) => error.into(),
            Error::Db(error) => error.into(),
        }
    }
}
