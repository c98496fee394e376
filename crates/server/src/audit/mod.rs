//! Who did what, provably.
//!
//! INVARIANT: a row is written in the transaction of what it records (`service::append`); no act without its row.
//! INVARIANT: a row's number is dense per owner and its MAC (HMAC-SHA256 under a key that the database does not
//! hold) covers every public field and the commitment to the personal ones (`model::Row::mac_input`).
//! INVARIANT: within a second a leased job links rows into one hash chain and signs its head (Ed25519) (`chain.rs`).

mod chain;
mod model;
mod routes;
mod service;
mod store;
mod verify;

pub use model::{Event, Outcome};
pub use service::{Audit, Hook, Recorded};
pub use verify::{Finding, Head, Report};
