//! Creating, changing, revoking and reading mandates.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use sqlx::types::Json;

use super::{
    approvals::Reach,
    budget::{self, Key},
    model::{AccountFacts, Config, Directory, Error, Mandate, MandateId, Status, Terms, Usage},
    store,
};
use crate::{
    audit::{Audit, Event},
    kernel::{
        Acting, AgentId, At, Conn, Kernel, Message, Page, Paged, Problem, Tx, UserId, days, db, hours,
        seconds,
    },
};

/// How long days and ended reservations are kept; the audit log tells of them for ever.
const KEPT: Duration = days(90);

/// The mandates of everybody, and the gate that they make.
#[derive(Clone)]
pub struct Mandates(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub kernel: Kernel,
    pub audit: Audit,
    pub config: Config,
    pub directory: Directory,
}

/// A mandate as it is shown: with what it has used of today.
pub(super) type Seen = (Mandate, Status, Usage);

impl Mandates {
    pub fn new(kernel: Kernel, audit: Audit, config: Config, directory: Directory) -> Self {
        Self(Arc::new(Inner { kernel, audit, config, directory }))
    }

    /// Starts the jobs: approvals end when their time is over, old rows go.
    pub fn start(&self) {
        let (own, sweeper) = (self.clone(), self.clone());
        self.0.kernel.jobs.every("mandates.approvals", seconds(2), move || {
            let own = own.clone();
            async move { own.expire_approvals().await }
        });
        self.0.kernel.jobs.every("mandates.sweep", hours(1), move || {
            let sweeper = sweeper.clone();
            async move { sweeper.sweep().await }
        });
    }

    pub(super) async fn create(
        &self,
        caller: &Acting,
        agent: AgentId,
        terms: Terms,
        expires_at: Option<At>,
    ) -> Result<Seen, Error> {
        let kernel = &self.0.kernel;
        let now = kernel.clock.now();
        let mut wrong = terms.check();
        wrong.extend(check_end(expires_at, now));
        let named = (self.0.directory.agent)(caller.user, agent).await.map_err(Error::Asked)?;
        if !named {
            wrong.push(("agent_id".into(), "there is no such agent for you".into()));
        }
        let accounts = self.accounts(caller.user, &terms, wrong).await?;
        let live = accounts.live;
        if live && !caller.mfa_enrolled() {
            return Err(Error::NoSecondFactor);
        }
        let mandate = Mandate {
            user_id: caller.user,
            id: MandateId::new(kernel.rng, now),
            agent_id: agent,
            terms: Json(terms),
            zone: accounts.zone,
            live,
            created_at: now,
            updated_at: now,
            expires_at,
            revoked_at: None,
        };
        let mut tx = kernel.db.begin().await?;
        store::disclaim_expired(&mut tx, caller.user, agent, now).await?;
        store::insert(&mut tx, &mandate).await?;
        if let Err(error) = self.claim_all(&mut tx, &mandate).await {
            return tx.refuse(error).await;
        }
        let event = Event::new("mandate.created").by(caller).resource(mandate.id).details(told(&mandate));
        self.0.audit.append(&mut tx, event).await?;
        tx.commit().await?;
        self.seen(&mut kernel.db.read().await?, mandate).await
    }

    /// Tightening works at once with any of the caller's tokens; widening only where `fresh`.
    pub(super) async fn change(
        &self,
        caller: &Acting,
        id: MandateId,
        over: impl FnOnce(&Mandate) -> (Terms, Option<At>) + Send,
        fresh: Result<(), Problem>,
    ) -> Result<Seen, Error> {
        let kernel = &self.0.kernel;
        let now = kernel.clock.now();
        let old = self.get(caller.user, id).await?;
        if old.status(now) != Status::Active {
            return Err(Error::Ended);
        }
        let (terms, expires_at) = over(&old);
        let mut wrong = terms.check();
        if expires_at != old.expires_at {
            wrong.extend(check_end(expires_at, now));
        }
        let accounts = self.accounts(caller.user, &terms, wrong).await?;
        let widened = old.terms.is_widened_by(&terms, (old.expires_at, expires_at), &self.0.config);
        if widened {
            fresh.map_err(Error::Asked)?;
            if accounts.live && !caller.mfa_enrolled() {
                return Err(Error::NoSecondFactor);
            }
        }
        let mut new = old.clone();
        (new.zone, new.live, new.expires_at) = (accounts.zone, accounts.live, expires_at);
        // always later than the one before, so that two changes at once cannot both win
        new.updated_at = At(now.0.max(old.updated_at.0 + 1));
        new.terms = Json(terms);
        let mut tx = kernel.db.begin().await?;
        if !store::replace(&mut tx, &new, &new.terms.0, old.updated_at).await? {
            return tx.refuse(Error::Changed).await;
        }
        if new.terms.account_ids != old.terms.account_ids {
            store::disclaim(&mut tx, new.user_id, id).await?;
            if let Err(error) = self.claim_all(&mut tx, &new).await {
                return tx.refuse(error).await;
            }
        }
        let details = json!({ "before": told(&old), "after": told(&new), "widened": widened });
        let event = Event::new("mandate.changed").by(caller).resource(id).details(details);
        self.0.audit.append(&mut tx, event).await?;
        tx.commit().await?;
        self.announce("mandate.changed", &new);
        self.seen(&mut kernel.db.read().await?, new).await
    }

