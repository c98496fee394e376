//! The slice's struct, and what changes or lists sessions: step-up, revocation, sweeping.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::json;

use super::authenticate::Cache;
use super::cookies::Cookies;
use super::model::{Config, Error, Session};
use super::one_time::{self, Purpose};
use super::{store, throttle};
use crate::accounts::{Accounts, User};
use crate::audit::{Audit, Event};
use crate::kernel::{Acting, At, Kernel, Message, Secret, SessionId, UserId, days, db, minutes, seconds};
use crate::tokens::{Minted, Subject, Tokens};

#[derive(Clone)]
pub struct Sessions(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub kernel: Kernel,
    pub audit: Audit,
    pub accounts: Accounts,
    pub tokens: Tokens,
    pub config: Config,
    pub cookies: Cookies,
    /// Makes and checks the MAC of refresh tokens.
    pub refresh_mac: hmac::Key,
    /// Names buckets, devices and fingerprints without holding what they are made of.
    pub device_mac: hmac::Key,
    pub cache: Cache,
}

/// What sessions are built from.
pub struct Parts {
    pub kernel: Kernel,
    pub audit: Audit,
    pub accounts: Accounts,
    pub tokens: Tokens,
}

impl Sessions {
    /// `origin` is the public URL's, when one is set.
    pub fn new(parts: Parts, config: Config, secure_cookies: bool, origin: Option<String>) -> Self {
        let Parts { kernel, audit, accounts, tokens } = parts;
        let key = |label: &str| hmac::Key::new(hmac::HMAC_SHA256, kernel.sealer.derive(label).expose());
        Self(Arc::new(Inner {
            refresh_mac: key("refresh token mac"),
            device_mac: key("device fingerprint"),
            cookies: Cookies { secure: secure_cookies, origin },
            cache: Cache::new(),
            kernel,
            audit,
            accounts,
            tokens,
            config,
        }))
    }

    /// Registers the sweeping job.
    pub fn start(&self) {
        let sessions = self.clone();
        self.0.kernel.jobs.every("sessions.sweep", Duration::from_secs(5), move || {
            let sessions = sessions.clone();
            async move { sessions.sweep().await }
        });
    }

    async fn sweep(&self) -> Result<(), db::Error> {
        let now = self.0.kernel.clock.now();
        let mut tx = self.0.kernel.db.begin().await?;
        store::wipe_successors(&mut tx, now.minus(seconds(self.0.config.grace_seconds))).await?;
        store::sweep(&mut tx, now.minus(days(7)), 500).await?;
        one_time::sweep(&mut tx, now.minus(minutes(10))).await?;
        throttle::sweep(&mut tx, now).await?;
        tx.commit().await
    }

    pub(super) fn mint(&self, user: &User, session: &Session) -> Result<Minted, Error> {
        Ok(self.0.tokens.mint(&Subject {
            user: user.id,
            email: &user.email,
            name: &user.name,
            roles: &user.roles.0,
            tenant: &user.tenant,
            session: session.id,
            generation: session.generation,
            amr: &session.amr.0,
            auth_time: session.auth_time,
        })?)
    }

    /// Proves the person again; a new access token of the same session with a new `auth_time`.
    pub async fn step_up(&self, caller: &Acting, password: Secret<String>) -> Result<Minted, Error> {
        let id = caller.session().ok_or(Error::NotFound)?;
        let user = self.prove_guarded(&caller.email, password, None, &caller.origin).await?;
        if user.id != caller.user {
            return Err(Error::NotFound);
        }
        let now = self.0.kernel.clock.now();
        let amr = vec!["pwd".to_owned()];
        let mut tx = self.0.kernel.db.begin().await?;
        if store::set_auth(&mut tx, caller.user, id, now, &amr).await? != 1 {
            return tx.refuse(Error::Ended).await;
        }
        let Some(session) = store::find(&mut tx, caller.user, id).await? else {
            return tx.refuse(Error::NotFound).await;
        };
        self.0.audit.append(&mut tx, Event::new("auth.step_up").by(caller)).await?;
        tx.commit().await?;
        self.mint(&user, &session)
    }

