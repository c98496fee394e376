//! Linking rows into the hash chain and signing its head.
//!
//! INVARIANT: a link number is given once; two nodes that link at the same time collide on the head's key, and one of
//! them leaves nothing.

use super::service::Audit;
use super::store;
use crate::kernel::{At, db};
use uuid::Uuid;

/// Rows per transaction: short enough that writers are not kept waiting.
pub(super) const BATCH: i64 = 200;

/// Before every row.
const FIRST: (At, Uuid) = (At(i64::MIN), Uuid::nil());

/// What a head's signature covers.
pub(super) fn head_message(link: i64, hash: &[u8], at: At) -> Vec<u8> {
    let mut out = b"mandate-audit-head-1".to_vec();
    out.extend_from_slice(&link.to_be_bytes());
    out.extend_from_slice(hash);
    out.extend_from_slice(&at.0.to_be_bytes());
    out
}

impl Audit {
    /// Registers the linking job.
    pub fn start(&self) {
        let audit = self.clone();
        self.0.kernel.jobs.every("audit.link", std::time::Duration::from_millis(500), move || {
            let audit = audit.clone();
            async move { audit.link().await }
        });
    }

    /// Links everything that waits; returns when the log is linked to its end.
    pub async fn link(&self) -> Result<(), db::Error> {
        while self.link_batch().await? {}
        Ok(())
    }

    async fn link_batch(&self) -> Result<bool, db::Error> {
        let kernel = &self.0.kernel;
        // Looked at outside a write transaction first: an idle server writes nothing.
        if store::unlinked(&mut kernel.db.read().await?, FIRST, 1).await?.is_empty() {
            return Ok(false);
        }
        let mut tx = kernel.db.begin().await?;
        let head = store::heads_after(&mut tx, 0, 1, true).await?.pop();
        let (mut link, mut hash) = head.map_or((0, vec![0; 32]), |head| (head.link, head.hash));
        let rows = store::unlinked(&mut tx, FIRST, BATCH).await?;
        for row in &rows {
            link += 1;
            hash = row.link_hash(&hash, link);
            if store::set_link(&mut tx, row, link, &hash).await? != 1 {
                tx.discard().await?;
                return Ok(true);
            }
        }
        if rows.is_empty() {
            tx.discard().await?;
            return Ok(false);
        }
        let at = kernel.clock.now();
        let signature = self.0.signer.sign(&head_message(link, &hash, at));
        store::insert_head(&mut tx, link, &hash, at, signature.as_ref()).await?;
        tx.commit().await?;
        Ok(rows.len() == BATCH as usize)
    }
}
