//! The integration suite: the real server over real HTTP, on SQLite, or on PostgreSQL when
//! `MANDATE_TEST_DATABASE_URL` names a server on which databases may be created.

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
mod mandates;
mod market;
mod notices;
mod sessions;
mod source;
mod tidy;
mod tour;
mod trading;
mod vault;
