//! Time as an argument.
//!
//! INVARIANT: only `SystemClock` reads the machine's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment: microseconds since the Unix epoch, UTC. RFC 3339 in JSON, `BIGINT` in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, utoipa::ToSchema)]
#[sqlx(transparent)]
#[schema(value_type = String, format = DateTime)]
pub struct At(pub i64);

pub const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}
pub const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}
pub const fn hours(n: u64) -> Duration {
    Duration::from_secs(n * 3_600)
}
pub const fn days(n: u64) -> Duration {
    Duration::from_secs(n * 86_400)
}

impl At {
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds * 1_000_000)
    }
    /// Whole seconds since the epoch, as JWTs carry them.
    pub const fn unix(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }
    /// How long after `earlier` this is; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
    /// The calendar day (ISO, `2026-11-21`) on the wall in an IANA time zone; UTC where the zone is unknown.
    pub fn day_in(self, zone: &str) -> String {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        self.to_jiff().to_zoned(zone).date().to_string()
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.6}", self.to_jiff())
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parsed: jiff::Timestamp = text
            .parse()
            .map_err(|_| serde::de::Error::custom("not an RFC 3339 time such as 2026-01-31T09:30:00Z"))?;
        Ok(Self(parsed.as_microsecond()))
    }
}

pub trait Clock: Send + Sync {
    fn now(&self) -> At;
    /// The clock that can be moved, where this is one: in development and in tests.
    fn settable(&self) -> Option<&SettableClock> {
        None
    }
}

pub type SharedClock = Arc<dyn Clock>;

pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> At {
        #[allow(clippy::disallowed_methods)] // the one place where time enters
        At(jiff::Timestamp::now().as_microsecond())
    }
}

/// The machine's clock, moved ahead by as much as one likes: limits of a day, summer time and expiry are tried without
/// waiting for them.
///
/// INVARIANT: it goes forward only, as time does.
#[derive(Default)]
pub struct SettableClock(AtomicI64);

impl SettableClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for SettableClock {
    fn now(&self) -> At {
        At(SystemClock.now().0.saturating_add(self.0.load(Ordering::SeqCst)))
    }
    fn settable(&self) -> Option<&SettableClock> {
        Some(self)
    }
}

/// A clock that moves only when told to; for tests and replays.
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn starting(at: At) -> Self {
        Self(AtomicI64::new(at.0))
    }
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> At {
        At(self.0.load(Ordering::SeqCst))
    }
}
