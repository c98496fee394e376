//! Refresh rotation.
//!
//! Each use of the current token stores one successor and retires the token. Two tabs, a retry or a lost answer
//! present the retired one again: the immediate predecessor yields the *same* successor (a) within the grace window,
//! and (b) until the successor's generation has been used, from the same device. Anything else that is retired is
//! reuse: the family ends.
//!
//! INVARIANT: the successor is stored only sealed under a key derived from its predecessor's secret, and is wiped
//! once it was used and the grace window is over (`store::wipe_successors`).
//! INVARIANT: bytes that we never issued change nothing, whatever session id they name (the token's MAC).

use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::model::{Error, Granted, Session};
use super::refresh_token::RefreshToken;
use super::service::Sessions;
use super::store::{self, Rotation};
use crate::audit::Event;
use crate::kernel::{Acting, At, Auth, Caller, Origin, seconds};

/// How the token came.
pub(super) struct Presented<'a> {
    pub token: &'a str,
    /// The device cookie's value.
    pub device: Option<&'a str>,
}

/// A rotation that loses the race to another looks again; two more losses in a row mean the session is being
/// rotated by somebody faster, who holds later tokens.
const TRIES: usize = 3;

impl Sessions {
    pub(super) async fn refresh(&self, presented: Presented<'_>, origin: &Origin) -> Result<Granted, Error> {
        let token = RefreshToken::parse(presented.token, &self.0.refresh_mac).ok_or(Error::InvalidRefresh)?;
        let hash = token.hash();
        for _ in 0..TRIES {
            let now = self.0.kernel.clock.now();
            let session = {
                let mut conn = self.0.kernel.db.read().await?;
                store::find(&mut conn, token.user, token.session).await?.ok_or(Error::InvalidRefresh)?
            };
            if !session.is_live(now) {
                return Err(Error::Ended);
            }
            if bool::from(session.current_hash.ct_eq(&hash)) {
                match self.rotate(&token, &session, now, origin).await? {
                    Some(granted) => return Ok(granted),
                    None => continue,
                }
            }
            if let Some(granted) = self.replay(&token, &hash, session.clone(), now, &presented).await? {
                return Ok(granted);
            }
            self.end_for_reuse(&session, origin).await?;
            return Err(Error::Reuse);
        }
        Err(Error::InvalidRefresh)
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
        let known = session.filter(|session| {
            session.current_hash == hash
                || session.previous_hash.as_ref().is_some_and(|previous| *previous == hash)
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

    /// `None` when another request rotated first.
    async fn rotate(
        &self,
        token: &RefreshToken,
        session: &Session,
        now: At,
        origin: &Origin,
    ) -> Result<Option<Granted>, Error> {
        let inner = &self.0;
        let user = inner.accounts.get(token.user).await?;
        if !user.is_active() {
            return Err(Error::Ended);
        }
        let next = token.next(inner.kernel.rng.bytes());
        let rng = inner.kernel.rng;
        let successor = token
            .successor_key()
            .seal(&move |buffer: &mut [u8]| rng.fill(buffer), &context(&next), &*next.secret)
            .map_err(crate::tokens::Error::from)?;
        let lasts =
            if session.persist { inner.config.persistent_seconds } else { inner.config.short_seconds };
        let mut rotated = Session {
            generation: token.generation + 1,
            confirmed: token.generation,
            expires_at: now.plus(seconds(lasts)).min(session.ends_at),
            last_seen_at: now,
            rotated_at: now,
            ..session.clone()
        };
        rotated.current_hash = next.hash();
        let rotation = Rotation {
            user: token.user,
            session: token.session,
            presented: token.hash(),
            next: rotated.current_hash.clone(),
            successor,
            now,
            expires_at: rotated.expires_at,
            address: origin.address.to_string(),
        };
        let mut tx = inner.kernel.db.begin().await?;
        if !store::rotate(&mut tx, rotation).await? {
            return Ok(None);
        }
        let event =
            Event::new("session.refresh").user(user.id).actor(user.id).session(session.id).from(origin);
        inner.audit.append(&mut tx, event.details(json!({ "generation": rotated.generation }))).await?;
        tx.commit().await?;
        self.grant(&next, rotated, user).map(Some)
    }

    /// The same successor for its immediate predecessor; `None` when this is reuse.
    async fn replay(
        &self,
        token: &RefreshToken,
        hash: &[u8],
        session: Session,
        now: At,
        presented: &Presented<'_>,
    ) -> Result<Option<Granted>, Error> {
        let Some(sealed) = session.successor.as_deref() else { return Ok(None) };
        let is_predecessor =
            session.previous_hash.as_deref().is_some_and(|previous| bool::from(previous.ct_eq(hash)));
        if !is_predecessor {
            return Ok(None);
        }
        let in_grace = now.since(session.rotated_at) <= seconds(self.0.config.grace_seconds);
        let unused = session.confirmed < session.generation;
        if !(in_grace || unused && self.same_device(&session, presented.device)) {
            return Ok(None);
        }
        let mut next = token.next([0; 32]);
        let Ok(secret) = token.successor_key().open(&context(&next), sealed) else { return Ok(None) };
        let Ok(secret) = <[u8; 32]>::try_from(secret.expose().as_slice()) else { return Ok(None) };
        *next.secret = secret;
        let user = self.0.accounts.get(token.user).await?;
        if !user.is_active() {
            return Err(Error::Ended);
        }
        self.grant(&next, session, user).map(Some)
    }

    /// A session that was begun with a device cookie wants it again; a body client's has none.
    fn same_device(&self, session: &Session, device: Option<&str>) -> bool {
        match (&session.device, device) {
            (None, _) => true,
            (Some(known), Some(device)) => bool::from(known.as_slice().ct_eq(&self.device_hash(device))),
            (Some(_), None) => false,
        }
    }

    fn grant(
        &self,
        next: &RefreshToken,
        session: Session,
        user: crate::accounts::User,
    ) -> Result<Granted, Error> {
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
