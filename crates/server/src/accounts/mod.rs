//! People: who they are and how they prove it. Knows no token.
//!
//! INVARIANT: an unknown e-mail and a wrong password take the same time and give the same answer (`service::prove`).
//! INVARIANT: hashing runs on a bounded pool; past its bound callers are refused at once (`password.rs`).

mod model;
mod password;
mod routes;
mod service;
mod store;

pub use model::{Config, Error, Profile, User};
pub use service::{Accounts, NewUser};
