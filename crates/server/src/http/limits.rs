//! How often one caller may ask: per person, or per address for strangers.
//!
//! A bucket holds a minute's worth and refills evenly (GCRA, the leaky bucket as a meter). Every answer of a limited
//! family says where its caller stands in `RateLimit-*` headers; past the limit it is 429 with `Retry-After`. Buckets
//! live in this process: with several nodes each counts for itself.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mounts::{self, Quota};
use crate::app::App;
use crate::kernel::{Acting, At, Kernel, Origin, Problem, SharedClock, minutes};

const SHARDS: usize = 16;
/// A shard that has grown to this size forgets the buckets that are full again.
const CROWDED: usize = 8_192;
const MINUTE: i64 = 60_000_000;

/// `[limits]`: requests a minute; 0 is no limit.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quotas {
    /// Requests a minute to `POST /v1/decisions`, per person; 0 is no limit, here and below.
    pub decisions: u32,
    /// Requests a minute to `POST /v1/agents/{id}/chat`, per person.
    pub chat: u32,
    /// Requests a minute to sign-in, refresh and the other routes under `/v1/auth`, per address.
    pub auth: u32,
    /// Requests a minute to everything else under `/v1`, per person.
    pub api: u32,
    /// Requests a minute that a stranger may send elsewhere under `/v1`, per address.
    pub strangers: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { decisions: 60, chat: 40, auth: 600, api: 3_000, strangers: 600 }
    }
}

impl Quotas {
    /// No limit anywhere: for load tests.
    pub fn unlimited() -> Self {
        Self { decisions: 0, chat: 0, auth: 0, api: 0, strangers: 0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Family {
    Decisions,
    Chat,
    Auth,
    Api,
    Strangers,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    User(Uuid),
    Address(IpAddr),
}

type Shard = Mutex<HashMap<(Family, Who), At>>;

/// Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    config: Arc<Quotas>,
    clock: SharedClock,
    shards: Arc<[Shard; SHARDS]>,
}

/// Where a caller stands after a request.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    limit: u32,
    remaining: u32,
    /// Seconds until the bucket is full again.
    reset: u64,
    /// Refused: seconds until one more fits.
    wait: Option<u64>,
}

impl Limits {
    pub fn new(clock: SharedClock, config: Quotas) -> Self {
        Self { config: Arc::new(config), clock, shards: Arc::new(std::array::from_fn(|_| Mutex::default())) }
    }

    /// Starts forgetting buckets that are full again.
    pub fn start(&self, kernel: &Kernel) {
        let limits = self.clone();
        let shutdown = kernel.shutdown.clone();
        kernel.jobs.supervise("limits.sweep", move || {
            let (limits, shutdown) = (limits.clone(), shutdown.clone());
            async move {
                loop {
                    tokio::select! {
                        () = shutdown.cancelled() => return,
                        () = tokio::time::sleep(minutes(1)) => limits.sweep(),
                    }
                }
            }
        });
    }

    fn per_minute(&self, family: Family) -> u32 {
        match family {
            Family::Decisions => self.config.decisions,
            Family::Chat => self.config.chat,
            Family::Auth => self.config.auth,
            Family::Api => self.config.api,
            Family::Strangers => self.config.strangers,
        }
    }

    /// Takes one from the bucket; `None` where the family has no limit.
    fn take(&self, family: Family, who: Who) -> Option<Standing> {
        let limit = self.per_minute(family);
        if limit == 0 {
            return None;
        }
        let now = self.clock.now().0;
        let interval = MINUTE / i64::from(limit);
        let mut shard = self.shard((family, who));
        if shard.len() >= CROWDED {
            shard.retain(|_, full_at| full_at.0 > now);
        }
        // the moment at which the bucket is full again
        let full_at = shard.get(&(family, who)).map_or(now, |at| at.0.max(now));
        let next = full_at + interval;
        let over = next - now - interval * i64::from(limit);
        if over > 0 {
            let wait = over.div_euclid(1_000_000) as u64 + 1;
            return Some(Standing {
                limit,
                remaining: 0,
                reset: whole_seconds(full_at - now),
                wait: Some(wait),
            });
        }
        shard.insert((family, who), At(next));
        let remaining = u32::try_from(-over / interval).unwrap_or(limit);
        Some(Standing { limit, remaining, reset: whole_seconds(next - now), wait: None })
    }

