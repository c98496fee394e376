//! Events between slices and streams on this node.
//!
//! The bus is a hint, never the truth: a subscriber that misses a message (`Lagged`) reads the database.

use std::sync::Arc;

use tokio::sync::broadcast;
use uuid::Uuid;

/// One event. `topic` is `noun.verb`; `user` is whose it is; `data` carries no secret.
#[derive(Clone, Debug)]
pub struct Message {
    pub topic: &'static str,
    pub user: Option<Uuid>,
    pub data: serde_json::Value,
}

#[derive(Clone)]
pub struct Bus(broadcast::Sender<Arc<Message>>);

impl Default for Bus {
    fn default() -> Self {
        Self(broadcast::channel(4_096).0)
    }
}

impl Bus {
    pub fn publish(&self, message: Message) {
        // No subscriber is not an error: nobody is looking.
        let _ = self.0.send(Arc::new(message));
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Message>> {
        self.0.subscribe()
    }
}
