//! The outbox: sends pending orders to brokers outside, and finds out about those whose answer was lost.

use std::time::Duration;

use futures::StreamExt as _;
use mandate_brokers::ndollar::NDollar;
use mandate_brokers::{Broker, Connection, Error as BrokerError, Report};

use super::model::{Order, OrderId, OrderStatus};
use super::store;
use crate::kernel::{db, minutes, seconds};
use crate::trading::accounts::{self, AccountStatus};
use crate::trading::{Error, Trading};

/// A pending order this old was left behind by a crash: its own request would have sent it.
const LEFT_BEHIND: Duration = seconds(3);
/// Older than this it is not sent any more: the wish is stale.
const STALE: Duration = minutes(5);
/// Why a credential is opened, for its owner's log.
const PURPOSE: &str = "send an order";
/// Orders of the outbox that are worked on at a time: one slow broker does not hold up the others.
const AT_ONCE: usize = 16;
/// How long after the broker's own limit an answer is given up.
const GRACE: Duration = seconds(15);

impl Trading {
    fn ndollar(&self) -> NDollar {
        NDollar { timeout: seconds(self.0.config.ndollar.timeout_seconds) }
    }

    /// The adapter of a broker outside.
    pub(in crate::trading) fn adapter(&self, broker: &str) -> Option<Box<dyn Broker>> {
        (broker == "ndollar").then(|| Box::new(self.ndollar()) as Box<dyn Broker>)
    }

    /// Sends one pending order, on a task of its own so that a caller who goes away does not cut it in half.
    pub(in crate::trading) async fn dispatch(&self, id: OrderId) {
        let trading = self.clone();
        let task = self.0.kernel.jobs.spawn("trading.send", async move {
            if let Err(error) = trading.send(id).await {
                tracing::warn!(order = %id, %error, "an order could not be sent; the outbox will look again");
            }
        });
        let _ = task.await;
    }

    async fn send(&self, id: OrderId) -> Result<(), Error> {
        let Some((order, connection)) = self.take(id).await? else { return Ok(()) };
        let result = match (self.adapter(&order.broker), connection) {
            (Some(broker), Some(connection)) => broker.place(&connection, &order.as_new()).await,
            _ => Err(BrokerError::Missing { field: "access_token" }),
        };
        self.conclude(order, result).await
    }

    /// Claims the order after asking the kill switch once more. The credential is opened before, outside of the
    /// transaction.
    async fn take(&self, id: OrderId) -> Result<Option<(Order, Option<Connection>)>, Error> {
        let now = self.0.kernel.clock.now();
        let Some(pending) = self.pending(id).await? else { return Ok(None) };
        let account = {
            let mut conn = self.0.kernel.db.read().await?;
            accounts::find(&mut conn, pending.user_id, pending.account_id).await?
        };
        let connection = match &account {
            Some(account) => self.connection(account, PURPOSE).await?,
            None => None,
        };
        let mut tx = self.0.kernel.db.begin().await?;
        let Some(mut order) = store::claim(&mut tx, id, now).await? else {
            tx.discard().await?;
            return Ok(None);
        };
        let stopped = self
            .0
            .mandates
            .kill_switch(&mut tx, order.user_id, order.agent_id, Some(order.account_id))
            .await?;
        // one that was on when the order was judged let it pass as a reducing one; one that came since stops it
        let why = if stopped.is_some_and(|switch| switch.freeze_all || switch.set_at >= order.created_at) {
            "the kill switch is on: it was not sent"
        } else if now.since(order.created_at) > STALE {
            "it could not be sent in time"
        } else {
            tx.commit().await?;
            return Ok(Some((order, connection)));
        };
        let refused = BrokerError::Refused { words: why.to_owned() };
        self.fail(&mut tx, &mut order, &refused).await?;
        tx.commit().await?;
        self.announce(&order);
        Ok(None)
    }

    async fn pending(&self, id: OrderId) -> Result<Option<Order>, db::Error> {
        let mut conn = self.0.kernel.db.read().await?;
        let order = crate::fetch_optional!(conn, Order, "SELECT * FROM orders WHERE id = $1", id)?;
        Ok(order.filter(|order| order.status == OrderStatus::Pending))
    }

    async fn conclude(&self, mut order: Order, result: Result<Report, BrokerError>) -> Result<(), Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        let first = match &result {
            Ok(report) => self.settle(&mut tx, &mut order, report).await?,
            Err(error) => self.fail(&mut tx, &mut order, error).await?,
        };
        if let Err(BrokerError::NeedsLogin { .. }) = &result {
            let key = (order.user_id, order.account_id);
            accounts::set_status(&mut tx, key, AccountStatus::NeedsLogin, None, None).await?;
        }
        tx.commit().await?;
        if first {
            self.announce(&order);
        }
        Ok(())
    }

    /// The job behind the outbox.
    pub(in crate::trading) async fn drain_outbox(&self) -> Result<(), Error> {
        let now = self.0.kernel.clock.now();
        let answer = seconds(self.0.config.ndollar.timeout_seconds) + GRACE;
        let waiting = {
            let mut conn = self.0.kernel.db.read().await?;
            store::outbox(&mut conn, now.minus(LEFT_BEHIND), now.minus(answer)).await?
        };
        let acts = waiting.into_iter().map(|order| async move {
            if order.status == OrderStatus::Pending {
                self.dispatch(order.id).await;
                return Ok(());
            }
            self.reconcile(order).await
        });
        let done: Vec<Result<(), Error>> =
            futures::stream::iter(acts).buffer_unordered(AT_ONCE).collect().await;
        done.into_iter().collect()
    }

    /// Asks the broker what became of an order that was sent by a process that is gone. It is never sent again.
    async fn reconcile(&self, order: Order) -> Result<(), Error> {
        let account = {
            let mut conn = self.0.kernel.db.read().await?;
            accounts::find(&mut conn, order.user_id, order.account_id).await?
        };
        let connection = match &account {
            Some(account) => self.connection(account, "find out about an order").await?,
            None => None,
        };
        let lost = || BrokerError::Unknown { words: "the answer was lost".to_owned() };
        let result = match (self.adapter(&order.broker), connection) {
            (Some(broker), Some(connection)) => match broker.find(&connection, &order.id.to_string()).await {
                Ok(Some(report)) => Ok(report),
                Ok(None) => Err(BrokerError::Refused { words: "the broker never had it".to_owned() }),
                Err(_) => Err(lost()),
            },
            _ => Err(lost()),
        };
        self.conclude(order, result).await
    }
}
