//! Telling people what happened: `/v1/events`, a stream that resumes where it broke.
//!
//! INVARIANT: a notice is written in the transaction of the audit row it tells of (`service::hook`): nothing that the
//! person should know happens without it, and nothing that was rolled back is told.
//! INVARIANT: numbers are dense per person and become visible in order, so a reader that resumes after a number
//! misses nothing and sees nothing twice (`store::append`).
//! INVARIANT: a stream ends when its token ends, its session is revoked or the server stops (`stream.rs`).

mod model;
mod routes;
mod service;
mod store;
mod stream;

pub use model::Config;
pub use service::Notices;
