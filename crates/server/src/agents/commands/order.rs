//! The parameters of trading commands. No I/O.

use serde::Deserialize;
use serde_json::Value;

use crate::kernel::{Num, TradingAccountId};
use crate::mandates::{OrderType, Reason};
use crate::trading::{OrderId, Wanted};

/// `placeOrder`. An unknown field is refused: it may be a condition that would be lost.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceOrder {
    pub symbol: String,
    side: String,
    pub quantity: Num,
    order_type: Option<String>,
    pub limit_price: Option<Num>,
    pub account_id: Option<TradingAccountId>,
}

impl PlaceOrder {
    pub fn read(parameters: &Value) -> Result<Self, Reason> {
        read(parameters)
    }

    pub fn side(&self) -> Result<Wanted, Reason> {
        match self.side.to_lowercase().as_str() {
            "buy" => Ok(Wanted::Buy),
            "sell" => Ok(Wanted::Sell),
            _ => Err(unclear("side is neither buy nor sell")),
        }
    }

    pub fn order_type(&self) -> Result<Option<OrderType>, Reason> {
        match self.order_type.as_deref().map(str::to_lowercase).as_deref() {
            None => Ok(None),
            Some("market") => Ok(Some(OrderType::Market)),
            Some("limit") => Ok(Some(OrderType::Limit)),
            Some(_) => Err(unclear("order_type is neither market nor limit")),
        }
    }
}

/// `cancelOrder`
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelOrder {
    pub order_id: OrderId,
}

impl CancelOrder {
    pub fn read(parameters: &Value) -> Result<Self, Reason> {
        read(parameters)
    }
}

fn read<T: serde::de::DeserializeOwned>(parameters: &Value) -> Result<T, Reason> {
    serde_path_to_error::deserialize(parameters).map_err(|error| {
        let (path, words) = (error.path().to_string(), error.inner().to_string());
        let place = if path == "." { String::new() } else { format!("{path}: ") };
        unclear(&format!("{place}{words}"))
    })
}

/// A refusal of what the agent wrote.
pub(super) fn unclear(detail: &str) -> Reason {
    Reason { rule: "command".to_owned(), detail: detail.chars().take(200).collect() }
}
