//! The slice's parts and what all of it needs.

use std::sync::Arc;

use mandate_brokers::paper::{Quote, Terms};

use super::Config;
use crate::audit::Audit;
use crate::kernel::Kernel;
use crate::mandates::Mandates;
use crate::market::Market;
use crate::vault::Vault;

/// Accounts, decisions, orders and positions. Cheap to clone.
#[derive(Clone)]
pub struct Trading(pub(super) Arc<Parts>);

/// What trading stands on.
pub struct Parts {
    pub kernel: Kernel,
    pub audit: Audit,
    pub vault: Vault,
    pub market: Market,
    pub mandates: Mandates,
    pub config: Config,
}

impl Trading {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub(super) fn terms(&self) -> Terms {
        self.0.config.paper.terms()
    }

    /// The market's price of a symbol, as paper matches against it.
    pub(super) fn quote(&self, symbol: &str) -> Option<Quote> {
        let quote = self.0.market.quote(symbol)?;
        Some(Quote {
            symbol: quote.symbol,
            bid: quote.bid.0,
            ask: quote.ask.0,
            last: quote.last.0,
            size: None,
        })
    }
}
