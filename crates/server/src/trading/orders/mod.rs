//! Orders: what became of decisions that were allowed.
//!
//! INVARIANT: an order leaves `pending` once, by `store::claim`; whoever claimed it alone may call the broker.
//! INVARIANT: an order that was sent and whose answer was lost is `unknown`, keeps its reservation, and is never
//! sent again (`dispatch.rs`).

mod cancel;
mod dispatch;
mod model;
mod resting;
mod routes;
mod settle;
mod store;

pub use model::{OrderId, OrderStatus, OrderView};
pub use routes::routes;

pub(super) use cancel::Cancelled;
pub(super) use model::Order;
pub(super) use settle::decision_status;
pub(super) use store::{find, find_by_decision, has_open, insert, split, traded};
