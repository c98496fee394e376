//! Limits on failed sign-ins.
//!
//! Three buckets: (account, address), the address alone with room for an office behind one, and, for a device the
//! account was used from before, a bucket of its own that no attacker elsewhere can fill (so that nobody can lock an
//! owner out). Past its limit a bucket is blocked, at first for 30 seconds, twice as long each further failure, at most 15 minutes.

use aws_lc_rs::hmac;

use crate::kernel::{At, Conn, db, minutes, seconds};
use crate::{execute, fetch_optional};

const WINDOW: std::time::Duration = minutes(5);
const LONGEST: u64 = 15 * 60;
/// An address may fail this many times as often as one account from it.
const ADDRESS_FACTOR: i64 = 10;

/// The buckets one attempt falls into, with each one's limit.
pub(super) struct Buckets(Vec<(Vec<u8>, i64)>);

impl Buckets {
    pub fn new(key: &hmac::Key, email: &str, address: &str, known_device: Option<&[u8]>, limit: u32) -> Self {
        let email = email.trim().to_lowercase();
        let name = |parts: &[&[u8]]| {
            let mut context = hmac::Context::with_key(key);
            for part in parts {
                context.update(&(part.len() as u64).to_be_bytes());
                context.update(part);
            }
            context.sign().as_ref().to_vec()
        };
        let limit = i64::from(limit);
        match known_device {
            Some(device) => Self(vec![(name(&[b"device", email.as_bytes(), device]), limit)]),
            None => Self(vec![
                (name(&[b"account", email.as_bytes(), address.as_bytes()]), limit),
                (name(&[b"address", address.as_bytes()]), limit * ADDRESS_FACTOR),
            ]),
        }
    }

    /// Seconds to wait, when one of the buckets is blocked.
    pub async fn blocked(&self, conn: &mut Conn, now: At) -> Result<Option<u64>, db::Error> {
        let mut longest = None;
        for (bucket, _) in &self.0 {
            let row = fetch_optional!(
                conn,
                (At,),
                "SELECT blocked_until FROM login_failures WHERE bucket = $1 AND blocked_until > $2",
                bucket,
                now
            )?;
            if let Some((until,)) = row {
                longest = longest.max(Some(until.since(now).as_secs() + 1));
            }
        }
        Ok(longest)
    }

    pub async fn failed(&self, conn: &mut Conn, now: At) -> Result<(), db::Error> {
        for (bucket, limit) in &self.0 {
            let row = fetch_optional!(
                conn,
                (i64,),
                "INSERT INTO login_failures (bucket, failures, since, blocked_until) VALUES ($1, 1, $2, 0) \
                 ON CONFLICT (bucket) DO UPDATE SET \
                 failures = CASE WHEN login_failures.since < $3 AND login_failures.blocked_until < $3 THEN 1 \
                            ELSE login_failures.failures + 1 END, \
                 since = CASE WHEN login_failures.since < $3 AND login_failures.blocked_until < $3 THEN $2 \
                         ELSE login_failures.since END \
                 RETURNING failures",
                bucket,
                now,
                now.minus(WINDOW)
            )?;
            let over = row.map_or(0, |(failures,)| failures - limit);
            if over >= 0 {
                let wait = LONGEST.min(30_u64.saturating_mul(1 << over.min(10)));
                execute!(
                    conn,
                    "UPDATE login_failures SET blocked_until = $2 WHERE bucket = $1",
                    bucket,
                    now.plus(seconds(wait))
                )?;
            }
        }
        Ok(())
    }

    /// After a success the account's own buckets are empty again; the address keeps its count.
    pub async fn succeeded(&self, conn: &mut Conn) -> Result<u64, db::Error> {
        match self.0.first() {
            Some((bucket, _)) => execute!(conn, "DELETE FROM login_failures WHERE bucket = $1", bucket),
            None => Ok(0),
        }
    }
}

pub(super) async fn sweep(conn: &mut Conn, now: At) -> Result<u64, db::Error> {
    let old = now.minus(WINDOW);
    execute!(conn, "DELETE FROM login_failures WHERE since < $1 AND blocked_until < $1", old)
}
