//! Taking an order back.

use mandate_brokers::{Report, State};
use serde_json::json;

use super::model::{Order, OrderId, OrderStatus, OrderView};
use super::store;
use crate::audit::Event;
use crate::kernel::{Acting, AgentId, UserId};
use crate::trading::{Error, Trading, accounts, paper};

/// Who wants an order taken back.
pub(in crate::trading) struct Cancelled<'a> {
    pub user: UserId,
    /// An agent may take back its own orders only.
    pub agent: Option<AgentId>,
    pub caller: &'a Acting,
}

impl Trading {
    /// Takes back what is left of an order. One that has ended is a conflict; one that is cancelled stays so.
    pub(in crate::trading) async fn cancel(&self, by: Cancelled<'_>, id: OrderId) -> Result<Order, Error> {
        let order = self.order(by.user, id).await?;
        if by.agent.is_some() && by.agent != order.agent_id {
            return Err(Error::NotFound("order"));
        }
        if order.is_paper() {
            return self.cancel_paper(by, order).await;
        }
        match order.status {
            OrderStatus::Pending => self.cancel_pending(by, order).await,
            OrderStatus::Cancelled => Ok(order),
            OrderStatus::Unknown => {
                Err(Error::Conflict("its outcome is unknown: look at the broker before anything else".into()))
            }
            other => Err(Error::Conflict(format!("an order that is {} cannot be cancelled", other.word()))),
        }
    }

    /// One's own order, as it is shown.
    pub async fn order_view(&self, user: UserId, id: OrderId) -> Result<OrderView, Error> {
        Ok(self.order(user, id).await?.into())
    }

    pub(in crate::trading) async fn order(&self, user: UserId, id: OrderId) -> Result<Order, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        store::find(&mut conn, user, id).await?.ok_or(Error::NotFound("order"))
    }

    async fn cancel_paper(&self, by: Cancelled<'_>, order: Order) -> Result<Order, Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        let Some(account) = accounts::find(&mut tx, by.user, order.account_id).await? else {
            return tx.refuse(Error::NotFound("trading account")).await;
        };
        // the state's lock first: what is read after it is what is changed
        let mut locked = self.lock_paper(&mut tx, &account).await?;
        let Some(order) = store::find(&mut tx, by.user, order.id).await? else {
            return tx.refuse(Error::NotFound("order")).await;
        };
        let mut order = match order.status {
            OrderStatus::Cancelled => {
                tx.discard().await?;
                return Ok(order);
            }
            status if status.is_resting() => order,
            other => {
                let words = format!("an order that is {} cannot be cancelled", other.word());
                return tx.refuse(Error::Conflict(words)).await;
            }
        };
        if let Err(error) = self.check_freeze(&mut tx, &by, &order).await {
            return tx.refuse(error).await;
        }
        let gone = |rejection: mandate_brokers::paper::Rejection| Error::Conflict(rejection.to_string());
        let report = match locked.state.cancel(&order.id.to_string(), None).map_err(gone) {
            Ok(report) => report,
            Err(error) => return tx.refuse(error).await,
        };
        paper::store(&mut tx, &locked).await?;
        self.finish(tx, &by, &mut order, &report).await?;
        Ok(order)
    }

    /// Not sent yet: it never will be.
    async fn cancel_pending(&self, by: Cancelled<'_>, mut order: Order) -> Result<Order, Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        if let Err(error) = self.check_freeze(&mut tx, &by, &order).await {
            return tx.refuse(error).await;
        }
        let report = Report {
            broker_order_id: None,
            state: State::Cancelled,
            quantity: order.quantity.0,
            filled: order.filled_quantity.0,
            value: None,
            average_price: None,
            fee: order.fee.0,
            message: Some("cancelled before it was sent".to_owned()),
        };
        self.finish(tx, &by, &mut order, &report).await?;
        Ok(order)
    }

    async fn check_freeze(
        &self,
        tx: &mut crate::kernel::Tx,
        by: &Cancelled<'_>,
        order: &Order,
    ) -> Result<(), Error> {
        let switch = self.0.mandates.kill_switch(tx, by.user, by.agent, Some(order.account_id)).await?;
        if switch.is_some_and(|switch| switch.freeze_all) { Err(Error::Frozen) } else { Ok(()) }
    }

    async fn finish(
        &self,
        mut tx: crate::kernel::Tx,
        by: &Cancelled<'_>,
        order: &mut Order,
        report: &Report,
    ) -> Result<(), Error> {
        if !self.settle(&mut tx, order, report).await? {
            return Err(Error::Conflict("the order changed at the same time; look again".into()));
        }
        let row = Event::new("order.cancel_asked").by(by.caller).resource(order.id);
        self.0.audit.append(&mut tx, row.details(json!({ "decision_id": order.decision_id }))).await?;
        tx.commit().await?;
        self.announce(order);
        Ok(())
    }

    /// Takes back the open orders of those whose kill switch asks for it.
    pub(in crate::trading) async fn cancel_switched(&self) -> Result<(), Error> {
        let mut after = uuid::Uuid::nil();
        loop {
            let page = store::resting(&mut self.0.kernel.db.read().await?, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id.0;
            for order in page {
                self.cancel_if_switched(&order).await?;
            }
        }
    }

    async fn cancel_if_switched(&self, order: &Order) -> Result<(), Error> {
        let key = (order.user_id, order.agent_id, Some(order.account_id));
        let asks = {
            let mut conn = self.0.kernel.db.read().await?;
            self.0.mandates.kill_switch(&mut conn, key.0, key.1, key.2).await?
        };
        if !asks.is_some_and(|switch| switch.cancel_open_orders) {
            return Ok(());
        }
        let mut tx = self.0.kernel.db.begin().await?;
        let Some(account) = accounts::find(&mut tx, order.user_id, order.account_id).await? else {
            return Ok(tx.discard().await?);
        };
        let mut locked = self.lock_paper(&mut tx, &account).await?;
        let found = store::find(&mut tx, order.user_id, order.id).await?;
        let Some(mut order) = found.filter(|order| order.status.is_resting()) else {
            return Ok(tx.discard().await?);
        };
        let Ok(mut report) = locked.state.cancel(&order.id.to_string(), None) else {
            return Ok(tx.discard().await?);
        };
        report.message = Some("cancelled by the kill switch".to_owned());
        paper::store(&mut tx, &locked).await?;
        self.settle(&mut tx, &mut order, &report).await?;
        tx.commit().await?;
        self.announce(&order);
        Ok(())
    }
}
