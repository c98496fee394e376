//! A person's credentials at one third party: kept, swapped, opened, destroyed.
//!
//! INVARIANT: a swap keeps the id and destroys the data key of what it replaces in the same statement.
//! INVARIANT: after `destroy` nothing in the row opens again, whoever holds the wrapping keys; the row stays.

mod model;
mod service;
pub(super) mod store;

pub use model::{Connection, ConnectionId, Prepared, Secrets};
pub use service::Connections;
