//! People's secrets at third parties, kept so that only their own requests and agents open them.
//!
//! INVARIANT: what the database holds is sealed under a key it does not hold, bound to the person, the row and the
//! version of the secret: a text copied to another row, or an old one put back, does not open (`connections/model.rs`).
//! INVARIANT: a secret is opened only together with a `vault.read` row in its owner's audit log (`connections/service.rs`).

mod connections;
mod error;
mod rewrap;

pub use connections::{Connection, ConnectionId, Connections, Prepared, Secrets};
pub use error::Error;

use crate::audit::Audit;
use crate::kernel::Kernel;

/// What stands around people's secrets.
#[derive(Clone)]
pub struct Vault {
    kernel: Kernel,
    audit: Audit,
}

impl Vault {
    pub fn new(kernel: Kernel, audit: Audit) -> Self {
        Self { kernel, audit }
    }

    /// Credentials at brokers and other third parties.
    pub fn connections(&self) -> Connections<'_> {
        Connections { kernel: &self.kernel, audit: &self.audit }
    }
}
