//! Writing audit rows.

use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use uuid::Uuid;

use super::model::{Event, Row, commitment};
use super::store;
use crate::kernel::{Kernel, Tx, UserId, db};

/// The audit log.
#[derive(Clone)]
pub struct Audit(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub kernel: Kernel,
    pub mac: hmac::Key,
    pub signer: Ed25519KeyPair,
}

impl Audit {
    /// Fails only when the derived key is not a usable Ed25519 seed, which no 32 bytes are not.
    pub fn new(kernel: Kernel) -> Result<Self, aws_lc_rs::error::KeyRejected> {
        let mac = hmac::Key::new(hmac::HMAC_SHA256, kernel.sealer.derive("audit mac").expose());
        let signer = Ed25519KeyPair::from_seed_unchecked(kernel.sealer.derive("audit head").expose())?;
        Ok(Self(Arc::new(Inner { kernel, mac, signer })))
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
        store::insert(tx, row).await
    }
}
