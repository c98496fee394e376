//! Things that work once: login links and websocket tickets.
//!
//! INVARIANT: only the SHA-256 of one is stored; it is spent by a conditional update.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::kernel::{At, Conn, Rng, Secret, SessionId, UserId, db};
use crate::{execute, fetch_optional};

/// 256 random bits under a prefix that says what it is.
pub(super) fn generate(prefix: &str, rng: Rng) -> Secret<String> {
    Secret::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(rng.bytes::<32>())))
}

fn hash(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

/// For what a one-time token is good.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    LoginLink,
    Ticket,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::LoginLink => "login_link",
            Self::Ticket => "ticket",
        }
    }
}

pub(super) async fn insert(
    conn: &mut Conn,
    token: &Secret<String>,
    purpose: Purpose,
    user: (UserId, Option<SessionId>),
    expires_at: At,
) -> Result<(), db::Error> {
    execute!(
        conn,
        "INSERT INTO one_time (hash, purpose, user_id, session_id, expires_at) VALUES ($1, $2, $3, $4, $5)",
        hash(token.expose()),
        purpose.name(),
        user.0,
        user.1.map(|session| session.0),
        expires_at
    )?;
    Ok(())
}

/// Who it was for; `None` when it was spent, has expired or never was.
pub(super) async fn spend(
    conn: &mut Conn,
    token: &str,
    purpose: Purpose,
    now: At,
) -> Result<Option<(UserId, Option<SessionId>)>, db::Error> {
    let row = fetch_optional!(
        conn,
        (UserId, Option<Uuid>),
        "UPDATE one_time SET used_at = $3 WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 \
         RETURNING user_id, session_id",
        hash(token),
        purpose.name(),
        now
    )?;
    Ok(row.map(|(user, session)| (user, session.map(SessionId))))
}

pub(super) async fn sweep(conn: &mut Conn, before: At) -> Result<u64, db::Error> {
    execute!(conn, "DELETE FROM one_time WHERE expires_at < $1", before)
}
