//! The trait and what a model is told: instructions, the conversation so far, and the person's situation.

use futures::stream::BoxStream;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Error, Event};

/// Ends after the first error.
pub type Events = BoxStream<'static, Result<Event, Error>>;

pub trait Model: Send + Sync {
    /// Starts answering. Nothing happens until the stream is polled; dropping it cancels.
    fn stream(&self, request: Request) -> Events;
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// What the agent is told about its work, by its owner.
    pub instructions: String,
    /// Oldest first; the last one is the person's.
    pub messages: Vec<Message>,
    pub context: Context,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    User,
    Assistant,
}

/// What the model may know about the person it works for: nothing here is a credential or an identity.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// The agent's own name.
    pub agent: String,
    /// What can be charted and traded here.
    pub symbols: Vec<Listing>,
    pub holdings: Vec<Holding>,
    /// What is free to spend, one entry per currency.
    pub cash: Vec<Money>,
    /// What the person is looking at.
    pub chart: Option<Chart>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Listing {
    pub symbol: String,
    /// The company's name, where known.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub last_price: Option<Decimal>,
    pub currency: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Holding {
    pub symbol: String,
    pub quantity: Decimal,
    #[serde(default)]
    pub average_price: Option<Decimal>,
    #[serde(default)]
    pub last_price: Option<Decimal>,
    pub currency: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Money {
    pub amount: Decimal,
    pub currency: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chart {
    pub symbol: String,
    /// `1m 5m 15m 1h 4h 1d 1w`
    #[serde(default)]
    pub timeframe: Option<String>,
}
