//! Who asks: put into each request by the authenticate layer, demanded by handlers as argument types.
//!
//! INVARIANT: a handler that takes `Person` or `Fresh` cannot be reached with a delegated token, an API key or a
//! service's token: human-only acts need the person's own session.

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    Jwt,
    ApiKey,
}

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// On whose behalf.
    pub user: UserId,
    pub email: String,
    /// The session the token belongs to; `None` for keys and services.
    pub session: Option<SessionId>,
    pub client: Option<String>,
    /// Who acts, when it is not the person: the `act` claim's subject (RFC 8693, section 4.1).
    pub actor: Option<String>,
    /// Current roles, from the bounded cache, not from the token.
    pub roles: Arc<[String]>,
    /// When the person last proved who they are.
    pub auth_time: At,
    pub amr: Vec<String>,
    /// The person has a second factor; then step-up must have used one.
    pub mfa_enrolled: bool,
    pub method: AuthMethod,
    /// When the presented token ends.
    pub expires_at: At,
    pub origin: Origin,
}

impl Caller {
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }

    fn is_person(&self) -> bool {
        self.session.is_some()
            && self.actor.is_none()
            && self.client.is_none()
            && self.method == AuthMethod::Jwt
    }

    fn is_fresh(&self) -> bool {
        let second_factor =
            self.amr.iter().any(|method| matches!(method.as_str(), "otp" | "mfa" | "hwk" | "swk"));
        self.origin.at.since(self.auth_time) <= FRESH && (second_factor || !self.mfa_enrolled)
    }

    fn require_person(self) -> Result<Self, Problem> {
        if self.is_person() {
            return Ok(self);
        }
        Err(Problem::forbidden("human_only", "only the person, signed in themselves, can do this"))
    }

    fn require_fresh(self) -> Result<Self, Problem> {
        if self.is_fresh() { Ok(self) } else { Err(Problem::step_up(FRESH.as_secs())) }
    }

    fn require_admin(self) -> Result<Self, Problem> {
        if self.is_admin() {
            return Ok(self);
        }
        Err(Problem::forbidden("forbidden", "this needs the role admin"))
    }
}

/// Any authenticated caller.
pub struct Signed(pub Caller);
/// The person's own session.
pub struct Person(pub Caller);
/// The person's own session with a recent factor (RFC 9470).
pub struct Fresh(pub Caller);
/// A person with the role `admin`.
pub struct Admin(pub Caller);
/// An admin with a recent factor: for admin writes.
pub struct FreshAdmin(pub Caller);

fn caller(parts: &Parts) -> Result<Caller, Problem> {
    parts.extensions.get::<Arc<Caller>>().map(|caller| Caller::clone(caller)).ok_or_else(|| {
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
    Signed: caller => Ok::<_, Problem>(caller);
    Person: caller => caller.require_person();
    Fresh: caller => caller.require_person().and_then(Caller::require_fresh);
    Admin: caller => caller.require_person().and_then(Caller::require_admin);
    FreshAdmin: caller => caller.require_person().and_then(Caller::require_admin).and_then(Caller::require_fresh);
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Signed {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Ok(caller(parts).ok().map(Signed))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Origin>().cloned().ok_or_else(Problem::internal)
    }
}
