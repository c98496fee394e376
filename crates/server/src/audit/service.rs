//! Writing audit rows.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use futures::future::BoxFuture;
use serde_json::Value;
use uuid::Uuid;

use super::model::{Event, Outcome, Row, commitment};
use super::store;
use crate::kernel::{Kernel, Tx, UserId, db};

/// The audit log.
#[derive(Clone)]
pub struct Audit(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub kernel: Kernel,
    pub mac: hmac::Key,
    pub signer: Ed25519KeyPair,
    hook: OnceLock<Hook>,
}

/// What was just written, for whoever tells the person of it.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    pub user: UserId,
    pub event: &'static str,
    pub resource: Option<&'a str>,
    pub outcome: Outcome,
    pub reason: Option<&'a str>,
    pub details: &'a Value,
}

/// Runs in the transaction of each row that belongs to a person.
pub type Hook =
    Box<dyn for<'a> Fn(&'a mut Tx, Recorded<'a>) -> BoxFuture<'a, Result<(), db::Error>> + Send + Sync>;

impl Audit {
    /// Fails only when the derived key is not a usable Ed25519 seed, which no 32 bytes are not.
    pub fn new(kernel: Kernel) -> Result<Self, aws_lc_rs::error::KeyRejected> {
        let mac = hmac::Key::new(hmac::HMAC_SHA256, kernel.sealer.derive("audit mac").expose());
        let signer = Ed25519KeyPair::from_seed_unchecked(kernel.sealer.derive("audit head").expose())?;
        Ok(Self(Arc::new(Inner { kernel, mac, signer, hook: OnceLock::new() })))
    }

    /// Sets what follows each row; the first to call wins. The slice that tells people stands above this one.
    pub fn follow(&self, hook: Hook) {
        let _ = self.0.hook.set(hook);
    }

    /// Writes the row in the caller's transaction, beside what it records.
    pub async fn append(&self, tx: &mut Tx, event: Event) -> Result<(), db::Error> {
        let kernel = &self.0.kernel;
        let owner = event.owner.map_or(Uuid::nil(), |UserId(id)| id);
        let at = kernel.clock.now();
        let personal = serde_json::to_string(&event.personal).unwrap_or_default();
        let salt: [u8; 16] = kernel.rng.bytes();
        let mut row = Row {
            owner,
            seq: store::next_seq(tx, owner).await?,
            id: kernel.rng.uuid_v7(at),
            at,
            event: event.name.to_owned(),
            body: serde_json::to_string(&event.body).unwrap_or_default(),
            commitment: commitment(&salt, &personal),
            personal: Some(personal),
            salt: Some(salt.to_vec()),
            mac: Vec::new(),
            link: None,
            hash: None,
        };
        row.mac = hmac::sign(&self.0.mac, &row.mac_input()).as_ref().to_vec();
        store::insert(tx, row).await?;
        let (Some(hook), Some(user)) = (self.0.hook.get(), event.owner) else { return Ok(()) };
        let body = &event.body;
        let recorded = Recorded {
            user,
            event: event.name,
            resource: body.resource.as_deref(),
            outcome: body.outcome,
            reason: body.reason.as_deref(),
            details: &body.details,
        };
        hook(tx, recorded).await
    }
}
