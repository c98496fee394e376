//! What is kept, and what its sealed text is bound to.

use std::collections::BTreeMap;

use crate::id;
use crate::kernel::{At, Secret, UserId};

id!(ConnectionId, "con_");

/// Named secrets, as a third party's form asks for them.
pub type Secrets = BTreeMap<String, Secret<String>>;

/// A stored row. Its sealed text is not part of what others see.
#[derive(Clone, sqlx::FromRow)]
pub struct Connection {
    pub user_id: UserId,
    pub id: ConnectionId,
    pub provider: String,
    pub(in crate::vault) sealed: String,
    /// Counts the credentials it has held, from 1.
    pub version: i64,
    pub created_at: At,
    /// When the credentials were last replaced or destroyed.
    pub changed_at: At,
    pub destroyed_at: Option<At>,
}

impl Connection {
    pub(in crate::vault) fn parts(&self) -> Parts {
        Parts::new(self.user_id, self.id, self.version)
    }
}

/// Credentials that are sealed and wait for a transaction: `Connections::keep`.
pub struct Prepared {
    pub(super) user: UserId,
    pub(super) id: ConnectionId,
    pub(super) provider: String,
    pub(super) version: i64,
    pub(super) sealed: String,
    pub(super) key_id: String,
}

/// What a sealed text is bound to.
pub(in crate::vault) struct Parts([String; 4]);

impl Parts {
    pub(super) fn new(user: UserId, id: ConnectionId, version: i64) -> Self {
        Self([user.to_string(), "connection".to_owned(), id.to_string(), version.to_string()])
    }

    pub(in crate::vault) fn bound(&self) -> [&str; 4] {
        self.0.each_ref().map(String::as_str)
    }
}
