//! Settings of trading.

use mandate_brokers::paper::Terms;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::kernel::Num;

/// `[trading]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Record every decision, send nothing.
    pub dry_run: bool,
    pub paper: Paper,
    pub ndollar: NDollar,
}

/// `[trading.paper]`: what trading costs on paper.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paper {
    /// The least distance between buying and selling price, as a fraction of the last price.
    pub spread: Num,
    /// Fee as a fraction of the value traded.
    pub fee: Num,
    /// Cash of a new account that names none.
    pub cash: Num,
}

/// `[trading.ndollar]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct NDollar {
    /// The exchange's API root; unset: n-dollar is not offered.
    pub base_url: Option<url::Url>,
    /// What money there is called.
    pub currency: String,
    /// How long an answer may take.
    pub timeout_seconds: u64,
}

impl Default for Paper {
    fn default() -> Self {
        let terms = Terms::default();
        Self { spread: Num(terms.spread), fee: Num(terms.fee), cash: Num(Decimal::from(10_000)) }
    }
}

impl Default for NDollar {
    fn default() -> Self {
        Self { base_url: None, currency: "NDOLLAR".to_owned(), timeout_seconds: 15 }
    }
}

impl Paper {
    pub(super) fn terms(&self) -> Terms {
        Terms { spread: self.spread.0, fee: self.fee.0 }
    }
}
