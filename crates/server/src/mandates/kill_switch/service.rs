//! Turning switches on and off.

use serde_json::json;
use uuid::Uuid;

use super::{
    model::{KillSwitch, Scope},
    store,
};
use crate::{
    audit::Event,
    kernel::{Acting, AgentId, Conn, Message, TradingAccountId, UserId, db},
    mandates::{Mandates, approvals, model::Error},
};

/// What somebody asks of a switch.
#[derive(Clone, Debug)]
pub(super) struct Pull {
    pub scope: Scope,
    /// Whose switch it is; nil for everybody's.
    pub owner: Uuid,
    pub target: String,
    pub freeze_all: bool,
    pub cancel_open_orders: bool,
    pub reason: Option<String>,
}

impl Mandates {
    /// The switch that stops this act, if one is on. Read again right before an order leaves.
    pub async fn kill_switch(
        &self,
        conn: &mut Conn,
        user: UserId,
        agent: Option<AgentId>,
        account: Option<TradingAccountId>,
    ) -> Result<Option<KillSwitch>, db::Error> {
        store::find(conn, user, agent, account).await
    }

    pub(super) async fn switches(&self, user: UserId) -> Result<Vec<KillSwitch>, Error> {
        Ok(store::on(&mut self.0.kernel.db.read().await?, user).await?)
    }

    /// On: acts in its reach are refused from this commit on, and waiting approvals end with it.
    pub(super) async fn pull(&self, caller: &Acting, pull: Pull) -> Result<(), Error> {
        let kernel = &self.0.kernel;
        let now = kernel.clock.now();
        let mut tx = kernel.db.begin().await?;
        let switch = KillSwitch {
            user_id: pull.owner,
            scope: pull.scope.name().to_owned(),
            target: pull.target.clone(),
            freeze_all: pull.freeze_all,
            cancel_open_orders: pull.cancel_open_orders,
            reason: pull.reason.clone(),
            set_by: caller.actor().map_or_else(|| caller.user.to_string(), str::to_owned),
            set_at: now,
        };
        store::set(&mut tx, &switch).await?;
        let reach = approvals::Reach::Switch { scope: pull.scope, owner: pull.owner, target: &pull.target };
        let ended = self.end_approvals(&mut tx, reach, &switch.spoken()).await?;
        let details = json!({
            "scope": switch.scope, "id": switch.target, "freeze_all": switch.freeze_all,
            "cancel_open_orders": switch.cancel_open_orders, "approvals_ended": ended.len(),
        });
        let mut event = Event::new("kill_switch.on").by(caller).details(details);
        if let Some(reason) = &pull.reason {
            event = event.reason(reason.as_str());
        }
        if !pull.owner.is_nil() {
            event = event.user(UserId(pull.owner)).resource(UserId(pull.owner));
        }
        self.0.audit.append(&mut tx, event).await?;
        tx.commit().await?;
        self.announce_switch(&pull, true);
        self.announce_ended(&ended);
        Ok(())
    }

    /// Off. Nothing that it ended comes back.
    pub(super) async fn lift(&self, caller: &Acting, pull: Pull) -> Result<(), Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        let Some(switch) = store::get(&mut tx, pull.owner, pull.scope.name(), &pull.target).await? else {
            return Ok(tx.discard().await?);
        };
        // one that an admin turned on for a person is not the person's to lift
        let other = switch.set_by.parse::<UserId>().is_ok_and(|setter| setter != caller.user);
        if other && !caller.is_admin() {
            return tx.refuse(Error::Beyond).await;
        }
        if !store::clear(&mut tx, pull.owner, pull.scope.name(), &pull.target).await? {
            return Ok(tx.discard().await?);
        }
        let details = json!({ "scope": pull.scope, "id": pull.target });
        let mut event = Event::new("kill_switch.off").by(caller).details(details);
        if !pull.owner.is_nil() {
            event = event.user(UserId(pull.owner)).resource(UserId(pull.owner));
        }
        self.0.audit.append(&mut tx, event).await?;
        tx.commit().await?;
        self.announce_switch(&pull, false);
        Ok(())
    }

    fn announce_switch(&self, pull: &Pull, on: bool) {
        self.0.kernel.bus.publish(Message {
            topic: "kill_switch.changed",
            user: Some(pull.owner).filter(|owner| !owner.is_nil()),
            data: json!({
                "scope": pull.scope, "id": pull.target, "on": on,
                "freeze_all": pull.freeze_all, "cancel_open_orders": pull.cancel_open_orders,
            }),
        });
    }
}
