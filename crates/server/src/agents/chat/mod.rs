//! Chat: a person's text, an agent's answer as a stream that can be read again from any place.
//!
//! A run lives in a task of its own: readers come and go. What it says is written down, then shown.
//!
//! INVARIANT: an event is shown only after the transaction that holds it (`run::Run::flush`), so a reader that comes
//! back after event n gets n+1 and all that follow, byte for byte, on any node (`follow`).
//! INVARIANT: only the node that holds the run writes it: every write needs `status = 'running'` and a number that
//! is not taken (`store::touch`, primary key of `run_events`).
//! INVARIANT: commands are carried out only after the model ended well, and each under the id of its run and place.

mod answer;
mod context;
mod follow;
mod live;
mod lost;
mod model;
mod routes;
mod run;
mod service;
mod store;
mod watch;

pub(super) use live::Runs;
pub(super) use routes::routes;
