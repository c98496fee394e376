//! Refresh rotation.
//!
//! Each use of the current token stores one successor and retires the token. Two tabs, a retry or a lost answer
//! present the retired one again: the immediate predecessor yields the *same* successor (a) within the grace window,
//! and (b) until the successor's generation has been used, from the same device. Anything else that is retired is
//! reuse: the family ends.
//!
//! INVARIANT: the successor is stored only sealed under a key derived from its predecessor's secret, and is wiped
//! once it was used and the grace window is over (`store::wipe_successors`).
//! INVARIANT: one write transaction finds, and rotates, replays or ends; a reader decides nothing but that a session is
//! dead. Its commit comes before the answer, so that nothing that was told is lost (`decide`).
//! INVARIANT: what passes is never a dead token: `Busy` and a database that is away leave the client its token.
//! INVARIANT: bytes that we never issued change nothing, whatever session id they name (the token's MAC).

use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::model::{Error, Granted, Session};
use super::refresh_token::RefreshToken;
use super::service::Sessions;
use super::store::{self, Rotation};
use crate::accounts::User;
use crate::audit::{Event, Outcome};
use crate::kernel::{Acting, At, Auth, Caller, Origin, Tx, seconds};

/// How the token came.
pub(super) struct Presented<'a> {
    pub token: &'a str,
    /// The device cookie's value.
    pub device: Option<&'a str>,
}

/// What is asked for, and by whom.
struct Asked<'a> {
    token: RefreshToken,
    hash: Vec<u8>,
    device: Option<&'a str>,
    origin: &'a Origin,
}

impl Asked<'_> {
    fn is_current(&self, session: &Session) -> bool {
        session.current_hash.ct_eq(&self.hash).into()
    }
    fn is_predecessor(&self, session: &Session) -> bool {
        session.previous_hash.as_ref().is_some_and(|previous| previous.ct_eq(&self.hash).into())
    }
}

/// A rotation that is ready to be stored, and what its winner is given.
struct Offer {
    rotation: Rotation,
    granted: Granted,
}

/// What the transaction came to; told after its commit.
enum Verdict {
    Granted(Box<Granted>),
    Reuse,
}

/// Who loses a race looks again, in the same transaction. To lose this often, others must change the session between
/// any two statements of ours.
const TRIES: usize = 4;

impl Sessions {
    /// Whatever passes (the database is away, too many races lost) is an error that keeps the client's token.
    pub(super) async fn refresh(&self, presented: Presented<'_>, origin: &Origin) -> Result<Granted, Error> {
        let inner = &self.0;
        let token = RefreshToken::parse(presented.token, &inner.refresh_mac).ok_or(Error::InvalidRefresh)?;
        let (user, id) = (token.user, token.session);
        let asked = Asked { hash: token.hash(), token, device: presented.device, origin };
        // A reader shows what is durable, and the dead stay dead: that much it may decide, no more.
        let (session, user) = {
            let mut conn = inner.kernel.db.read().await?;
            let session = store::find(&mut conn, user, id).await?.ok_or(Error::Ended)?;
            let user = inner.accounts.find(&mut conn, user).await?;
            (session, user.filter(User::is_active).ok_or(Error::Ended)?)
        };
        let now = inner.kernel.clock.now();
        if !session.is_live(now) {
            return Err(Error::Ended);
        }
        let offer = if asked.is_current(&session) { Some(self.offer(&asked, session, &user)?) } else { None };
        let mut tx = inner.kernel.db.begin().await?;
        let verdict = self.decide(&mut tx, &asked, &user, offer).await;
        match tx.end(verdict).await? {
            Verdict::Granted(granted) => Ok(*granted),
            Verdict::Reuse => {
                self.dropped(user.id, &[id]);
                Err(Error::Reuse)
            }
        }
    }

    /// Rotates, replays or ends the family: in one transaction, by what that transaction sees.
    async fn decide(
        &self,
        tx: &mut Tx,
        asked: &Asked<'_>,
        user: &User,
        mut offer: Option<Offer>,
    ) -> Result<Verdict, Error> {
        let (owner, id) = (asked.token.user, asked.token.session);
        for _ in 0..TRIES {
            if let Some(Offer { rotation, granted }) = offer.take()
                && store::rotate(tx, rotation).await?
            {
                let generation = json!({ "generation": granted.session.generation });
                let event = Event::new("session.refresh").user(owner).actor(owner).session(id);
                self.0.audit.append(tx, event.from(asked.origin).details(generation)).await?;
                return Ok(Verdict::Granted(Box::new(granted)));
            }
            let now = self.0.kernel.clock.now();
            let session = store::find(tx, owner, id).await?.filter(|session| session.is_live(now));
            let session = session.ok_or(Error::Ended)?;
            if asked.is_current(&session) {
                offer = Some(self.offer(asked, session, user)?);
            } else if let Some(next) = self.successor(asked, &session, now) {
                // holds the row, so that a family that is ended at this moment gives nothing out after its end
                if store::seen(tx, &session, now).await? {
                    return Ok(Verdict::Granted(Box::new(self.grant(&next, session, user.clone())?)));
                }
            } else if store::revoke(tx, owner, id, now, "reuse").await? {
                self.record_reuse(tx, asked).await?;
                return Ok(Verdict::Reuse);
            }
        }
        Err(Error::Busy)
    }

