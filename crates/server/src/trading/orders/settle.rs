//! Writes what an order became: the order, its decision, its budget and the audit, in one transaction.

use mandate_brokers::{Error as BrokerError, Report};
use serde_json::json;

use super::model::{Order, OrderStatus};
use super::store;
use crate::audit::{Event, Outcome};
use crate::kernel::{Num, Tx};
use crate::mandates::Reason;
use crate::trading::decisions::{self, Status};
use crate::trading::{Error, Trading};

/// How a decision stands because of its order.
pub(in crate::trading) fn decision_status(order: &Order) -> Status {
    match order.status {
        OrderStatus::Filled => Status::Executed,
        OrderStatus::Pending
        | OrderStatus::Sent
        | OrderStatus::Open
        | OrderStatus::PartiallyFilled
        | OrderStatus::Cancelled => Status::Accepted,
        OrderStatus::Rejected => Status::Rejected,
        OrderStatus::Unknown => Status::Unknown,
    }
}

impl Trading {
    /// Takes over a report for an order that stood at `from`. False: somebody settled it first, nothing changed.
    pub(in crate::trading) async fn settle(
        &self,
        tx: &mut Tx,
        order: &mut Order,
        report: &Report,
    ) -> Result<bool, Error> {
        let from = order.status;
        order.apply(report, self.0.kernel.clock.now());
        if !store::update(tx, order, from).await? {
            return Ok(false);
        }
        decisions::set_status(tx, order, decision_status(order), &[]).await?;
        self.budget(tx, order).await?;
        self.record(tx, order, Outcome::Success).await?;
        Ok(true)
    }

    /// Takes over a failed call. An unknown outcome keeps its reservation.
    pub(super) async fn fail(
        &self,
        tx: &mut Tx,
        order: &mut Order,
        error: &BrokerError,
    ) -> Result<bool, Error> {
        let from = order.status;
        let status = match error {
            BrokerError::Unknown { .. } => Status::Unknown,
            BrokerError::Refused { .. } => Status::Rejected,
            BrokerError::NeedsLogin { .. } => Status::NoCredentials,
            _ => Status::Failed,
        };
        order.status = if status == Status::Unknown { OrderStatus::Unknown } else { OrderStatus::Rejected };
        order.message = Some(error.to_string());
        order.updated_at = self.0.kernel.clock.now();
        if !store::update(tx, order, from).await? {
            return Ok(false);
        }
        let reason = Reason { rule: "broker".to_owned(), detail: error.to_string() };
        decisions::set_status(tx, order, status, &[reason]).await?;
        self.budget(tx, order).await?;
        self.record(tx, order, Outcome::Failure).await?;
        Ok(true)
    }

    /// What the order used of its mandate, once that is certain.
    pub(in crate::trading) async fn budget(&self, tx: &mut Tx, order: &Order) -> Result<(), Error> {
        let (mandates, decision) = (&self.0.mandates, order.decision.0);
        let traded = order.filled_quantity > Num::ZERO;
        match order.status {
            OrderStatus::PartiallyFilled => mandates.commit_part(tx, decision, order.value).await?,
            OrderStatus::Filled | OrderStatus::Cancelled if traded => {
                mandates.settle(tx, decision, order.value).await?;
            }
            // it rested for a while: it counts as an order of the day
            OrderStatus::Filled | OrderStatus::Cancelled => mandates.release(tx, decision).await?,
            OrderStatus::Rejected => mandates.withdraw(tx, decision).await?,
            OrderStatus::Pending | OrderStatus::Sent | OrderStatus::Open | OrderStatus::Unknown => {}
        }
        Ok(())
    }

    async fn record(&self, tx: &mut Tx, order: &Order, outcome: Outcome) -> Result<(), Error> {
        let name = match order.status {
            OrderStatus::Filled => "order.filled",
            OrderStatus::PartiallyFilled => "order.partially_filled",
            OrderStatus::Cancelled => "order.cancelled",
            OrderStatus::Rejected => "order.rejected",
            OrderStatus::Unknown => "order.unknown",
            OrderStatus::Open => "order.opened",
            OrderStatus::Pending | OrderStatus::Sent => "order.sent",
        };
        let latency = order.sent_at.map(|sent| order.updated_at.since(sent).as_millis());
        let mut row =
            Event::new(name).user(order.user_id).resource(order.id).outcome(outcome).details(json!({
                "decision_id": order.decision_id,
                "account_id": order.account_id,
                "side": order.side,
                "symbol": order.symbol,
                "quantity": order.quantity,
                "filled_quantity": order.filled_quantity,
                "average_price": order.average_price,
                "latency_ms": latency.map(|millis| u64::try_from(millis).unwrap_or(u64::MAX)),
            }));
        row = match order.agent_id {
            Some(agent) => row.actor(agent),
            None => row.actor(order.user_id),
        };
        if let Some(message) = &order.message {
            row = row.reason(message);
        }
        Ok(self.0.audit.append(tx, row).await?)
    }

    /// Tells those who look; after the commit.
    pub(in crate::trading) fn announce(&self, order: &Order) {
        self.0.kernel.bus.publish(crate::kernel::Message {
            topic: "order.changed",
            user: Some(order.user_id.0),
            data: json!({
                "order_id": order.id,
                "account_id": order.account_id,
                "decision_id": order.decision_id,
                "symbol": order.symbol,
                "side": order.side,
                "status": order.status,
                "filled_quantity": order.filled_quantity,
            }),
        });
    }
}
