//! The hash chain and its signed heads.

use aws_lc_rs::signature::{ED25519, KeyPair as _, UnparsedPublicKey};

use super::{BATCH, Head, Walk};
use crate::audit::chain::{BATCH as LINKED_AT_ONCE, head_message};
use crate::audit::model::Row;
use crate::audit::service::Audit;
use crate::audit::store;
use crate::kernel::{Conn, db};

/// Where the reading of the chain stands.
#[derive(Default)]
struct Place {
    link: i64,
    hash: Vec<u8>,
    /// The newest head that was met.
    head: i64,
}

impl Audit {
    /// The newest signed head.
    pub async fn head(&self) -> Result<Option<Head>, db::Error> {
        let head = store::heads_after(&mut self.0.kernel.db.read().await?, 0, 1, true).await?.pop();
        Ok(head.map(|head| self.shown(head)))
    }

    fn shown(&self, head: store::StoredHead) -> Head {
        Head {
            link: head.link,
            hash: hex::encode(head.hash),
            at: head.at,
            signature: hex::encode(head.signature),
            public_key: hex::encode(self.0.signer.public_key()),
        }
    }

    fn signed(&self, head: &Head) -> bool {
        let (Ok(hash), Ok(signature)) = (hex::decode(&head.hash), hex::decode(&head.signature)) else {
            return false;
        };
        let key = UnparsedPublicKey::new(&ED25519, self.0.signer.public_key().as_ref());
        key.verify(&head_message(head.link, &hash, head.at), &signature).is_ok()
    }
}

impl Walk<'_> {
    pub(super) async fn chain(&mut self, conn: &mut Conn) -> Result<(), db::Error> {
        let mut place = Place { hash: vec![0; 32], ..Place::default() };
        loop {
            let rows = store::linked_between(conn, place.link, i64::MAX, BATCH).await?;
            // A head is written with its rows: those of these rows are there.
            let to = rows.last().and_then(|row| row.link).unwrap_or(i64::MAX);
            let heads = self.heads(conn, place.head, to).await?;
            if rows.is_empty() && heads.is_empty() {
                break;
            }
            if rows.is_empty() && !store::has_link_after(conn, place.link).await? {
                // Heads without rows, and they are not of rows that came in between.
                self.cut_off(&heads[0], place.link);
                return Ok(());
            }
            let mut heads = heads.into_iter().peekable();
            for row in &rows {
                self.next(&mut place, row);
                while let Some(head) = heads.next_if(|head| head.link <= place.link) {
                    self.head(&mut place, row, &head);
                }
                self.kept(&place, row);
            }
            (self.progress)(self.rows);
        }
        if place.head < place.link {
            self.find("head", None, format!("links after {} are not signed: heads are missing", place.head));
        }
        if let Some(kept) = self.kept {
            if !self.audit.signed(kept) {
                self.find("head", None, "the kept head is not signed with this server's key");
            }
            if kept.link > place.link {
                self.cut_off(&kept.clone(), place.link);
            }
        }
        Ok(())
    }

    async fn heads(&self, conn: &mut Conn, after: i64, to: i64) -> Result<Vec<Head>, db::Error> {
        let mut heads = Vec::new();
        let mut from = after;
        loop {
            let page = store::heads_after(conn, from, BATCH, false).await?;
            let full = page.len() == BATCH as usize;
            from = page.last().map_or(from, |head| head.link);
            heads.extend(page.into_iter().filter(|head| head.link <= to).map(|head| self.audit.shown(head)));
            if !full || from > to || to == i64::MAX {
                return Ok(heads);
            }
        }
    }

    fn cut_off(&mut self, head: &Head, end: i64) {
        let detail =
            format!("a head is signed at link {}, the log ends at {end}: its tail was cut off", head.link);
        self.find("truncated", None, detail);
    }

    fn next(&mut self, place: &mut Place, row: &Row) {
        let link = row.link.unwrap_or_default();
        if self.strays.contains(&row.id) {
            // it got its place while we read
            self.rows -= 1;
        }
        self.content(row);
        if link != place.link + 1 {
            let detail =
                format!("the chain jumps from link {} to {link}: rows between were dropped", place.link);
            self.find("dropped", Some(row), detail);
        }
        let stored = row.hash.clone().unwrap_or_default();
        if link == place.link + 1 && row.link_hash(&place.hash, link) != stored {
            self.find("reordered", Some(row), format!("link {link} does not follow from the one before"));
        }
        // Going on from the stored hash names each broken place once, not everything after it.
        (place.link, place.hash) = (link, stored);
    }

    fn head(&mut self, place: &mut Place, row: &Row, head: &Head) {
        if !self.audit.signed(head) {
            let detail = format!("the head at link {} is not signed with this server's key", head.link);
            self.find("head", Some(row), detail);
        } else if head.link < place.link {
            self.find("head", Some(row), format!("link {}, which was signed, is gone", head.link));
        } else if head.hash != hex::encode(&place.hash) {
            self.find("head", Some(row), format!("link {} is not the one that was signed", head.link));
        }
        // Each transaction links at most so many rows, and signs the last one.
        if head.link - place.head > LINKED_AT_ONCE {
            let detail = format!("heads between link {} and {} are missing", place.head, head.link);
            self.find("head", Some(row), detail);
        }
        place.head = head.link;
    }

    fn kept(&mut self, place: &Place, row: &Row) {
        if let Some(kept) = self.kept.filter(|kept| kept.link == place.link)
            && kept.hash != hex::encode(&place.hash)
        {
            self.find("head", Some(row), "the chain differs from the head that was kept");
        }
    }
}
