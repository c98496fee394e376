//! Trading accounts: where a person's orders go, and as whom.
//!
//! INVARIANT: a credential is sealed for its owner, its account and its version before it is stored, is never
//! answered, and is gone when the account is deleted or the credential replaced (`credentials.rs`).
//! INVARIANT: every statement names the owner: another person's account is not found (`store.rs`).

mod credentials;
mod model;
mod routes;
mod service;
mod store;

pub use model::{AccountStatus, AccountView};
pub use routes::routes;

pub(super) use credentials::bare_connection;
pub(super) use model::{Account, PAPER};
pub(super) use store::{find, set_status};
