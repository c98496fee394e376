//! From a command to its decision.

use mandate_llm::envelope::{Command, Kind};
use serde_json::{Value, json};

use super::order::{CancelOrder, PlaceOrder, unclear};
use super::sentence;
use crate::agents::Agents;
use crate::agents::model::RunId;
use crate::agents::registry::{Agent, Capability};
use crate::kernel::{Acting, Problem, TradingAccountId};
use crate::mandates::Reason;
use crate::trading::{Proposal, Wanted, Wish};

/// Most trading commands of one answer; the rest is refused.
const MOST: usize = 5;

/// What became of a trading command.
pub struct Outcome {
    /// The `decision` event's data.
    pub decision: Value,
    /// For the person.
    pub sentence: String,
}

impl Agents {
    /// None: the command is not for trading. The decision's id is that of the run and the command's place, so that the
    /// same command can never be carried out twice.
    pub(in crate::agents) async fn carry_out(
        &self,
        caller: &Acting,
        agent: &Agent,
        (run, index): (RunId, usize),
        command: &Command,
    ) -> Option<Outcome> {
        if command.kind() != Kind::Trading {
            return None;
        }
        let id = format!("{run}:{index}");
        let wish = match self.wish(caller, agent, &id, command).await {
            Ok(wish) if index < MOST => wish,
            Ok(_) => return Some(refusal(&id, unclear("one answer may hold five orders, not more"))),
            Err(reason) => return Some(refusal(&id, reason)),
        };
        let wanted = wish.action;
        let proposal = Proposal {
            caller: caller.clone(),
            client: Some("chat".to_owned()),
            agent: Some(agent.id),
            refuse_twins: wanted != Wanted::Cancel,
            wish,
        };
        Some(match self.0.trading.decide(proposal).await {
            Ok(decision) => Outcome {
                sentence: sentence::sentence(wanted, &decision),
                decision: serde_json::to_value(&decision).unwrap_or(Value::Null),
            },
            Err(error) => {
                let problem = Problem::from(error);
                let detail =
                    problem.errors.first().map_or(problem.detail, |e| format!("{}: {}", e.field, e.message));
                refusal(&id, Reason { rule: problem.code.to_owned(), detail })
            }
        })
    }

    async fn wish(
        &self,
        caller: &Acting,
        agent: &Agent,
        id: &str,
        command: &Command,
    ) -> Result<Wish, Reason> {
        if !agent.can(Capability::Trade) {
            return Err(unclear("this agent is not made for trading"));
        }
        let wish = |action, account_id| Wish {
            decision_id: id.to_owned(),
            user_id: None,
            agent_id: Some(agent.id),
            account_id,
            action,
            symbol: None,
            quantity: None,
            order_type: None,
            limit_price: None,
            order_id: None,
            confidence: Some(command.confidence),
            rationale: None,
            dry_run: false,
        };
        match command.command.as_str() {
            "placeOrder" => {
                let order = PlaceOrder::read(&command.parameters)?;
                let action = order.side()?;
                let account = self.account_for(caller, agent, &order, action).await?;
                Ok(Wish {
                    quantity: Some(order.quantity),
                    order_type: order.order_type()?,
                    limit_price: order.limit_price,
                    symbol: Some(self.listed(&order.symbol)),
                    ..wish(action, account)
                })
            }
            "cancelOrder" => {
                let order = CancelOrder::read(&command.parameters)?.order_id;
                let account = self.account_of(caller, order).await?;
                Ok(Wish { order_id: Some(order), ..wish(Wanted::Cancel, account) })
            }
            "createAlert" => Err(unclear("alerts cannot be made here yet")),
            other => Err(unclear(&format!("{other} is not known"))),
        }
    }

    /// The account that is meant: the one named, the one that the agent's mandates cover, or the only one there is.
    async fn account_for(
        &self,
        caller: &Acting,
        agent: &Agent,
        order: &PlaceOrder,
        action: Wanted,
    ) -> Result<TradingAccountId, Reason> {
        if let Some(account) = order.account_id {
            return Ok(account);
        }
        let busy = |_| Reason {
            rule: "unavailable".into(),
            detail: "the accounts cannot be read: try again".into(),
        };
        let covered = self.covered(caller, agent).await.map_err(busy)?;
        let held = match (covered.len(), action) {
            (2.., Wanted::Sell) => self.holding(caller, &covered, &order.symbol).await.map_err(busy)?,
            _ => covered,
        };
        let all = if held.is_empty() { self.open_accounts(caller).await.map_err(busy)? } else { held };
        match all.as_slice() {
            [one] => Ok(*one),
            [] => Err(unclear("you have no trading account: open a paper account first")),
            _ => Err(unclear("you have several trading accounts: say in which one, by its id")),
        }
    }
}

fn refusal(id: &str, reason: Reason) -> Outcome {
    Outcome {
        sentence: sentence::refused(&reason),
        decision: json!({"decision_id": id, "status": "rejected", "reasons": [reason]}),
    }
}
