//! The slice's parts, its jobs, and what it asks of the slices below.

use std::sync::Arc;

use super::chat::Runs;
use super::model::{Config, Error};
use crate::accounts::Accounts;
use crate::audit::Audit;
use crate::kernel::{Kernel, db, minutes, seconds};
use crate::mandates::Mandates;
use crate::market::Market;
use crate::trading::Trading;

/// Agents, conversations and chat. Cheap to clone.
#[derive(Clone)]
pub struct Agents(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub kernel: Kernel,
    pub audit: Audit,
    pub accounts: Accounts,
    pub market: Market,
    pub mandates: Mandates,
    pub trading: Trading,
    pub config: Config,
    pub runs: Runs,
}

/// What agents stand on.
pub struct Parts {
    pub kernel: Kernel,
    pub audit: Audit,
    pub accounts: Accounts,
    pub market: Market,
    pub mandates: Mandates,
    pub trading: Trading,
    pub config: Config,
}

impl Agents {
    /// Makes the demo agent at the first start.
    pub async fn open(parts: Parts) -> Result<Self, db::Error> {
        let Parts { kernel, audit, accounts, market, mandates, trading, config } = parts;
        let runs = Runs::default();
        let agents =
            Self(Arc::new(Inner { kernel, audit, accounts, market, mandates, trading, config, runs }));
        agents.ensure_demo().await?;
        Ok(agents)
    }

    /// Starts the jobs, and listens for what ends runs.
    pub fn start(&self) {
        let jobs = &self.0.kernel.jobs;
        let own = self.clone();
        jobs.supervise("agents.watch", move || own.clone().watch());
        let (own, start) = (self.clone(), self.0.kernel.clock.now());
        let last_start = async move {
            if let Err(error) = own.end_runs_before(start).await {
                tracing::warn!(%error, "runs of the last start could not be ended yet");
            }
        };
        jobs.spawn("agents.last_start", last_start).unwatched();
        let own = self.clone();
        jobs.every("agents.lost_runs", seconds(10), move || {
            let own = own.clone();
            async move { own.end_lost_runs().await }
        });
        let own = self.clone();
        jobs.every("agents.sweep", minutes(10), move || {
            let own = own.clone();
            async move { own.sweep_now().await }
        });
    }

    /// What the job does now and then: deletes what is over.
    pub async fn sweep_now(&self) -> Result<(), Error> {
        self.sweep().await?;
        self.forget_runs().await
    }
}
