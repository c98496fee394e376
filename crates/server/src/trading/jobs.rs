//! What trading does by itself.

use tokio::sync::broadcast::error::RecvError;

use super::Trading;
use crate::kernel::seconds;

impl Trading {
    /// Starts the jobs and listens for approvals and switches. Each is harmless to run twice at once.
    pub fn start(&self) {
        let jobs = &self.0.kernel.jobs;
        let trading = self.clone();
        jobs.every("trading.outbox", seconds(2), move || {
            let trading = trading.clone();
            async move { trading.drain_outbox().await }
        });
        let trading = self.clone();
        jobs.every("trading.approvals", seconds(2), move || {
            let trading = trading.clone();
            async move { trading.release_ended().await }
        });
        let trading = self.clone();
        jobs.every("trading.resting", seconds(1), move || {
            let trading = trading.clone();
            async move { trading.fill_resting().await }
        });
        let trading = self.clone();
        jobs.every("trading.switched", seconds(20), move || {
            let trading = trading.clone();
            async move { trading.cancel_switched().await }
        });
        let trading = self.clone();
        jobs.supervise("trading.listen", move || trading.clone().listen());
    }

    /// The bus makes it quick; the jobs make it sure.
    async fn listen(self) {
        let mut bus = self.0.kernel.bus.subscribe();
        loop {
            let heard = tokio::select! {
                () = self.0.kernel.shutdown.cancelled() => return,
                heard = bus.recv() => heard,
            };
            let topic = match &heard {
                Ok(message) => message.topic,
                Err(RecvError::Lagged(_)) => "approval.decided",
                Err(RecvError::Closed) => return,
            };
            let done = match topic {
                "approval.decided" => self.release_ended().await,
                "kill_switch.changed" => self.cancel_switched().await,
                _ => Ok(()),
            };
            if let Err(error) = done {
                tracing::warn!(%error, topic, "will be done by the job");
            }
        }
    }
}
