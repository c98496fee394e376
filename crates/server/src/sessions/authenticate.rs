//! From a token to a `Acting`.
//!
//! The signature is checked by the token crate (cached); whether the session lives, and the person's current roles,
//! come from a bounded cache that is never older than 200 ms and from which this node's own revocations are dropped
//! at once.
//!
//! INVARIANT: when the database cannot be asked, a token is refused after those 200 ms (fail closed).
//! INVARIANT: the first use of a refresh generation is stored before the request is served.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use quick_cache::sync::Cache as QuickCache;

use super::model::Error;
use super::one_time::{self, Purpose};
use super::service::Sessions;
use super::store;
use crate::kernel::{Acting, At, Auth, Caller, Origin, Problem, SessionId, UserId};
use crate::tokens::Claims;

const FRESH: Duration = Duration::from_millis(200);
const SESSIONS: usize = 50_000;

/// What is known of a live session.
struct Entry {
    read_at: At,
    user: UserId,
    email: String,
    roles: Arc<[String]>,
    mfa_enrolled: bool,
    ends_at: At,
    confirmed: AtomicI64,
    auth_time: At,
    amr: Vec<String>,
}

pub(super) struct Cache(QuickCache<SessionId, Arc<Entry>>);

impl Cache {
    pub fn new() -> Self {
        Self(QuickCache::new(SESSIONS))
    }
    pub fn forget(&self, id: SessionId) {
        self.0.remove(&id);
    }
}

fn ended() -> Problem {
    Error::Ended.into()
}

impl Sessions {
    /// Who presents this access token. Refused when its session has ended.
    pub async fn authenticate(&self, token: &str, origin: &Origin) -> Result<Acting, Problem> {
        let claims = self.0.tokens.verify(token)?;
        let (user, session) = ids(&claims).ok_or_else(ended)?;
        let entry = self.entry(user, session, origin.at).await?;
        self.confirm(user, session, &entry, claims.generation.unwrap_or(0)).await?;
        Ok(Acting {
            user,
            email: entry.email.clone(),
            roles: Arc::clone(&entry.roles),
            by: kind(&claims, session, entry.mfa_enrolled),
            expires_at: At::from_unix(claims.exp),
            origin: origin.clone(),
        })
    }

    /// Who was given this websocket ticket. A ticket is good once.
    pub async fn redeem_ticket(&self, ticket: &str, origin: &Origin) -> Result<Acting, Problem> {
        let now = self.0.kernel.clock.now();
        let mut tx = self.0.kernel.db.begin().await?;
        let spent = one_time::spend(&mut tx, ticket, Purpose::Ticket, now).await?;
        tx.commit().await?;
        let Some((user, Some(session))) = spent else { return Err(Error::NotOnce.into()) };
        let entry = self.entry(user, session, now).await?;
        Ok(Acting {
            user,
            email: entry.email.clone(),
            roles: Arc::clone(&entry.roles),
            by: Caller::Person {
                session,
                auth: Auth {
                    time: entry.auth_time,
                    amr: entry.amr.clone(),
                    mfa_enrolled: entry.mfa_enrolled,
                },
            },
            // a socket that was opened by ticket lasts as long as a token given now would
            expires_at: now.plus(self.0.tokens.lifetime()).min(entry.ends_at),
            origin: origin.clone(),
        })
    }

    /// Whether a session still lives: for streams that outlast their request.
    pub async fn is_live(&self, user: UserId, session: SessionId) -> Result<bool, Problem> {
        match self.entry(user, session, self.0.kernel.clock.now()).await {
            Ok(_) => Ok(true),
            Err(problem) if problem.status == http::StatusCode::UNAUTHORIZED => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    async fn entry(&self, user: UserId, session: SessionId, now: At) -> Result<Arc<Entry>, Problem> {
        if let Some(entry) = self.0.cache.0.get(&session)
            && now.since(entry.read_at) < FRESH
        {
            return if entry.user == user && now < entry.ends_at { Ok(entry) } else { Err(ended()) };
        }
        // The age counts from before the read: what is revoked while it runs is seen at the next one.
        let read_at = self.0.kernel.clock.now();
        let mut conn = self.0.kernel.db.read().await?;
        let row =
            store::find(&mut conn, user, session).await?.filter(|row| row.is_live(now)).ok_or_else(ended)?;
        let account = self.0.accounts.find(&mut conn, user).await?.filter(crate::accounts::User::is_active);
        let account = account.ok_or_else(ended)?;
        let entry = Arc::new(Entry {
            read_at,
            user,
            mfa_enrolled: account.mfa_enrolled(),
            email: account.email,
            roles: account.roles.0.into(),
            ends_at: row.expires_at.min(row.ends_at),
            confirmed: AtomicI64::new(row.confirmed),
            auth_time: row.auth_time,
            amr: row.amr.0,
        });
        self.0.cache.0.insert(session, Arc::clone(&entry));
        Ok(entry)
    }

    async fn confirm(
        &self,
        user: UserId,
        session: SessionId,
        entry: &Entry,
        generation: i64,
    ) -> Result<(), Problem> {
        if generation <= entry.confirmed.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut tx = self.0.kernel.db.begin().await?;
        store::confirm(&mut tx, user, session, generation).await?;
        tx.commit().await?;
        entry.confirmed.fetch_max(generation, Ordering::AcqRel);
        Ok(())
    }
}

/// What kind of caller a token of ours speaks of: the claims say so, and a person is who has neither of them.
fn kind(claims: &Claims, session: SessionId, mfa_enrolled: bool) -> Caller {
    if let Some(actor) = &claims.act {
        return Caller::Agent { act: actor.sub.clone(), session: Some(session) };
    }
    if let Some(client) = &claims.client_id {
        return Caller::Client { client: client.clone(), scopes: Arc::from([]), session: Some(session) };
    }
    let auth =
        Auth { time: At::from_unix(claims.auth_time.unwrap_or(0)), amr: claims.amr.clone(), mfa_enrolled };
    Caller::Person { session, auth }
}

fn ids(claims: &Claims) -> Option<(UserId, SessionId)> {
    Some((claims.sub.parse().ok()?, claims.session_id.as_deref()?.parse().ok()?))
}
