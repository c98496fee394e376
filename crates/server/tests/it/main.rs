//! The integration suite: the real server over real HTTP, on SQLite, or on PostgreSQL when
//! `MANDATE_TEST_DATABASE_URL` names a server on which databases may be created.

// a test that cannot go on panics; the harness stands outside of `#[test]` functions
#![allow(clippy::unwrap_used, clippy::expect_used)]
// tests speak in seconds, copy freely and know their own file names
#![allow(
    clippy::duration_suboptimal_units,
    clippy::assigning_clones,
    clippy::case_sensitive_file_extension_comparisons
)]
mod harness;

mod access;
mod accounts;
mod agents;
mod audit;
mod cli;
mod doctor;
mod edge;
mod generated;
mod ladder;
mod log;
mod mandates;
mod market;
mod notices;
mod refresh;
mod sessions;
mod source;
mod tasks;
mod tidy;
mod tour;
mod trading;
mod transactions;
mod troubles;
mod vault;
