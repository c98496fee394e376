//! Mandate: the server that stands between people, AI agents and the places where agents act for them.
//!
//! Slices stand on a ladder, each using only those before it:
//! `kernel < audit < notices < accounts < tokens < sessions < vault < market < mandates < trading < agents`;
//! `app`, `http` and `cli` use all (`tests/it/ladder.rs`).

pub mod accounts;
pub mod agents;
pub mod app;
pub mod audit;
pub mod cli;
pub mod config;
pub mod console;
pub mod development;
pub mod health;
pub mod http;
pub mod kernel;
pub mod mandates;
pub mod market;
pub mod notices;
pub mod sessions;
pub mod tokens;
pub mod trading;
pub mod vault;
