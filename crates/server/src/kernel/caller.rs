//! Who asks: put into each request by the authenticate layer, demanded by handlers as argument types.
//!
//! INVARIANT: a handler that takes `Person` or `Fresh` cannot be reached with a delegated token, an API key or a
//! service's token: human-only acts need the person's own session. What each kind may is the table at `Caller`; the
//! guard `tests/it/access.rs` proves it for every operation.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::clock::{At, minutes};
use super::ids::{SessionId, UserId};
use super::problem::Problem;

/// How old the last factor may be for acts that need step-up.
const FRESH: std::time::Duration = minutes(5);

/// Where a request came from; there for strangers too.
#[derive(Clone, Debug)]
pub struct Origin {
    pub address: IpAddr,
    /// At most 400 characters.
    pub user_agent: String,
    pub request_id: String,
    /// When the request arrived.
    pub at: At,
}

impl Origin {
    /// For what the server or its command line does by itself.
    pub fn system(at: At) -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            user_agent: "mandate".into(),
            request_id: String::new(),
            at,
        }
    }
}

/// Who asks, and what each kind may.
///
/// | kind | reads what is the person's | proposes and cancels orders | tightens, stops | human-only acts | admin |
/// |---|---|---|---|---|---|
/// | `Person` | yes | yes | yes | yes | with the role |
/// | `Agent` | yes | within its mandate | yes | no | no |
/// | `Client`, `Key` | yes | no: it never trades as the person | yes | no | no |
/// | `Service` | no: it names a person in routes of its own | no | no | no | no |
#[derive(Clone, Debug)]
pub enum Caller {
    /// A person in a session of their own.
    Person { session: SessionId, auth: Auth },
    /// Whoever acts for the person: the `act` claim's subject (RFC 8693, section 4.1), in the session it came from.
    Agent { act: String, session: Option<SessionId> },
    /// A third party's application with a token that the person let it have.
    Client { client: String, scopes: Arc<[String]>, session: Option<SessionId> },
    /// A service with its own credentials; it acts for nobody by itself.
    Service { id: String, grants: Arc<[String]> },
    /// A person's API key.
    Key { id: String, scopes: Arc<[String]> },
}

/// How and when a person last proved who they are.
#[derive(Clone, Debug)]
pub struct Auth {
    pub time: At,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// The person has a second factor; then step-up must have used one.
    pub mfa_enrolled: bool,
}

impl Auth {
    fn is_fresh(&self, now: At) -> bool {
        let second_factor =
            self.amr.iter().any(|method| matches!(method.as_str(), "otp" | "mfa" | "hwk" | "swk"));
        now.since(self.time) <= FRESH && (second_factor || !self.mfa_enrolled)
    }
}

/// A caller that acts for a person: every kind but a service.
#[derive(Clone, Debug)]
pub struct Acting {
    /// On whose behalf.
    pub user: UserId,
    pub email: String,
    /// The person's current roles, from the bounded cache, not from the token.
    pub roles: Arc<[String]>,
    pub by: Caller,
    /// When the presented token ends.
    pub expires_at: At,
    pub origin: Origin,
}

impl Acting {
    /// The session the token belongs to; `None` for keys.
    pub fn session(&self) -> Option<SessionId> {
        match &self.by {
            Caller::Person { session, .. } => Some(*session),
            Caller::Agent { session, .. } | Caller::Client { session, .. } => *session,
            Caller::Service { .. } | Caller::Key { .. } => None,
        }
    }

    /// Who acts, when it is not the person.
    pub fn actor(&self) -> Option<&str> {
        match &self.by {
            Caller::Person { .. } => None,
            Caller::Agent { act, .. } => Some(act),
            Caller::Client { client, .. } => Some(client),
            Caller::Service { id, .. } | Caller::Key { id, .. } => Some(id),
        }
    }

    /// The third party's application the token was given to.
    pub fn client(&self) -> Option<&str> {
        match &self.by {
            Caller::Client { client, .. } => Some(client),
            _ => None,
        }
    }

    /// A person with the role `admin`, themselves: nobody administers by delegation.
    pub fn is_admin(&self) -> bool {
        matches!(self.by, Caller::Person { .. }) && self.roles.iter().any(|role| role == "admin")
    }

    /// The person proved themselves with a second factor that they have enrolled.
    pub fn mfa_enrolled(&self) -> bool {
        matches!(&self.by, Caller::Person { auth, .. } if auth.mfa_enrolled)
    }

    fn require_any(self) -> Result<Self, Problem> {
        match self.by {
            Caller::Service { .. } => {
                Err(Problem::forbidden("forbidden", "a service acts through routes of its own"))
            }
            _ => Ok(self),
        }
    }

    fn require_trader(self) -> Result<Self, Problem> {
        match self.by {
            Caller::Person { .. } | Caller::Agent { .. } => Ok(self),
            _ => Err(Problem::forbidden(
                "forbidden",
                "this token does not trade: orders come from the person or from an agent with a mandate",
            )),
        }
    }

    fn require_person(self) -> Result<Self, Problem> {
        match self.by {
            Caller::Person { .. } => Ok(self),
            _ => Err(Problem::forbidden("human_only", "only the person, signed in themselves, can do this")),
        }
    }

    fn require_fresh(self) -> Result<Self, Problem> {
        match &self.by {
            Caller::Person { auth, .. } if auth.is_fresh(self.origin.at) => Ok(self),
            _ => Err(Problem::step_up(FRESH.as_secs())),
        }
    }

    fn require_admin(self) -> Result<Self, Problem> {
        if self.is_admin() {
            return Ok(self);
        }
        Err(Problem::forbidden("forbidden", "this needs the role admin"))
    }
}

/// Anybody who acts for a person.
pub struct Signed(pub Acting);
/// Who may propose and cancel orders: the person, or an agent within its mandate.
pub struct Trader(pub Acting);
/// The person's own session.
pub struct Person(pub Acting);
/// The person's own session with a recent factor (RFC 9470).
pub struct Fresh(pub Acting);
/// A person with the role `admin`.
pub struct Admin(pub Acting);
/// An admin with a recent factor: for admin writes.
pub struct FreshAdmin(pub Acting);

fn caller(parts: &Parts) -> Result<Acting, Problem> {
    parts.extensions.get::<Arc<Acting>>().map(|caller| Acting::clone(caller)).ok_or_else(|| {
        Problem::unauthorized("unauthorized", "send an access token: Authorization: Bearer <token>")
    })
}

macro_rules! permission {
    ($($name:ident: $caller:ident => $check:expr;)*) => {$(
        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;
            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                let $caller = caller(parts)?;
                $check.map($name)
            }
        }
    )*};
}

permission! {
    Signed: caller => caller.require_any();
    Trader: caller => caller.require_trader();
    Person: caller => caller.require_person();
    Fresh: caller => caller.require_person().and_then(Acting::require_fresh);
    Admin: caller => caller.require_person().and_then(Acting::require_admin);
    FreshAdmin: caller => caller.require_person().and_then(Acting::require_admin).and_then(Acting::require_fresh);
}

/// `None` for a stranger; anybody else who is not the person is refused.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Person {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        caller(parts).ok().map(|caller| caller.require_person().map(Person)).transpose()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Origin>().cloned().ok_or_else(Problem::internal)
    }
}
