//! Keeping and opening credentials. Sealing and opening happen outside transactions: a key service may be asked.

use std::collections::BTreeMap;

use mandate_seal::Sealed;
use serde_json::json;

use super::model::{Connection, ConnectionId, Parts, Prepared, Secrets};
use super::store;
use crate::audit::{Audit, Event};
use crate::kernel::{Conn, Kernel, Secret, Tx, UserId, key_of};
use crate::vault::Error;

/// The connections of all people; every call names whose it means.
#[derive(Clone, Copy)]
pub struct Connections<'a> {
    pub(in crate::vault) kernel: &'a Kernel,
    pub(in crate::vault) audit: &'a Audit,
}

impl Connections<'_> {
    /// Seals the first credentials of a new connection; `keep` stores them.
    pub async fn prepare(&self, user: UserId, provider: &str, secrets: &Secrets) -> Result<Prepared, Error> {
        let id = ConnectionId::new(self.kernel.rng, self.kernel.clock.now());
        self.seal((user, id), provider, 1, secrets).await
    }

    /// Seals credentials that are to replace those of `before`; `keep` swaps them in.
    pub async fn prepare_swap(&self, before: &Connection, secrets: &Secrets) -> Result<Prepared, Error> {
        if before.destroyed_at.is_some() {
            return Err(Error::Destroyed);
        }
        self.seal((before.user_id, before.id), &before.provider, before.version + 1, secrets).await
    }

    async fn seal(
        &self,
        (user, id): (UserId, ConnectionId),
        provider: &str,
        version: i64,
        secrets: &Secrets,
    ) -> Result<Prepared, Error> {
        let exposed: BTreeMap<&str, &str> =
            secrets.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
        let text = Secret::new(serde_json::to_vec(&exposed).map_err(|_| Error::Shape)?);
        let sealed = self.kernel.sealer.seal(&Parts::new(user, id, version).bound(), text.expose()).await?;
        let key_id = key_of(&sealed).to_owned();
        Ok(Prepared { user, id, provider: provider.to_owned(), version, sealed, key_id })
    }

    /// Stores what was prepared, in the caller's transaction, beside the caller's own rows and audit.
    ///
    /// # Errors
    /// `Changed` when somebody else replaced or destroyed the credentials since they were prepared.
    pub async fn keep(&self, tx: &mut Tx, prepared: &Prepared) -> Result<ConnectionId, Error> {
        let at = self.kernel.clock.now();
        let kept = if prepared.version == 1 {
            store::insert(tx, prepared, at).await?
        } else {
            store::swap(tx, prepared, at).await?
        };
        if kept == 1 { Ok(prepared.id) } else { Err(Error::Changed) }
    }

    pub async fn get(&self, conn: &mut Conn, user: UserId, id: ConnectionId) -> Result<Connection, Error> {
        store::find(conn, user, id).await?.ok_or(Error::NotFound)
    }

    /// The credentials, with a `vault.read` row in the owner's log that says what for. When that cannot be written,
    /// nothing is opened.
    pub async fn open(&self, user: UserId, id: ConnectionId, purpose: &str) -> Result<Secrets, Error> {
        let connection = self.get(&mut self.kernel.db.read().await?, user, id).await?;
        if connection.destroyed_at.is_some() {
            return Err(Error::Destroyed);
        }
        let text = self.kernel.sealer.open(&connection.parts().bound(), &connection.sealed).await?;
        let secrets: Secrets = serde_json::from_slice(text.expose()).map_err(|_| Error::Shape)?;
        let details = json!({ "provider": connection.provider, "version": connection.version });
        let row = Event::new("vault.read")
            .user(user)
            .actor("mandate")
            .resource(id)
            .reason(purpose)
            .details(details);
        let mut tx = self.kernel.db.begin().await?;
        self.audit.append(&mut tx, row).await?;
        tx.commit().await?;
        Ok(secrets)
    }

    /// Destroys the data key and keeps the row. False: there is nothing to destroy any more.
    pub async fn destroy(&self, tx: &mut Tx, user: UserId, id: ConnectionId) -> Result<bool, Error> {
        let before = self.get(tx, user, id).await?;
        if before.destroyed_at.is_some() {
            return Ok(false);
        }
        let shredded = before.sealed.parse::<Sealed>()?.shred().to_string();
        match store::destroy(tx, &before, &shredded, self.kernel.clock.now()).await? {
            0 => Err(Error::Changed),
            _ => Ok(true),
        }
    }
}
