//! From a proposal to its one outcome.

use sqlx::types::Json;

use super::judge::{Judging, event_name, is_armed};
use super::model::{Decision, DecisionId, DecisionView, Proposal, Status};
use super::store;
use super::wish::{OrderWish, Wanted};
use crate::audit::{Event, Outcome};
use crate::kernel::{Acting, AgentId, Caller, Conn, UserId};
use crate::mandates::{Mode, Reason};
use crate::trading::accounts::{self, Account};
use crate::trading::orders::{self, Cancelled, Order, OrderStatus};
use crate::trading::{Error, Trading};

/// The agent that a delegated token acts for; `None`: the person.
pub fn agent_of(caller: &Acting) -> Result<Option<AgentId>, Error> {
    let refuse = |_| Error::Forbidden("this token acts for somebody who is not an agent".to_owned());
    match &caller.by {
        Caller::Agent { act, .. } => act.parse().map(Some).map_err(refuse),
        _ => Ok(None),
    }
}

/// Who decided: the token says so, else the door, else the body. They must not contradict each other.
fn decided_by(proposal: &Proposal) -> Result<Option<AgentId>, Error> {
    let (token, door, body) = (agent_of(&proposal.caller)?, proposal.agent, proposal.wish.agent_id);
    let agent = token.or(door).or(body);
    let agrees = |claim: Option<AgentId>| claim.is_none() || claim == agent;
    if agrees(token) && agrees(door) && agrees(body) {
        return Ok(agent);
    }
    Err(Error::Forbidden("an agent decides for itself, not for another one".to_owned()))
}

impl Trading {
    /// The one path to an order. The same key and body again: the first outcome again.
    pub async fn decide(&self, proposal: Proposal) -> Result<DecisionView, Error> {
        let (caller, wish) = (&proposal.caller, &proposal.wish);
        wish.check()?;
        let agent = decided_by(&proposal)?;
        if wish.user_id.is_some_and(|user| user != caller.user) {
            return Err(Error::Forbidden("only a service decides for another user".to_owned()));
        }
        let at = self.0.kernel.clock.now();
        let client = proposal.client.as_deref().or(caller.client()).unwrap_or_default();
        let decision = Decision {
            user_id: caller.user,
            decider: format!("{client}|{}", agent.map(|agent| agent.to_string()).unwrap_or_default()),
            decision_id: wish.decision_id.clone(),
            id: DecisionId::new(self.0.kernel.rng, at),
            body_hash: wish.hash(),
            account_id: wish.account_id,
            agent_id: agent,
            wish: Json(wish.clone()),
            status: Status::Accepted,
            reasons: Json(Vec::new()),
            mandate_id: None,
            approval_id: None,
            would_send: None,
            created_at: at,
            updated_at: at,
        };
        let account = {
            let mut conn = self.0.kernel.db.read().await?;
            if let Some(view) = self.replay(&mut conn, &decision).await? {
                return Ok(view);
            }
            accounts::find(&mut conn, caller.user, wish.account_id).await?
        };
        let account = account.ok_or(Error::NotFound("trading account"))?;
        match wish.action {
            Wanted::Buy | Wanted::Sell => self.decide_order(decision, &proposal, &account).await,
            Wanted::Cancel => self.decide_cancel(decision, &proposal).await,
            Wanted::Hold | Wanted::Modify => self.write_down(decision, caller).await,
        }
    }

