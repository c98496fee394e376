//! Proving the log whole: MACs, commitments, places, heads, dense numbers.
//!
//! INVARIANT: every row is checked wherever its `link` stands: below 1 and without a place (`strays.rs`), in the chain
//! (`chain.rs`). Places are positive and dense from 1; so are each owner's numbers (`owners.rs`).
//! INVARIANT: the log may grow while it is read: nothing that a running server does is a finding.

mod chain;
mod owners;
mod strays;

use std::collections::HashSet;

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{Row, commitment};
use super::service::Audit;
use crate::kernel::{At, db};

/// Rows per read.
const BATCH: i64 = 2_000;

/// One thing that is wrong, with the row it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `changed`, `personal_changed`, `misplaced`, `unlinked`, `dropped`, `reordered`, `inserted`, `head`, `truncated`.
    pub kind: &'static str,
    pub event_id: Option<String>,
    pub link: Option<i64>,
    pub detail: String,
}

/// What `mandate audit verify` found.
#[derive(Debug, Serialize)]
pub struct Report {
    pub rows: u64,
    /// Rows that have no place yet.
    pub unlinked: u64,
    /// Rows whose personal fields were erased; their commitment still holds.
    pub erased: u64,
    pub head: Option<Head>,
    /// In the order of the log: the first one names the first bad row.
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

/// One reading of the log.
struct Walk<'a> {
    audit: &'a Audit,
    kept: Option<&'a Head>,
    progress: &'a (dyn Fn(u64) + Send + Sync),
    findings: Vec<Finding>,
    rows: u64,
    erased: u64,
    /// Rows without a proper place, which were counted already.
    strays: HashSet<Uuid>,
}

impl Walk<'_> {
    fn find(&mut self, kind: &'static str, row: Option<&Row>, detail: impl Into<String>) {
        let (event_id, link) = (row.map(|row| event_id(row.id)), row.and_then(|row| row.link));
        self.findings.push(Finding { kind, event_id, link, detail: detail.into() });
    }

    /// MAC and commitment, which need no neighbour.
    fn content(&mut self, row: &Row) {
        self.rows += 1;
        if hmac::verify(&self.audit.0.mac, &row.mac_input(), &row.mac).is_err() {
            let detail = format!(
                "row {} of {} ({}) was changed or was not written by this server",
                row.seq, row.owner, row.event
            );
            self.find("changed", Some(row), detail);
        }
        match (&row.personal, &row.salt) {
            (Some(personal), Some(salt)) if commitment(salt, personal) == row.commitment => {}
            (Some(_), Some(_)) => {
                self.find("personal_changed", Some(row), "address or user agent was changed");
            }
            (Some(_), None) => {
                self.find("personal_changed", Some(row), "address and user agent stand without their salt");
            }
            (None, Some(_)) => {
                self.find("personal_changed", Some(row), "address and user agent were taken out by hand");
            }
            (None, None) => self.erased += 1,
        }
    }
}

impl Audit {
    /// Reads the whole log. `kept` is a head that was exported earlier; `progress` is told how many rows were read.
    pub async fn verify(
        &self,
        kept: Option<&Head>,
        progress: impl Fn(u64) + Send + Sync,
    ) -> Result<Report, db::Error> {
        let mut walk = Walk {
            audit: self,
            kept,
            progress: &progress,
            findings: Vec::new(),
            rows: 0,
            erased: 0,
            strays: HashSet::new(),
        };
        let mut conn = self.0.kernel.db.read().await?;
        walk.misplaced(&mut conn).await?;
        let unlinked = walk.unlinked(&mut conn).await?;
        walk.chain(&mut conn).await?;
        walk.owners(&mut conn).await?;
        drop(conn);
        Ok(Report {
            rows: walk.rows,
            unlinked,
            erased: walk.erased,
            head: self.head().await?,
            findings: walk.findings,
        })
    }
}