    /// Signs out of the caller's own session, or of all of them.
    pub(super) async fn sign_out(&self, caller: &Acting, all_devices: bool) -> Result<(), Error> {
        if all_devices {
            return self.revoke_all(caller, None, "logout").await;
        }
        let Some(id) = caller.session() else { return Ok(()) };
        match self.revoke(caller, id, "logout").await {
            // signing out twice is signing out
            Err(Error::NotFound) => Ok(()),
            other => other,
        }
    }

    /// Ends one of a user's sessions.
    pub async fn revoke(&self, caller: &Acting, id: SessionId, reason: &'static str) -> Result<(), Error> {
        let now = self.0.kernel.clock.now();
        let mut tx = self.0.kernel.db.begin().await?;
        if !store::revoke(&mut tx, caller.user, id, now, reason).await? {
            return tx.refuse(Error::NotFound).await;
        }
        let event = Event::new("session.revoked").by(caller).resource(id).reason(reason);
        self.0.audit.append(&mut tx, event).await?;
        tx.commit().await?;
        self.dropped(caller.user, &[id]);
        Ok(())
    }

    /// Ends all of a user's sessions, but for `except`.
    pub async fn revoke_all(
        &self,
        caller: &Acting,
        except: Option<SessionId>,
        reason: &'static str,
    ) -> Result<(), Error> {
        let now = self.0.kernel.clock.now();
        let mut tx = self.0.kernel.db.begin().await?;
        let ended = store::revoke_all(&mut tx, caller.user, except, now, reason).await?;
        let event =
            Event::new("session.revoked").by(caller).reason(reason).details(json!({ "sessions": ended }));
        self.0.audit.append(&mut tx, event).await?;
        tx.commit().await?;
        self.dropped(caller.user, &ended);
        Ok(())
    }

    pub(super) fn dropped(&self, user: UserId, sessions: &[SessionId]) {
        for id in sessions {
            self.0.cache.forget(*id);
        }
        self.0.kernel.bus.publish(Message {
            topic: "session.revoked",
            user: Some(user.0),
            data: json!({ "sessions": sessions }),
        });
    }

    /// Sets a new password. Somebody who has none yet (who came by a login link) needs no current one, but a fresh
    /// session. Other sessions end.
    pub async fn change_password(
        &self,
        caller: &Acting,
        current: Option<Secret<String>>,
        new: Secret<String>,
    ) -> Result<(), Error> {
        let accounts = &self.0.accounts;
        let user = match (accounts.get(caller.user).await?, current) {
            (user, None) if user.password_hash.is_none() => user,
            (user, current) => {
                let current = current.unwrap_or_else(|| Secret::new(String::new()));
                let proven = self.prove_guarded(&user.email, current, None, &caller.origin).await?;
                if proven.id == user.id { proven } else { return Err(Error::NotFound) }
            }
        };
        let hash = accounts.hash_new_password(&user, new).await?;
        let now = self.0.kernel.clock.now();
        let mut tx = self.0.kernel.db.begin().await?;
        accounts.store_password(&mut tx, user.id, &hash).await?;
        let ended = store::revoke_all(&mut tx, user.id, caller.session(), now, "password_changed").await?;
        self.0.audit.append(&mut tx, Event::new("auth.password_changed").by(caller)).await?;
        tx.commit().await?;
        self.dropped(user.id, &ended);
        Ok(())
    }

    /// A page of live sessions, the last seen first.
    pub(super) async fn list(
        &self,
        user: UserId,
        after: Option<(At, SessionId)>,
        limit: i64,
    ) -> Result<Vec<Session>, Error> {
        let now = self.0.kernel.clock.now();
        let before = after.unwrap_or((At(i64::MAX), SessionId(uuid::Uuid::max())));
        let mut conn = self.0.kernel.db.read().await?;
        Ok(store::live(&mut conn, user, now, before, limit).await?)
    }

    /// A ticket for opening a websocket: 30 seconds, once.
    pub(super) async fn issue_ticket(&self, caller: &Acting) -> Result<Secret<String>, Error> {
        let ticket = one_time::generate("tkt_", self.0.kernel.rng);
        let ends = self.0.kernel.clock.now().plus(seconds(30));
        let mut tx = self.0.kernel.db.begin().await?;
        one_time::insert(&mut tx, &ticket, Purpose::Ticket, (caller.user, caller.session()), ends).await?;
        tx.commit().await?;
        Ok(ticket)
    }
}