    /// At once and everywhere: the next act finds no mandate, and what waited for approval has ended.
    pub(super) async fn revoke(&self, caller: &Acting, id: MandateId) -> Result<(), Error> {
        let kernel = &self.0.kernel;
        let mandate = self.get(caller.user, id).await?;
        let mut tx = kernel.db.begin().await?;
        if !store::revoke(&mut tx, caller.user, id, kernel.clock.now()).await? {
            return Ok(tx.discard().await?);
        }
        store::disclaim(&mut tx, caller.user, id).await?;
        let ended =
            self.end_approvals(&mut tx, Reach::Mandate(caller.user, id), "the mandate was revoked").await?;
        let event = Event::new("mandate.revoked").by(caller).resource(id);
        let event = event.details(json!({ "agent_id": mandate.agent_id, "approvals_ended": ended.len() }));
        self.0.audit.append(&mut tx, event).await?;
        tx.commit().await?;
        self.announce("mandate.revoked", &mandate);
        self.announce_ended(&ended);
        Ok(())
    }

    pub(super) async fn list(&self, user: UserId, page: &Page) -> Result<Paged<Seen>, Problem> {
        let mut conn = self.0.kernel.db.read().await?;
        let rows = store::list(&mut conn, user, page.after()?, page.limit() + 1).await?;
        let paged = Paged::from_rows(rows, page, |mandate| mandate.id);
        let mut items = Vec::with_capacity(paged.items.len());
        for mandate in paged.items {
            items.push(self.seen(&mut conn, mandate).await?);
        }
        Ok(Paged { items, next_cursor: paged.next_cursor })
    }

    pub(super) async fn show(&self, user: UserId, id: MandateId) -> Result<Seen, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        let mandate = store::find(&mut conn, user, id).await?.ok_or(Error::NoMandate)?;
        self.seen(&mut conn, mandate).await
    }

    /// The active mandates that a person gave an agent; one per account.
    pub async fn active(
        &self,
        conn: &mut Conn,
        user: UserId,
        agent: AgentId,
    ) -> Result<Vec<Mandate>, db::Error> {
        let now = self.0.kernel.clock.now();
        let claimed = store::claimed(conn, user, agent).await?;
        Ok(claimed.into_iter().filter(|mandate| mandate.status(now) == Status::Active).collect())
    }

    async fn sweep(&self) -> Result<(), db::Error> {
        let kernel = &self.0.kernel;
        let mut tx = kernel.db.begin().await?;
        budget::sweep(&mut tx, kernel.clock.now().minus(KEPT)).await?;
        tx.commit().await
    }

    async fn get(&self, user: UserId, id: MandateId) -> Result<Mandate, Error> {
        store::find(&mut self.0.kernel.db.read().await?, user, id).await?.ok_or(Error::NoMandate)
    }

    async fn seen(&self, conn: &mut Conn, mandate: Mandate) -> Result<Seen, Error> {
        let now = self.0.kernel.clock.now();
        let key = Key { user: mandate.user_id, mandate: mandate.id, day: mandate.day(now) };
        let usage = budget::find(conn, &key).await?.usage(key.day, &mandate.terms.limits);
        let status = mandate.status(now);
        Ok((mandate, status, usage))
    }

    async fn claim_all(&self, tx: &mut Tx, mandate: &Mandate) -> Result<(), Error> {
        for account in &mandate.terms.account_ids {
            if !store::claim(tx, mandate, *account).await? {
                return Err(Error::Taken);
            }
        }
        Ok(())
    }

    /// All accounts are the person's, in the mandate's currency, in one time zone.
    async fn accounts(
        &self,
        user: UserId,
        terms: &Terms,
        mut wrong: Vec<(String, String)>,
    ) -> Result<Together, Error> {
        let found =
            (self.0.directory.accounts)(user, terms.account_ids.clone()).await.map_err(Error::Asked)?;
        let mut refuse = |field: &str, message: String| wrong.push((field.to_owned(), message));
        for id in &terms.account_ids {
            if !found.iter().any(|account| account.account == *id) {
                refuse("account_ids", format!("{id} is not an account of yours"));
            }
        }
        let ours = &terms.limits.currency;
        for AccountFacts { account, currency, .. } in found.iter().filter(|account| account.currency != *ours)
        {
            refuse("limits.currency", format!("{account} is in {currency}, not in {ours}"));
        }
        let zone = found.first().map(|account| account.zone.clone()).unwrap_or_default();
        if found.iter().any(|account| account.zone != zone) {
            refuse("account_ids", "the accounts of one mandate must be in one time zone".into());
        }
        let live = found.iter().any(|account| account.live);
        if wrong.is_empty() { Ok(Together { zone, live }) } else { Err(Error::Invalid(wrong)) }
    }

    fn announce(&self, topic: &'static str, mandate: &Mandate) {
        self.0.kernel.bus.publish(Message {
            topic,
            user: Some(mandate.user_id.0),
            data: json!({ "mandate_id": mandate.id, "agent_id": mandate.agent_id }),
        });
    }
}

/// What a mandate's accounts have in common.
struct Together {
    zone: String,
    live: bool,
}

fn check_end(expires_at: Option<At>, now: At) -> Option<(String, String)> {
    expires_at.filter(|end| *end <= now).map(|_| ("expires_at".into(), "must be in the future".into()))
}

/// What the audit row says of a mandate.
fn told(mandate: &Mandate) -> serde_json::Value {
    json!({ "agent_id": mandate.agent_id, "terms": mandate.terms.0, "expires_at": mandate.expires_at })
}
