//! The kill switch: one row per switch that is on, read before every act.
//!
//! INVARIANT: it is read from the database in the transaction that judges an act, never from a token or a cache.

mod model;
mod routes;
mod service;
mod store;

pub use model::{KillSwitch, Scope};
pub(super) use routes::routes;
pub(super) use store::find;
