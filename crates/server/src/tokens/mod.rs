//! Our tokens: keys, minting, verification, JWKS.
//!
//! INVARIANT: a private key is stored sealed and parsed once per process (`keys.rs`).
//! INVARIANT: a token is verified against exactly one audience: its algorithm, issuer and name (RFC 8725, section 3).

mod keys;
mod model;
mod rewrap;
mod routes;
mod service;
mod store;

pub use mandate_token::Claims;
pub use model::{Config, Error, Minted, Subject};
pub use rewrap::{held_by, rewrap};
pub use service::Tokens;