    /// A session whose retired token came back: the family ends and the person is told.
    async fn record_reuse(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<(), Error> {
        let id = asked.token.session;
        let event = Event::new("session.reuse")
            .user(asked.token.user)
            .session(id)
            .from(asked.origin)
            .resource(id)
            .outcome(Outcome::Denied)
            .reason("a retired refresh token was presented; the session was ended");
        Ok(self.0.audit.append(tx, event).await?)
    }

    /// Whose live session a refresh cookie belongs to: enough to sign out, nothing else.
    pub(super) async fn caller_of_cookie(
        &self,
        token: &str,
        origin: &Origin,
    ) -> Result<Option<Acting>, Error> {
        let Some(token) = RefreshToken::parse(token, &self.0.refresh_mac) else { return Ok(None) };
        let hash = token.hash();
        let session = {
            let mut conn = self.0.kernel.db.read().await?;
            store::find(&mut conn, token.user, token.session).await?
        };
        // a session that has ended ends no others
        let known = session.filter(|session| session.is_live(self.0.kernel.clock.now())).filter(|session| {
            let same = |known: &Vec<u8>| bool::from(known.ct_eq(&hash));
            same(&session.current_hash) || session.previous_hash.as_ref().is_some_and(same)
        });
        Ok(known.map(|session| Acting {
            user: token.user,
            email: String::new(),
            roles: std::sync::Arc::from([]),
            by: Caller::Person {
                session: session.id,
                auth: Auth { time: session.auth_time, amr: Vec::new(), mfa_enrolled: true },
            },
            expires_at: origin.at,
            origin: origin.clone(),
        }))
    }

    /// The successor of a session's current token, sealed for whoever presents that token again.
    fn offer(&self, asked: &Asked<'_>, session: Session, user: &User) -> Result<Offer, Error> {
        let inner = &self.0;
        let (token, rng, now) = (&asked.token, inner.kernel.rng, inner.kernel.clock.now());
        let next = token.next(rng.bytes());
        let successor = token
            .successor_key()
            .seal(&move |buffer: &mut [u8]| rng.fill(buffer), &context(&next), &*next.secret)
            .map_err(crate::tokens::Error::from)?;
        let lasts =
            if session.persist { inner.config.persistent_seconds } else { inner.config.short_seconds };
        let rotated = Session {
            generation: token.generation + 1,
            confirmed: token.generation,
            expires_at: now.plus(seconds(lasts)).min(session.ends_at),
            last_seen_at: now,
            rotated_at: now,
            current_hash: next.hash(),
            ..session
        };
        let rotation = Rotation {
            user: token.user,
            session: token.session,
            presented: asked.hash.clone(),
            next: rotated.current_hash.clone(),
            successor,
            now,
            expires_at: rotated.expires_at,
            address: asked.origin.address.to_string(),
        };
        Ok(Offer { rotation, granted: self.grant(&next, rotated, user.clone())? })
    }

    /// The same successor for its immediate predecessor; `None` when this is reuse.
    fn successor(&self, asked: &Asked<'_>, session: &Session, now: At) -> Option<RefreshToken> {
        let sealed = session.successor.as_deref().filter(|_| asked.is_predecessor(session))?;
        let in_grace = now.since(session.rotated_at) <= seconds(self.0.config.grace_seconds);
        let unused = session.confirmed < session.generation;
        if !(in_grace || unused && self.same_device(session, asked.device)) {
            return None;
        }
        let mut next = asked.token.next([0; 32]);
        let secret = asked.token.successor_key().open(&context(&next), sealed).ok()?;
        *next.secret = secret.expose().as_slice().try_into().ok()?;
        Some(next)
    }

    /// A session that was begun with a device cookie wants it again; a body client's has none.
    fn same_device(&self, session: &Session, device: Option<&str>) -> bool {
        match (&session.device, device) {
            (None, _) => true,
            (Some(known), Some(device)) => bool::from(known.as_slice().ct_eq(&self.device_hash(device))),
            (Some(_), None) => false,
        }
    }

    fn grant(&self, next: &RefreshToken, session: Session, user: User) -> Result<Granted, Error> {
        let minted = self.mint(&user, &session)?;
        let refresh_token = next.to_text(&self.0.refresh_mac);
        Ok(Granted {
            access_token: minted.token,
            expires_in: minted.expires_in,
            refresh_token,
            session,
            user,
        })
    }
}

/// Binds a sealed successor to its place.
fn context(next: &RefreshToken) -> Vec<u8> {
    mandate_seal::bind(&[&next.user.to_string(), &next.session.to_string(), &next.generation.to_string()])
}
