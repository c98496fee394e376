//! Orders that wait for the person.
//!
//! INVARIANT: an approval is bound to one exact order by the SHA-256 that the person sends back (`model::order_hash`).
//! INVARIANT: it is taken up once (`store::spend`).
//! INVARIANT: it ends once: every end is a conditional update from `pending` (`store::end`), in one transaction with
//! its outbox row, its audit row and, unless approved, the release of what it had reserved.

mod model;
mod routes;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use model::{Approval, ApprovalId, Ended, OrderView, Outcome, order_hash};
pub(super) use model::{Leaves, Reach};
pub(super) use routes::routes;
pub(super) use store::{find, insert, spend};
