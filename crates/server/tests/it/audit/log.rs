//! Logs to damage: written by hand in the old form, kept aside, and put back after each damage.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::{digest, hmac, signature::Ed25519KeyPair};
use mandate::audit::Audit;
use mandate::config::Config;
use mandate::kernel::{Kernel, Secret, SystemClock};
use mandate::{execute, fetch_all};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::harness::TestDatabase;

/// The columns that are damaged and put back.
const KEPT: &[&str] = &["audit_events", "audit_counters", "audit_heads"];
/// What one transaction of the old linking job took at most.
const BATCH: usize = 200;

/// A log without a server, so that nothing mends it while it is looked at.
pub struct Log {
    pub kernel: Kernel,
    pub audit: Audit,
    /// The row at each place, from 1.
    pub ids: Vec<Uuid>,
    _data: tempfile::TempDir,
    _database: TestDatabase,
}

impl Log {
    pub async fn empty() -> Self {
        let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await);
        let config = Config {
            data_dir: data.path().join("data"),
            database_url: database.url().map(|url| Secret::new(url.to_owned())),
            database_connections: 4,
            ..Config::default()
        };
        let kernel = Kernel::open(&config, Arc::new(SystemClock)).await.unwrap();
        let audit = Audit::new(kernel.clone()).unwrap();
        Self { kernel, audit, ids: Vec::new(), _data: data, _database: database }
    }

    /// A log as versions before the tree wrote it: the format, from its description, in the test's own words.
    pub async fn old(rows: usize) -> Self {
        let mut log = Self::empty().await;
        let owners = [Uuid::nil(), Uuid::from_u128(7), Uuid::from_u128(8), Uuid::from_u128(9)];
        let mac = hmac::Key::new(hmac::HMAC_SHA256, log.kernel.sealer.derive("audit mac").expose());
        let signer =
            Ed25519KeyPair::from_seed_unchecked(log.kernel.sealer.derive("audit head").expose()).unwrap();
        let start = log.kernel.clock.now().0 - 3_600_000_000;
        let mut tx = log.kernel.db.begin().await.unwrap();
        let (mut seqs, mut hash) = ([0_i64; 4], vec![0_u8; 32]);
        for index in 0..rows {
            let (place, link) = (index * 7 % 4, i64::try_from(index).unwrap() + 1);
            seqs[place] += 1;
            let (owner, at, id) = (owners[place], start + link * 1000, log.kernel.rng.uuid());
            let body = format!(r#"{{"outcome":"success","details":{{"round":{index}}}}}"#);
            let personal = format!(r#"{{"address":"127.0.0.{}"}}"#, index % 250);
            let salt = [u8::try_from(index % 256).unwrap(); 16];
            let commitment = digest::digest(&digest::SHA256, &[&salt[..], personal.as_bytes()].concat());
            let mut covered = b"mandate-audit-1".to_vec();
            covered.extend_from_slice(owner.as_bytes());
            covered.extend_from_slice(&seqs[place].to_be_bytes());
            covered.extend_from_slice(id.as_bytes());
            covered.extend_from_slice(&at.to_be_bytes());
            for part in [b"auth.login".as_slice(), body.as_bytes(), commitment.as_ref()] {
                covered.extend_from_slice(&(part.len() as u64).to_be_bytes());
                covered.extend_from_slice(part);
            }
            let tag = hmac::sign(&mac, &covered);
            hash = [&hash[..], &link.to_be_bytes(), tag.as_ref()].concat();
            hash = digest::digest(&digest::SHA256, &hash).as_ref().to_vec();
            execute!(
                tx,
                "INSERT INTO audit_events \
                 (owner, seq, id, at, event, body, personal, salt, commitment, mac, link, hash) \
                 VALUES ($1, $2, $3, $4, 'auth.login', $5, $6, $7, $8, $9, $10, $11)",
                owner,
                seqs[place],
                id,
                at,
                body,
                personal,
                &salt[..],
                commitment.as_ref(),
                tag.as_ref(),
                link,
                &hash[..]
            )
            .unwrap();
            if (index + 1) % BATCH == 0 || index + 1 == rows {
                let mut message = b"mandate-audit-head-1".to_vec();
                message.extend_from_slice(&link.to_be_bytes());
                message.extend_from_slice(&hash);
                message.extend_from_slice(&at.to_be_bytes());
                execute!(
                    tx,
                    "INSERT INTO audit_heads (link, hash, at, signature) VALUES ($1, $2, $3, $4)",
                    link,
                    &hash[..],
                    at,
                    signer.sign(&message).as_ref()
                )
                .unwrap();
            }
        }
        for (owner, seq) in owners.iter().zip(seqs) {
            execute!(tx, "INSERT INTO audit_counters (owner, seq) VALUES ($1, $2)", owner, seq).unwrap();
        }
        tx.commit().await.unwrap();
        log.keep().await;
        log
    }

    /// Sets the log aside as it is now.
    pub async fn keep(&mut self) {
        let mut conn = self.kernel.db.read().await.unwrap();
        let ids = fetch_all!(conn, (Uuid,), "SELECT id FROM audit_events ORDER BY link").unwrap();
        self.ids = ids.into_iter().map(|(id,)| id).collect();
        for table in KEPT {
            self.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
    }

    /// Puts back what was set aside.
    pub async fn restore(&self) {
        for table in KEPT {
            self.run(&format!("DELETE FROM {table}")).await;
            self.run(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }

    /// What somebody with the database's password does. Returns how many rows changed.
    pub async fn run(&self, sql: &str) -> u64 {
        let mut tx = self.kernel.db.begin().await.unwrap();
        let changed = execute!(tx, AssertSqlSafe(sql.to_owned()));
        let changed = changed.unwrap_or_else(|error| panic!("{sql}: {error}"));
        tx.commit().await.unwrap();
        changed
    }

    /// Two places `a < b`, apart from each other and from the ends, the same for the same seed.
    pub fn places(&self, seed: u64) -> (usize, usize) {
        let room = self.ids.len() / 2 - 10;
        let pick = |salt: u64| {
            let spread = (seed * 2 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
            usize::try_from(spread).unwrap() % room
        };
        (pick(1) + 5, self.ids.len() / 2 + pick(2))
    }

    pub async fn close(self) {
        self.kernel.db.close().await;
        // the pool's last connections leave before the database is dropped
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
