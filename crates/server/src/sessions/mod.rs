//! Logins, refresh families, step-up, logout, devices.
//!
//! INVARIANT: one rotation is stored per presented token, whatever the concurrency and on both engines: the row
//! changes only `WHERE current_hash = presented` (`store::rotate`).
//! INVARIANT: a client that got no answer to a refresh holds a token that works: until its successor is used, a
//! predecessor yields that same successor (`refresh.rs`).
//! INVARIANT: a revoked session is refused here within 250 ms: no answer is given from a cache older than 200 ms,
//! and the node that revokes drops its own entry at once (`authenticate.rs`).

mod authenticate;
mod cookies;
mod login;
mod model;
mod one_time;
mod refresh;
mod refresh_token;
mod routes;
mod service;
mod session_routes;
mod store;
mod throttle;

pub use model::{Config, Error};
pub use service::{Parts, Sessions};
