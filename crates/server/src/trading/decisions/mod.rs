//! Decisions: wishes to act, each with one recorded outcome.
//!
//! INVARIANT: the key (user, decider, decision id) is unique, and the row is inserted before anything is judged, in
//! the same transaction: of any number of equal calls one acts, and all are told its outcome (`store::insert`).
//! INVARIANT: what is judged is what is written: facts, verdict, reservation, order and audit are one transaction
//! (`judge.rs`).

mod facts;
mod judge;
mod model;
mod release;
mod routes;
mod service;
mod store;
mod wish;

pub use model::{DecisionId, DecisionView, Proposal, Status};
pub use routes::routes;
pub use wish::{Wanted, Wish};

pub(super) use service::agent_of;
pub(super) use store::set_status;
