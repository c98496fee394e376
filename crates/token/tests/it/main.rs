//! The verifier against fresh keys (`behaviour`), against the vectors that every client library passes
//! (`vectors`, made by `generate`), against anything at all (`parser`), and as a tower layer (`layer`).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "set-up of tests in plain functions")]

mod behaviour;
mod generate;
mod layer;
mod parser;
mod sign;
mod vectors;
