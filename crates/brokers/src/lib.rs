//! Places where orders are executed: one trait, one folder per broker.
//!
//! A broker adapter is given credentials, a base URL and an HTTP client, and knows nothing of users, databases
//! or web frameworks. Money and quantities are decimals, never floats.
//!
//! INVARIANT: an adapter sends an order at most once per call; after a timeout it answers [`Error::Unknown`] and
//! never sends again (`ndollar::NDollar::place`).
//! INVARIANT: no error text or `Debug` output holds a credential (`connection::Credentials`, `ndollar::scrub`).

mod broker;
mod connection;
mod error;
pub mod ndollar;
mod order;
pub mod paper;

pub use broker::{Broker, CredentialShape, Descriptor, Field, Login, Outgoing, Renewed};
pub use connection::{AuthMode, Connection, Credentials};
pub use error::Error;
pub use order::{Kind, NewOrder, Report, Side, State};

/// What every broker of this build asks of a person, in the order in which they are offered.
pub fn descriptors() -> [&'static Descriptor; 2] {
    [&paper::DESCRIPTOR, &ndollar::DESCRIPTOR]
}