    fn shard(&self, key: (Family, Who)) -> std::sync::MutexGuard<'_, HashMap<(Family, Who), At>> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let index = (hasher.finish() % SHARDS as u64) as usize;
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sweep(&self) {
        let now = self.clock.now();
        for shard in self.shards.iter() {
            shard.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, full_at| *full_at > now);
        }
    }
}

/// Microseconds as whole seconds, rounded up.
fn whole_seconds(micros: i64) -> u64 {
    u64::try_from(micros.max(0)).unwrap_or(0).div_ceil(1_000_000)
}

/// A stranger's address; an IPv6 customer holds a whole /64.
fn address(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        },
    }
}

fn bucket(request: &Request) -> Option<(Family, Who)> {
    let path = request.uri().path();
    let from = Who::Address(address(request.extensions().get::<Origin>()?.address));
    match mounts::of(path).quota {
        Quota::Free => return None,
        Quota::SigningIn => return Some((Family::Auth, from)),
        Quota::Native => {}
    }
    let Some(caller) = request.extensions().get::<Arc<Acting>>() else {
        return Some((Family::Strangers, from));
    };
    let user = Who::User(caller.user.0);
    let post = request.method() == Method::POST;
    Some(match path {
        "/v1/decisions" if post => (Family::Decisions, user),
        _ if post && path.starts_with("/v1/agents/") && path.ends_with("/chat") => (Family::Chat, user),
        _ => (Family::Api, user),
    })
}

/// The layer; it stands inside authentication.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let standing = bucket(&request).and_then(|(family, who)| app.limits.take(family, who));
    let Some(standing) = standing else { return next.run(request).await };
    let mut response = match standing.wait {
        Some(wait) => {
            Problem::too_many("rate_limited", "too many requests; wait and try again", wait).into_response()
        }
        None => next.run(request).await,
    };
    let figures = [
        ("ratelimit-limit", u64::from(standing.limit)),
        ("ratelimit-remaining", u64::from(standing.remaining)),
        ("ratelimit-reset", standing.reset),
    ];
    for (name, value) in figures {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ManualClock, seconds};

    #[test]
    fn a_bucket_empties_and_refills() {
        let clock = Arc::new(ManualClock::starting(At::from_unix(1_000)));
        let limits = Limits::new(clock.clone(), Quotas { chat: 6, ..Quotas::default() });
        let ann = Who::User(Uuid::from_u128(1));
        let take = || limits.take(Family::Chat, ann).unwrap();
        for left in (0..6).rev() {
            assert_eq!(take().remaining, left);
        }
        assert_eq!(take(), Standing { limit: 6, remaining: 0, reset: 60, wait: Some(11) });
        assert_eq!(limits.take(Family::Chat, Who::User(Uuid::from_u128(2))).unwrap().remaining, 5);
        clock.advance(seconds(10));
        assert_eq!(take().wait, None);
        assert!(take().wait.is_some());
        clock.advance(seconds(3_600));
        assert_eq!(take().remaining, 5);
        clock.advance(seconds(3_600));
        limits.sweep();
        assert!(limits.shards.iter().all(|shard| shard.lock().unwrap().is_empty()));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_bucket() {
        let a = address("2001:db8::1".parse().unwrap());
        assert_eq!(a, address("2001:db8::ffff".parse().unwrap()));
        assert_ne!(a, address("2001:db8:0:1::1".parse().unwrap()));
        assert_eq!(address("::ffff:1.2.3.4".parse().unwrap()).to_string(), "1.2.3.4");
    }
}
