//! Trading accounts: where a person's orders go, and as whom.
//!
//! INVARIANT: credentials live in the vault alone, are never answered, and are destroyed with the account
//! (`service::close_account`).
//! INVARIANT: every statement names the owner: another person's account is not found (`store.rs`).

mod credentials;
mod model;
mod routes;
mod service;
mod store;

pub use model::{AccountStatus, AccountView};
pub use routes::routes;

pub(super) use model::{Account, PAPER};
pub(super) use store::{find, set_status};