    /// A decision and its order, by our id or the decider's.
    pub async fn decision(&self, user: UserId, id: &str) -> Result<DecisionView, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        let found = match id.parse::<DecisionId>() {
            Ok(ours) => store::find_by_id(&mut conn, user, ours).await?,
            Err(_) => None,
        };
        let found = match found {
            Some(found) => Some(found),
            None => store::find_by_name(&mut conn, user, id).await?,
        };
        self.view(&mut conn, found.ok_or(Error::NotFound("decision"))?).await
    }

    async fn view(&self, conn: &mut Conn, decision: Decision) -> Result<DecisionView, Error> {
        let order = match decision.wish.order_id {
            Some(order) => orders::find(conn, decision.user_id, order).await?,
            None => orders::find_by_decision(conn, decision.id).await?,
        };
        Ok(DecisionView::new(decision, order))
    }

    /// The outcome of an earlier call with this key; another body is refused.
    async fn replay(&self, conn: &mut Conn, decision: &Decision) -> Result<Option<DecisionView>, Error> {
        let key = (decision.decider.as_str(), decision.decision_id.as_str());
        let Some(first) = store::find(conn, decision.user_id, key).await? else { return Ok(None) };
        if first.body_hash != decision.body_hash {
            return Err(Error::OtherBody(first.decision_id));
        }
        self.view(conn, first).await.map(Some)
    }

    async fn decide_order(
        &self,
        mut decision: Decision,
        proposal: &Proposal,
        account: &Account,
    ) -> Result<DecisionView, Error> {
        let wish = proposal.wish.order()?;
        self.check_symbol(account, &wish)?;
        let judging = Judging {
            account,
            wish: &wish,
            mode: Mode::First,
            refuse_twins: proposal.refuse_twins,
            armed: is_armed(account),
            caller: Some(&proposal.caller),
        };
        let mut tx = self.0.kernel.db.begin().await?;
        if !store::insert(&mut tx, &decision).await? {
            return self.outcome_of_other(tx, &decision).await;
        }
        let judged = self.judge(&mut tx, &mut decision, &judging).await;
        let order = tx.end(judged).await?;
        self.carry_out(decision, order).await
    }

    /// Somebody with the same key was first. Their outcome is told when it is durable: on SQLite the insert may have
    /// met a row whose commit is still under way.
    async fn outcome_of_other(
        &self,
        mut tx: crate::kernel::Tx,
        decision: &Decision,
    ) -> Result<DecisionView, Error> {
        let being_made = || Error::Conflict("this decision is being made at this moment; repeat".to_owned());
        let outcome = self.replay(&mut tx, decision).await;
        tx.end(outcome.and_then(|view| view.ok_or_else(being_made))).await
    }

    fn check_symbol(&self, account: &Account, wish: &OrderWish) -> Result<(), Error> {
        if !account.is_paper() || self.quote(&wish.symbol).is_some() {
            return Ok(());
        }
        let shown: String = wish.symbol.chars().take(40).collect();
        let known = self.0.market.symbols().into_iter().map(|symbol| symbol.symbol);
        let known = known.collect::<Vec<_>>().join(", ");
        Err(Error::invalid("symbol", format!("{shown:?} has no price here; the market knows {known}")))
    }

    /// After the commit: tell those who look, and send what is to be sent.
    pub(super) async fn carry_out(
        &self,
        decision: Decision,
        order: Option<Order>,
    ) -> Result<DecisionView, Error> {
        if decision.status == Status::PendingApproval
            && let Some(approval) = decision.approval_id
        {
            self.0.mandates.announce_waiting(decision.user_id, approval);
        }
        let Some(order) = order else {
            self.announce_decision(&decision);
            return Ok(DecisionView::new(decision, None));
        };
        if order.status == OrderStatus::Pending {
            self.dispatch(order.id).await;
            let mut conn = self.0.kernel.db.read().await?;
            let now = store::find_by_id(&mut conn, decision.user_id, decision.id).await?;
            let now = now.unwrap_or(decision);
            self.announce_decision(&now);
            return self.view(&mut conn, now).await;
        }
        self.announce(&order);
        self.announce_decision(&decision);
        Ok(DecisionView::new(decision, Some(order)))
    }

    fn announce_decision(&self, decision: &Decision) {
        self.0.kernel.bus.publish(crate::kernel::Message {
            topic: "decision.changed",
            user: Some(decision.user_id.0),
            data: serde_json::json!({
                "decision_id": decision.decision_id,
                "id": decision.id,
                "status": decision.status,
                "reasons": decision.reasons.0,
                "approval_id": decision.approval_id,
            }),
        });
    }

    /// Taking back is harmless to repeat, so it comes first and the decision is written after it.
    async fn decide_cancel(
        &self,
        mut decision: Decision,
        proposal: &Proposal,
    ) -> Result<DecisionView, Error> {
        let Some(id) = proposal.wish.order_id else { return Err(Error::NotFound("order")) };
        let order = self.order(decision.user_id, id).await?;
        if order.account_id != decision.account_id {
            return Err(Error::NotFound("order"));
        }
        if decision.wish.dry_run || self.0.config.dry_run {
            decision.status = Status::DryRun;
            return self.write_down(decision, &proposal.caller).await;
        }
        let by = Cancelled { user: decision.user_id, agent: decision.agent_id, caller: &proposal.caller };
        match self.cancel(by, id).await {
            Ok(_) => decision.status = Status::Executed,
            Err(error @ (Error::Conflict(_) | Error::Frozen)) => {
                let rule = if matches!(error, Error::Frozen) { "kill_switch" } else { "order" };
                decision.status = Status::Rejected;
                decision.reasons = Json(vec![Reason { rule: rule.to_owned(), detail: error.to_string() }]);
            }
            Err(error) => return Err(error),
        }
        self.write_down(decision, &proposal.caller).await
    }

    /// Records a decision that makes no order of its own.
    async fn write_down(&self, decision: Decision, caller: &Acting) -> Result<DecisionView, Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        if !store::insert(&mut tx, &decision).await? {
            return self.outcome_of_other(tx, &decision).await;
        }
        let outcome = if decision.status == Status::Rejected { Outcome::Denied } else { Outcome::Success };
        let row = Event::new(event_name(decision.status)).by(caller).resource(decision.id).outcome(outcome);
        let row = match decision.agent_id {
            Some(agent) => row.actor(agent),
            None => row,
        };
        let details = serde_json::json!({
            "decision_id": decision.decision_id,
            "action": decision.wish.action,
            "order_id": decision.wish.order_id,
        });
        self.0.audit.append(&mut tx, row.details(details)).await?;
        tx.commit().await?;
        self.announce_decision(&decision);
        let mut conn = self.0.kernel.db.read().await?;
        self.view(&mut conn, decision).await
    }
}
