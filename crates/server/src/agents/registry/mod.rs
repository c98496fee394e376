//! Which agents there are, what they run on, and who may use them.
//!
//! INVARIANT: a provider's key is sealed for its agent's row and in no answer (`service::create`, `model::AdminView`).

mod model;
mod routes;
mod service;
mod store;

pub(super) use model::{Agent, Capability};
pub(super) use routes::routes;
