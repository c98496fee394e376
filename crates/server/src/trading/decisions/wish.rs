//! What somebody wants done, as it arrives, and the rules that need no database.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::kernel::{AgentId, Num, TradingAccountId, UserId};
use crate::mandates::{Action, OrderType};
use crate::trading::{Error, OrderId};

words! {
    /// What is to be done.
    Wanted {
        Buy = "buy",
        Sell = "sell",
        /// Nothing; it is recorded.
        Hold = "hold",
        /// Take the order `order_id` back.
        Cancel = "cancel",
        /// Change the order `order_id`.
        Modify = "modify",
    }
}

impl Wanted {
    pub fn action(self) -> Option<Action> {
        match self {
            Self::Buy => Some(Action::Buy),
            Self::Sell => Some(Action::Sell),
            Self::Hold | Self::Cancel | Self::Modify => None,
        }
    }
}

/// The body of `POST /v1/decisions`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDecision)]
pub struct Wish {
    /// The decider's own id: the same id with the same body is the same decision. At most 128 characters.
    pub decision_id: String,
    /// For whom; one's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub user_id: Option<UserId>,
    /// Which agent decided; then its mandate counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub agent_id: Option<AgentId>,
    #[schema(value_type = String)]
    pub account_id: TradingAccountId,
    pub action: Wanted,
    /// The instrument; `token_mint` at n-dollar.
    #[serde(default, alias = "token_mint", skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// How much; `amount` at n-dollar, where a buy's is money.
    #[serde(default, alias = "amount", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Num>,
    /// `limit` when a limit price is given, else `market`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_type: Option<OrderType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_price: Option<Num>,
    /// Of `cancel` and `modify`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub order_id: Option<OrderId>,
    /// From 0 to 1; an agent's decision without it counts as 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Why; at most 2,000 characters, shown to the person with an approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// Record what would be sent, send nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// A buy or a sell that can be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderWish {
    pub action: Action,
    pub symbol: String,
    pub quantity: Num,
    pub order_type: OrderType,
    pub limit_price: Option<Num>,
}

impl Wish {
    /// Every rule that the body can break by itself.
    pub fn check(&self) -> Result<(), Error> {
        let id = &self.decision_id;
        if id.is_empty() || id.chars().count() > 128 || id.chars().any(char::is_control) {
            return Err(Error::invalid("decision_id", "1 to 128 visible characters"));
        }
        if self.confidence.is_some_and(|confidence| !(0.0..=1.0).contains(&confidence)) {
            return Err(Error::invalid("confidence", "from 0 to 1"));
        }
        if self.rationale.as_ref().is_some_and(|why| why.chars().count() > 2_000) {
            return Err(Error::invalid("rationale", "at most 2000 characters"));
        }
        match self.action {
            Wanted::Buy | Wanted::Sell => self.order().map(|_| ()),
            Wanted::Hold => Ok(()),
            Wanted::Cancel if self.order_id.is_none() => {
                Err(Error::invalid("order_id", "name the order to cancel"))
            }
            Wanted::Cancel => Ok(()),
            Wanted::Modify => Err(Error::invalid(
                "action",
                "orders cannot be modified here: cancel the order and decide anew",
            )),
        }
    }

    /// The order that a buy or sell asks for.
    pub fn order(&self) -> Result<OrderWish, Error> {
        let action = self.action.action().ok_or_else(|| Error::invalid("action", "buy or sell"))?;
        let symbol = self.symbol.as_deref().map(str::trim).filter(|symbol| !symbol.is_empty());
        let symbol = symbol.ok_or_else(|| Error::invalid("symbol", "name the instrument"))?;
        let quantity = self.quantity.ok_or_else(|| Error::invalid("quantity", "say how much"))?;
        if !quantity.is_positive() {
            return Err(Error::invalid("quantity", format!("must be above zero, not {quantity}")));
        }
        let order_type = match (self.order_type, self.limit_price) {
            (Some(OrderType::Market), Some(_)) => {
                return Err(Error::invalid("limit_price", "a market order takes no limit price"));
            }
            (Some(OrderType::Limit), None) => {
                return Err(Error::invalid("limit_price", "a limit order needs a limit price"));
            }
            (_, Some(price)) if !price.is_positive() => {
                return Err(Error::invalid("limit_price", format!("must be above zero, not {price}")));
            }
            (_, Some(_)) => OrderType::Limit,
            (_, None) => OrderType::Market,
        };
        Ok(OrderWish {
            action,
            symbol: symbol.to_owned(),
            quantity,
            order_type,
            limit_price: self.limit_price,
        })
    }

    /// Equal for equal wishes: numbers count by value, aliases by meaning.
    pub fn hash(&self) -> Vec<u8> {
        // a struct of plain fields always serialises
        let text = serde_json::to_vec(self).unwrap_or_default();
        digest::digest(&digest::SHA256, &text).as_ref().to_vec()
    }
}
