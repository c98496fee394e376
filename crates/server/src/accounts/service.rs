//! Use cases of people and their passwords.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;

use serde_json::json;
use sqlx::types::Json;

use super::model::{Config, Error, Profile, User, check_email, check_name, check_password, normalize_email};
use super::password::Hasher;
use super::store;
use crate::audit::{Audit, Event};
use crate::kernel::{Acting, At, Conn, Kernel, Origin, Secret, UserId, db};

#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    kernel: Kernel,
    audit: Audit,
    config: Config,
    hasher: Hasher,
    /// Profiles as they are shown, never older than `SHOWN`.
    shown: Cache<UserId, (At, Arc<Profile>)>,
}

/// How old a shown profile may be: another node's change is seen after that.
const SHOWN: Duration = Duration::from_millis(200);
const SHOWN_PROFILES: usize = 10_000;

/// What an account is made from.
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub phone: Option<String>,
    /// None: the person signs in by link or provider.
    pub password: Option<Secret<String>>,
    pub roles: Vec<String>,
}

impl Accounts {
    pub fn new(kernel: Kernel, audit: Audit, config: Config) -> Self {
        let hasher = Hasher::new(config.hash_queue, kernel.rng);
        let shown = Cache::new(SHOWN_PROFILES);
        Self(Arc::new(Inner { kernel, audit, config, hasher, shown }))
    }

    /// A stranger's registration. The answer and its time do not tell whether the address was known.
    pub async fn register(&self, new: NewUser, origin: &Origin) -> Result<(), Error> {
        if !self.0.config.registration {
            return Err(Error::Closed);
        }
        match self.create(new, "auth.register", origin).await {
            Ok(_) | Err(Error::Exists) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Makes an account; `event` names the audit row.
    pub async fn create(&self, new: NewUser, event: &'static str, origin: &Origin) -> Result<User, Error> {
        check_email(&new.email)?;
        check_name(&new.name)?;
        let phone = new.phone.map(|phone| phone.trim().to_owned()).filter(|phone| !phone.is_empty());
        if phone.as_ref().is_some_and(|phone| phone.len() > 30) {
            return Err(Error::Invalid { field: "phone", message: "at most 30 characters".into() });
        }
        let password_hash = match new.password {
            Some(password) => {
                check_password(password.expose(), &new.email, &new.name)?;
                Some(self.0.hasher.hash(password).await?)
            }
            None => None,
        };
        let at = self.0.kernel.clock.now();
        let user = User {
            id: UserId::new(self.0.kernel.rng, at),
            email: new.email.trim().to_owned(),
            email_verified: false,
            name: new.name.trim().to_owned(),
            phone,
            roles: Json(new.roles),
            tenant: "default".into(),
            tier: "standard".into(),
            external_ids: Json(std::collections::BTreeMap::new()),
            password_hash,
            disabled_at: None,
            created_at: at,
        };
        let mut tx = self.0.kernel.db.begin().await?;
        if !store::insert(&mut tx, &user, &normalize_email(&user.email)).await? {
            return tx.refuse(Error::Exists).await;
        }
        let row = Event::new(event).user(user.id).actor(user.id).from(origin).resource(user.id);
        self.0.audit.append(&mut tx, row.details(json!({ "roles": user.roles.0 }))).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Checks an e-mail and a password; the same work whether or not the account is there.
    pub async fn prove(&self, email: &str, password: Secret<String>) -> Result<User, Error> {
        let user = {
            let mut conn = self.0.kernel.db.read().await?;
            store::find_by_email(&mut conn, &normalize_email(email)).await?
        };
        let stored = user.as_ref().and_then(|user| user.password_hash.clone());
        let matches = self.0.hasher.verify(password, stored).await?;
        match user {
            Some(user) if matches && user.is_active() => Ok(user),
            Some(_) if matches => Err(Error::Disabled),
            _ => Err(Error::WrongPassword),
        }
    }

    /// The same for somebody already signed in: step-up, password change.
    pub async fn prove_again(&self, id: UserId, password: Secret<String>) -> Result<User, Error> {
        let user = self.get(id).await?;
        let matches = self.0.hasher.verify(password, user.password_hash.clone()).await?;
        if matches && user.is_active() { Ok(user) } else { Err(Error::WrongPassword) }
    }

    /// Hashes a new password after checking it against the rules.
    pub async fn hash_new_password(&self, user: &User, password: Secret<String>) -> Result<String, Error> {
        check_password(password.expose(), &user.email, &user.name).map_err(|error| match error {
            Error::Invalid { message, .. } => Error::Invalid { field: "new_password", message },
            other => other,
        })?;
        self.0.hasher.hash(password).await
    }

    pub async fn store_password(&self, conn: &mut Conn, id: UserId, hash: &str) -> Result<(), Error> {
        store::set_password(conn, id, hash).await?;
        self.0.shown.remove(&id);
        Ok(())
    }

    pub async fn get(&self, id: UserId) -> Result<User, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        store::find(&mut conn, id).await?.ok_or(Error::NotFound)
    }

    /// The profile as its owner sees it.
    pub async fn profile(&self, id: UserId) -> Result<Arc<Profile>, Error> {
        let now = self.0.kernel.clock.now();
        if let Some((read_at, profile)) = self.0.shown.get(&id)
            && now.since(read_at) < SHOWN
        {
            return Ok(profile);
        }
        let profile = Arc::new(Profile::from(&self.get(id).await?));
        self.0.shown.insert(id, (now, Arc::clone(&profile)));
        Ok(profile)
    }

    pub async fn find_by_email(&self, email: &str) -> Result<Option<User>, db::Error> {
        let mut conn = self.0.kernel.db.read().await?;
        store::find_by_email(&mut conn, &normalize_email(email)).await
    }

    /// Read inside the caller's own transaction or connection.
    pub async fn find(&self, conn: &mut Conn, id: UserId) -> Result<Option<User>, db::Error> {
        store::find(conn, id).await
    }

    pub async fn change_profile(
        &self,
        caller: &Acting,
        name: Option<String>,
        phone: Option<String>,
    ) -> Result<User, Error> {
        let mut user = self.get(caller.user).await?;
        if let Some(name) = name {
            check_name(&name)?;
            name.trim().clone_into(&mut user.name);
        }
        if let Some(phone) = phone {
            user.phone = Some(phone.trim().to_owned()).filter(|phone| !phone.is_empty());
        }
        let mut tx = self.0.kernel.db.begin().await?;
        store::set_profile(&mut tx, user.id, &user.name, user.phone.as_deref()).await?;
        self.0.audit.append(&mut tx, Event::new("user.changed").by(caller).resource(user.id)).await?;
        tx.commit().await?;
        self.0.shown.remove(&user.id);
        Ok(user)
    }

    /// Nobody has registered yet: the first start.
    pub async fn is_empty(&self) -> Result<bool, db::Error> {
        Ok(store::count(&mut self.0.kernel.db.read().await?).await? == 0)
    }

    pub async fn first_admin(&self) -> Result<Option<UserId>, db::Error> {
        store::first_admin(&mut self.0.kernel.db.read().await?).await
    }
}
