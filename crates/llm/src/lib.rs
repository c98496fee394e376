//! Models that answer people: one trait, one folder per provider, typed streaming events.
//!
//! Knows no database and no web framework. A model only ever *says* what it wants done (a command
//! [`envelope`]); whether it is done is decided elsewhere.
//!
//! INVARIANT: no error and no debug print contains a provider key (`openai::scrub`).
//! INVARIANT: dropping a stream ends the call to the provider.

pub mod envelope;
mod error;
mod event;
mod model;
pub mod openai;
pub mod scripted;

pub use error::Error;
pub use event::{Event, Stop, ToolCall, Usage};
pub use model::{Chart, Context, Events, Holding, Listing, Message, Model, Money, Request, Role};
