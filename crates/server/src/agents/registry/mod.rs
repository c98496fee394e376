//! Which agents there are, what they run on, and who may use them.
//!
//! INVARIANT: a provider's key is sealed for its agent's row and in no answer (`service::create`, `model::AdminView`).

mod model;
mod rewrap;
mod routes;
mod service;
mod store;

pub(super) use model::{Agent, Capability};
pub use rewrap::{held_by, rewrap};
pub(super) use routes::routes;
