//! The verifier against fresh keys (`behaviour`),
//! against anything at all (`parser`), and as a tower layer (`layer`).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "set-up of tests in plain functions")]

mod behaviour;
mod layer;
mod parser;
mod sign;
