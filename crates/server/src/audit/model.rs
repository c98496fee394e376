//! An audit event, the bytes its MAC covers, and the link that joins it to the chain.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::{Acting, At, Origin, UserId};

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Success,
    Failure,
    /// Refused by a rule.
    Denied,
}

/// What is about to be recorded. Details must hold no secret: they are kept for ever and shown to the person.
#[derive(Clone, Debug)]
pub struct Event {
    pub(super) name: &'static str,
    pub(super) owner: Option<UserId>,
    pub(super) body: Body,
    pub(super) personal: Personal,
}

/// The public part, in the order in which it is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Body {
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub details: serde_json::Value,
}

/// The part that is erased with the person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Personal {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

impl Event {
    /// `name` is one of the stable event names, `noun.verb`.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            owner: None,
            body: Body {
                outcome: Outcome::Success,
                actor: None,
                client: None,
                session: None,
                resource: None,
                reason: None,
                request: None,
                details: serde_json::Value::Null,
            },
            personal: Personal::default(),
        }
    }
    /// Whose log it goes to; without it, the system's.
    #[must_use]
    pub fn user(mut self, user: UserId) -> Self {
        self.owner = Some(user);
        self
    }
    /// Who asked, from where. Sets the owner too, unless `user` did.
    #[must_use]
    pub fn by(mut self, caller: &Acting) -> Self {
        self.owner = self.owner.or(Some(caller.user));
        self.body.actor = Some(caller.actor().map_or_else(|| caller.user.to_string(), str::to_owned));
        self.body.client = caller.client().map(str::to_owned);
        self.body.session = caller.session().map(|session| session.to_string());
        self.from(&caller.origin)
    }
    /// From where, when nobody is signed in.
    #[must_use]
    pub fn from(mut self, origin: &Origin) -> Self {
        self.body.request = Some(origin.request_id.clone()).filter(|id| !id.is_empty());
        self.personal.address = Some(origin.address.to_string());
        self.personal.user_agent = Some(origin.user_agent.clone()).filter(|agent| !agent.is_empty());
        self
    }
    /// Who acted, where it is not a caller: an agent, a job.
    #[must_use]
    pub fn actor(mut self, actor: impl std::fmt::Display) -> Self {
        self.body.actor = Some(actor.to_string());
        self
    }
    #[must_use]
    pub fn session(mut self, session: impl std::fmt::Display) -> Self {
        self.body.session = Some(session.to_string());
        self
    }
    #[must_use]
    pub fn resource(mut self, id: impl std::fmt::Display) -> Self {
        self.body.resource = Some(id.to_string());
        self
    }
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.body.outcome = outcome;
        self
    }
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.body.reason = Some(reason.into());
        self
    }
    #[must_use]
    pub fn details(mut self, details: serde_json::Value) -> Self {
        self.body.details = details;
        self
    }
}

/// A stored row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub owner: Uuid,
    pub seq: i64,
    pub id: Uuid,
    pub at: At,
    pub event: String,
    pub body: String,
    pub personal: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub commitment: Vec<u8>,
    pub mac: Vec<u8>,
    pub link: Option<i64>,
    pub hash: Option<Vec<u8>>,
}

impl Row {
    /// What the MAC covers: every field but the personal ones, each with its length, so that none can be shifted.
    pub fn mac_input(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128 + self.body.len());
        out.extend_from_slice(b"mandate-audit-1");
        out.extend_from_slice(self.owner.as_bytes());
        out.extend_from_slice(&self.seq.to_be_bytes());
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.at.0.to_be_bytes());
        for part in [self.event.as_bytes(), self.body.as_bytes(), &self.commitment] {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part);
        }
        out
    }

    /// The chain's next hash: over the one before, the place, and the row's MAC.
    pub fn link_hash(&self, before: &[u8], link: i64) -> Vec<u8> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(before);
        context.update(&link.to_be_bytes());
        context.update(&self.mac);
        context.finish().as_ref().to_vec()
    }
}

/// Binds the personal fields without holding them: SHA-256 over the salt and their text.
pub(super) fn commitment(salt: &[u8], personal: &str) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(salt);
    context.update(personal.as_bytes());
    context.finish().as_ref().to_vec()
}
