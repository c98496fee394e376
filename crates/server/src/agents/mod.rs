//! Agents and what people say to them: the registry, conversations, and chat as resumable streams.
//!
//! INVARIANT: an agent's trading command becomes a decision of `trading` and nothing else: no path from a model's
//! text to a broker goes around the mandate (`commands`).
//! INVARIANT: what a reader of a run was shown is in the database before it was shown, so that any node can show it
//! again, byte for byte (`chat::run`).

mod chat;
mod commands;
mod conversations;
mod model;
mod registry;
mod routes;
mod service;
mod situation;

pub use model::{Config, ConversationId, DEMO_AGENT, Error, MessageId, RunId};
pub use registry::{held_by, rewrap};
pub use service::{Agents, Parts};
