//! Proving the log whole: MACs, commitments, the chain, the signed head, dense numbers.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::chain::head_message;
use super::model::{Row, commitment};
use super::service::Audit;
use super::store;
use crate::kernel::{At, db};

const BATCH: i64 = 2_000;

/// One thing that is wrong, with the row it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `changed`, `personal_changed`, `dropped`, `reordered`, `inserted`, `head`, `truncated`.
    pub kind: &'static str,
    pub event_id: Option<String>,
    pub link: Option<i64>,
    pub detail: String,
}

/// What `mandate audit verify` found.
#[derive(Debug, Serialize)]
pub struct Report {
    pub rows: u64,
    pub unlinked: u64,
    pub head: Option<Head>,
    pub findings: Vec<Finding>,
}

/// A signed head, for keeping elsewhere: what the chain was at a moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    pub link: i64,
    pub hash: String,
    pub at: At,
    pub signature: String,
    /// The Ed25519 key that signs heads, hex.
    pub public_key: String,
}

pub(super) fn event_id(id: Uuid) -> String {
    format!("evt_{}", id.simple())
}

struct Walk<'a> {
    audit: &'a Audit,
    link: i64,
    hash: Vec<u8>,
    kept: Option<&'a Head>,
    findings: Vec<Finding>,
    rows: u64,
}

impl Walk<'_> {
    fn find(&mut self, kind: &'static str, row: Option<&Row>, detail: String) {
        let (event_id, link) = (row.map(|row| event_id(row.id)), row.and_then(|row| row.link));
        self.findings.push(Finding { kind, event_id, link, detail });
    }

    fn content(&mut self, row: &Row) {
        self.rows += 1;
        if hmac::verify(&self.audit.0.mac, &row.mac_input(), &row.mac).is_err() {
            let detail = format!(
                "row {} of {} ({}) was changed or was not written by this server",
                row.seq, row.owner, row.event
            );
            self.find("changed", Some(row), detail);
        }
        if let (Some(personal), Some(salt)) = (&row.personal, &row.salt)
            && commitment(salt, personal) != row.commitment
        {
            self.find("personal_changed", Some(row), "address or user agent was changed".into());
        }
    }

    fn chain(&mut self, row: &Row) {
        let link = row.link.unwrap_or_default();
        if link != self.link + 1 {
            let detail =
                format!("the chain jumps from link {} to {link}: rows between were dropped", self.link);
            self.find("dropped", Some(row), detail);
        }
        let expected = row.link_hash(&self.hash, link);
        let stored = row.hash.clone().unwrap_or_default();
        if link == self.link + 1 && expected != stored {
            self.find("reordered", Some(row), format!("link {link} does not follow from the one before"));
        }
        // Going on from the stored hash names each broken place once, not everything after it.
        self.link = link;
        self.hash = stored;
        if let Some(kept) = self.kept.filter(|kept| kept.link == link)
            && kept.hash != hex::encode(&self.hash)
        {
            self.find("head", Some(row), "the chain differs from the head that was kept".into());
        }
    }
}

impl Audit {
    /// The newest signed head.
    pub async fn head(&self) -> Result<Option<Head>, db::Error> {
        let head = store::head(&mut self.0.kernel.db.read().await?).await?;
        Ok(head.map(|(link, hash, at, signature)| Head {
            link,
            hash: hex::encode(hash),
            at,
            signature: hex::encode(signature),
            public_key: hex::encode(self.0.signer.public_key()),
        }))
    }

    /// Reads the whole log. `kept` is a head that was exported earlier; `progress` is told how many rows were read.
    pub async fn verify(&self, kept: Option<&Head>, progress: impl Fn(u64)) -> Result<Report, db::Error> {
        let mut conn = self.0.kernel.db.read().await?;
        let mut walk = Walk { audit: self, link: 0, hash: vec![0; 32], kept, findings: Vec::new(), rows: 0 };
        loop {
            let rows = store::linked_after(&mut conn, walk.link, BATCH).await?;
            for row in &rows {
                walk.content(row);
                walk.chain(row);
            }
            progress(walk.rows);
            if rows.len() < BATCH as usize {
                break;
            }
        }
        let mut unlinked = 0;
        for row in store::unlinked(&mut conn, i64::MAX).await? {
            walk.content(&row);
            unlinked += 1;
        }
        drop(conn);
        let head = self.head().await?;
        self.check_head(&mut walk, head.as_ref());
        let mut conn = self.0.kernel.db.read().await?;
        for (owner, counter, rows, highest) in store::uneven_owners(&mut conn).await? {
            let detail = format!(
                "{owner}: {counter} rows were written, {rows} are there, the last is number {highest}"
            );
            walk.find(if rows < counter { "dropped" } else { "inserted" }, None, detail);
        }
        Ok(Report { rows: walk.rows, unlinked, head, findings: walk.findings })
    }

    fn check_head(&self, walk: &mut Walk<'_>, head: Option<&Head>) {
        if let Some(head) = head {
            let (hash, signature) = (hex::decode(&head.hash), hex::decode(&head.signature));
            let message = head_message(head.link, &hash.unwrap_or_default(), head.at);
            let key = UnparsedPublicKey::new(&ED25519, self.0.signer.public_key().as_ref());
            if key.verify(&message, &signature.unwrap_or_default()).is_err() {
                walk.find(
                    "head",
                    None,
                    format!("the head at link {} is not signed by this server", head.link),
                );
            }
            if head.link > walk.link {
                let detail = format!(
                    "the signed head is link {}, the log ends at {}: its tail was cut off",
                    head.link, walk.link
                );
                walk.find("truncated", None, detail);
            } else if head.link == walk.link && head.hash != hex::encode(&walk.hash) {
                walk.find("head", None, "the last link is not the one that was signed".into());
            } else if head.link < walk.link {
                walk.find("inserted", None, format!("links after {} are not signed", head.link));
            }
        }
        if let Some(kept) = walk.kept.filter(|kept| kept.link > walk.link) {
            let detail = format!(
                "the kept head is link {}, the log ends at {}: its tail was cut off",
                kept.link, walk.link
            );
            walk.find("truncated", None, detail);
        }
    }
}
