//! Beginning a session: by password, by one-time link.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sqlx::types::Json;
use zeroize::Zeroizing;

use super::model::{Delivery, Error, Granted, Session};
use super::one_time::{self, Purpose};
use super::refresh_token::RefreshToken;
use super::service::Sessions;
use super::{store, throttle::Buckets};
use crate::accounts::{self, User};
use crate::audit::{Event, Outcome};
use crate::kernel::{Origin, Secret, SessionId, UserId, minutes, seconds};

/// What a client wants of its session.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    pub persist: bool,
    pub device_name: Option<String>,
    pub delivery: Delivery,
    /// The device cookie's value.
    pub device: Option<String>,
}

impl Sessions {
    /// Checks a password under the limits on failures, and records a failure.
    pub(super) async fn prove_guarded(
        &self,
        email: &str,
        password: Secret<String>,
        device: Option<&str>,
        origin: &Origin,
    ) -> Result<User, Error> {
        let inner = &self.0;
        let now = inner.kernel.clock.now();
        let device = self.known_device(email, device).await?;
        let address = origin.address.to_string();
        let limit = inner.config.login_failures;
        let buckets = Buckets::new(&inner.device_mac, email, &address, device.as_deref(), limit);
        let blocked = buckets.blocked(&mut inner.kernel.db.read().await?, now).await?;
        if let Some(retry_after) = blocked {
            return Err(Error::Throttled { retry_after });
        }
        match inner.accounts.prove(email, password).await {
            Ok(user) => Ok(user),
            Err(error @ (accounts::Error::WrongPassword | accounts::Error::Disabled)) => {
                let known = inner.accounts.find_by_email(email).await?;
                let mut tx = inner.kernel.db.begin().await?;
                buckets.failed(&mut tx, inner.kernel.clock.now()).await?;
                let mut event = Event::new("auth.login_failed").from(origin).outcome(Outcome::Failure);
                if let Some(user) = known {
                    event = event.user(user.id);
                }
                inner.audit.append(&mut tx, event).await?;
                tx.commit().await?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The device cookie's hash, if this account was used with it before.
    async fn known_device(&self, email: &str, device: Option<&str>) -> Result<Option<Vec<u8>>, Error> {
        let Some(device) = device else { return Ok(None) };
        let Some(user) = self.0.accounts.find_by_email(email).await? else { return Ok(None) };
        let hash = self.device_hash(device);
        let mut conn = self.0.kernel.db.read().await?;
        Ok(store::knows_device(&mut conn, user.id, &hash).await?.then_some(hash))
    }

    pub(super) fn device_hash(&self, device: &str) -> Vec<u8> {
        hmac::sign(&self.0.device_mac, device.as_bytes()).as_ref().to_vec()
    }

    pub(super) async fn login(
        &self,
        email: &str,
        password: Secret<String>,
        wish: Wish,
        origin: &Origin,
    ) -> Result<Granted, Error> {
        let user = self.prove_guarded(email, password, wish.device.as_deref(), origin).await?;
        self.begin(user, wish, "pwd", origin).await
    }

    /// Redeems a one-time login link.
    pub(super) async fn redeem_link(
        &self,
        token: &str,
        wish: Wish,
        origin: &Origin,
    ) -> Result<Granted, Error> {
        let now = self.0.kernel.clock.now();
        let mut tx = self.0.kernel.db.begin().await?;
        let spent = one_time::spend(&mut tx, token, Purpose::LoginLink, now).await?;
        tx.commit().await?;
        let Some((user, _)) = spent else { return Err(Error::NotOnce) };
        let user = self.0.accounts.get(user).await?;
        if !user.is_active() {
            return Err(Error::NotOnce);
        }
        self.begin(user, wish, "link", origin).await
    }

    /// A login link's token: ten minutes, once. Whoever holds it is signed in as this user.
    pub async fn make_login_link(&self, user: UserId, origin: &Origin) -> Result<Secret<String>, Error> {
        let token = one_time::generate("mll_", self.0.kernel.rng);
        let ends = self.0.kernel.clock.now().plus(minutes(10));
        let mut tx = self.0.kernel.db.begin().await?;
        one_time::insert(&mut tx, &token, Purpose::LoginLink, (user, None), ends).await?;
        self.0.audit.append(&mut tx, Event::new("auth.link_made").user(user).from(origin)).await?;
        tx.commit().await?;
        Ok(token)
    }

    async fn begin(&self, user: User, wish: Wish, method: &str, origin: &Origin) -> Result<Granted, Error> {
        let inner = &self.0;
        let now = inner.kernel.clock.now();
        let id = SessionId::new(inner.kernel.rng, now);
        let refresh = RefreshToken {
            user: user.id,
            session: id,
            generation: 0,
            secret: Zeroizing::new(inner.kernel.rng.bytes()),
        };
        let lasts = if wish.persist { inner.config.persistent_seconds } else { inner.config.short_seconds };
        let device = wish.device.as_deref().map(|device| self.device_hash(device));
        let session = Session {
            user_id: user.id,
            id,
            delivery: wish.delivery.name().to_owned(),
            persist: wish.persist,
            device_name: wish.device_name,
            address: origin.address.to_string(),
            user_agent: origin.user_agent.clone(),
            fingerprint: self.fingerprint(origin, device.as_deref()),
            device,
            auth_time: now,
            amr: Json(vec![method.to_owned()]),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(seconds(lasts)),
            ends_at: now.plus(seconds(inner.config.absolute_seconds)),
            generation: 0,
            confirmed: 0,
            current_hash: refresh.hash(),
            previous_hash: None,
            rotated_at: now,
            successor: None,
            revoked_at: None,
        };
        let minted = self.mint(&user, &session)?;
        let mut tx = inner.kernel.db.begin().await?;
        store::insert(&mut tx, &session).await?;
        if method == "pwd" {
            self.clear_failures(&mut tx, &user, &session).await?;
        }
        let event =
            Event::new("auth.login").user(user.id).actor(user.id).session(id).from(origin).resource(id);
        inner.audit.append(&mut tx, event.details(json!({ "method": method }))).await?;
        tx.commit().await?;
        let refresh_token = refresh.to_text(&inner.refresh_mac);
        Ok(Granted {
            access_token: minted.token,
            expires_in: minted.expires_in,
            refresh_token,
            session,
            user,
        })
    }

    async fn clear_failures(
        &self,
        tx: &mut crate::kernel::Tx,
        user: &User,
        session: &Session,
    ) -> Result<(), Error> {
        let limit = self.0.config.login_failures;
        for device in [None, session.device.as_deref()] {
            let buckets = Buckets::new(&self.0.device_mac, &user.email, &session.address, device, limit);
            buckets.succeeded(tx).await?;
        }
        Ok(())
    }

    /// A keyed hash over what stays the same about a device: its cookie, else its stable headers.
    fn fingerprint(&self, origin: &Origin, device: Option<&[u8]>) -> Vec<u8> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(origin.user_agent.as_bytes());
        context.update(&[0]);
        context.update(device.unwrap_or_default());
        hmac::sign(&self.0.device_mac, context.finish().as_ref()).as_ref()[..16].to_vec()
    }

    /// A new device cookie's value.
    pub(super) fn new_device(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.kernel.rng.bytes::<32>())
    }
}
