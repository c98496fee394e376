//! The integration suite: the real server over real HTTP, on SQLite, or on PostgreSQL when
//! `MANDATE_TEST_DATABASE_URL` names a server on which databases may be created.

mod harness;

mod accounts;
mod agents;
mod audit;
mod cli;
mod mandates;
mod market;
mod sessions;
mod trading;
mod vault;
