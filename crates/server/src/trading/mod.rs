//! Trading: accounts at brokers, decisions to act, the orders they become, and what is held.
//!
//! INVARIANT: `Trading::decide` is the one path to an order, for persons, agents and routes alike; each order has
//! passed `mandates::judge` in the transaction that wrote it (`decisions/judge.rs`).
//! INVARIANT: a decision executes at most once: its key is unique, its order is unique per decision, and an order
//! is sent only by whoever moved it from `pending` to `sent` (`decisions/store.rs`, `orders/store.rs`).
//! INVARIANT: no broker is called inside a transaction; a paper account is changed in the transaction that judges.
//! INVARIANT: locks are taken in the order paper state, budget, audit, so that two transactions never wait for each
//! other (`paper.rs`).

#[macro_use]
mod words;

mod accounts;
mod config;
mod decisions;
mod error;
mod held;
mod jobs;
mod orders;
mod paper;
mod positions;
mod service;

pub use accounts::{AccountStatus, AccountView};
pub use config::Config;
pub use decisions::{DecisionId, DecisionView, Proposal, Status, Wanted, Wish};
pub use error::Error;
pub use orders::{OrderId, OrderStatus, OrderView};
pub use positions::PositionView;
pub use service::{Parts, Trading};

use utoipa_axum::router::OpenApiRouter;

impl Trading {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        accounts::routes()
            .merge(decisions::routes())
            .merge(orders::routes())
            .merge(positions::routes())
            .with_state(self)
    }
}
