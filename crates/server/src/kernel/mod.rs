//! What every slice stands on: database, clock, randomness, sealing, ids, callers, problems, jobs, bus.
//!
//! INVARIANT: the kernel knows no capability's noun; it imports nothing from the slices (`tests/it/ladder.rs`).
//! INVARIANT: time and randomness enter the program here and nowhere else (`clippy.toml`).

mod bus;
mod caller;
mod clock;
pub mod config;
pub mod db;
mod decimal;
mod extract;
mod ids;
mod jobs;
mod log;
mod net;
mod problem;
mod pulse;
mod rng;
mod sealer;
mod supervise;

pub use bus::{Bus, Message};
pub use caller::{Acting, Admin, Auth, Caller, Fresh, FreshAdmin, Origin, Person, Signed, Trader};
pub use clock::{
    At, Clock, ManualClock, SettableClock, SharedClock, SystemClock, days, hours, minutes, seconds,
};
pub use db::{Conn, Db, Tx};
pub use decimal::{Micros, Num};
pub use extract::{Json, Page, Paged, Path, Query};
pub use ids::{AgentId, SessionId, TradingAccountId, UserId};
pub use jobs::Jobs;
pub use log::{LogWriter, log_panics, lost_lines};
pub use net::TrustedProxies;
pub use problem::{FieldError, Problem};
pub use pulse::Pulse;
pub use rng::Rng;
pub use sealer::{Rewrapped, Sealer, key_of};
pub use supervise::{Died, Running, caught, deaths};

pub use mandate_seal::Secret;
use tokio_util::sync::CancellationToken;

/// The shared foundation, cheap to clone, built once by `app`.
#[derive(Clone)]
pub struct Kernel {
    pub db: Db,
    pub clock: SharedClock,
    pub rng: Rng,
    pub sealer: Sealer,
    pub bus: Bus,
    pub jobs: Jobs,
    /// Whether the database takes writes.
    pub pulse: Pulse,
    /// The one outbound HTTP client; callers bound each call in time.
    pub http: reqwest::Client,
    /// Cancelled once, when the process begins to shut down: streams end, jobs stop.
    pub shutdown: CancellationToken,
}
