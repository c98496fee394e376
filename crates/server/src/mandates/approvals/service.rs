//! Approving, rejecting, expiring.

use serde_json::json;

use super::{
    model::{Approval, ApprovalId, Ended, Outcome, Reach},
    store,
};
use crate::{
    audit::{self, Event},
    kernel::{Acting, Conn, Message, Page, Paged, Problem, Tx, UserId, db},
    mandates::{Mandates, budget, model::Error},
};

/// Approvals that one run of the job ends.
const BATCH: i64 = 100;

impl Mandates {
    pub(super) async fn approvals(
        &self,
        user: UserId,
        status: &str,
        page: &Page,
    ) -> Result<Paged<Approval>, Problem> {
        let mut conn = self.0.kernel.db.read().await?;
        let rows = store::list(&mut conn, user, (status, page.after()?), page.limit() + 1).await?;
        Ok(Paged::from_rows(rows, page, |approval| approval.id))
    }

    pub(super) async fn approval(&self, user: UserId, id: ApprovalId) -> Result<Approval, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        store::find(&mut conn, user, id).await?.ok_or(Error::NoApproval)
    }

    /// The person says yes to exactly this order. Trading takes it from here and has it judged again.
    pub(super) async fn approve(
        &self,
        caller: &Acting,
        id: ApprovalId,
        hash: &str,
    ) -> Result<Approval, Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        let Some(approval) = store::find(&mut tx, caller.user, id).await? else {
            return tx.refuse(Error::NoApproval).await;
        };
        if !hash.eq_ignore_ascii_case(&approval.order_hash) {
            return tx.refuse(Error::WrongHash).await;
        }
        self.decide(tx, &approval, caller, (Outcome::Approved, "approved")).await
    }

    pub(super) async fn reject(&self, caller: &Acting, id: ApprovalId, why: &str) -> Result<Approval, Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        let Some(approval) = store::find(&mut tx, caller.user, id).await? else {
            return tx.refuse(Error::NoApproval).await;
        };
        self.decide(tx, &approval, caller, (Outcome::Rejected, why)).await
    }

    async fn decide(
        &self,
        mut tx: Tx,
        approval: &Approval,
        caller: &Acting,
        end: (Outcome, &str),
    ) -> Result<Approval, Error> {
        let event = || Event::new(event_name(end.0)).by(caller);
        let ended = self.end_all(&mut tx, std::slice::from_ref(approval), end, event).await?;
        if ended.is_empty() {
            // read again: somebody may have ended it since
            let now = store::find(&mut tx, caller.user, approval.id).await?;
            let seen = now.map(|approval| approval.status).filter(|status| status != "pending");
            return tx.refuse(Error::Decided(seen.unwrap_or_else(|| "expired".to_owned()))).await;
        }
        tx.commit().await?;
        self.announce_ended(&ended);
        self.approval(caller.user, approval.id).await
    }

    /// Ends all that wait within a reach, because a mandate or a switch ended them.
    pub(in crate::mandates) async fn end_approvals(
        &self,
        tx: &mut Tx,
        reach: Reach<'_>,
        why: &str,
    ) -> Result<Vec<Ended>, Error> {
        let waiting = store::waiting(tx, reach).await?;
        self.end_all(tx, &waiting, (Outcome::Rejected, why), by_system(Outcome::Rejected)).await
    }

    /// Ends those whose time is over; run by a job.
    pub(in crate::mandates) async fn expire_approvals(&self) -> Result<(), Error> {
        let now = self.0.kernel.clock.now();
        let mut due = store::due(&mut self.0.kernel.db.read().await?, now, BATCH).await?;
        if due.is_empty() {
            return Ok(());
        }
        due.sort_unstable_by_key(|approval| (approval.user_id, approval.id));
        let mut tx = self.0.kernel.db.begin().await?;
        let end = (Outcome::Expired, "nobody approved it in time");
        let ended = self.end_all(&mut tx, &due, end, by_system(Outcome::Expired)).await?;
        tx.commit().await?;
        self.announce_ended(&ended);
        Ok(())
    }

    /// Ends each that still waits: its status and word for trading, its reservation, its audit row. Answers those that
    /// it ended. Budgets come before audit rows, as everywhere, so that two transactions never wait for each other.
    async fn end_all(
        &self,
        tx: &mut Tx,
        approvals: &[Approval],
        (outcome, why): (Outcome, &str),
        event: impl Fn() -> Event,
    ) -> Result<Vec<Ended>, Error> {
        let now = self.0.kernel.clock.now();
        let mut all = Vec::new();
        for approval in approvals {
            if !store::end(tx, approval, (outcome, why), now).await? {
                continue;
            }
            if outcome != Outcome::Approved {
                budget::withdraw(tx, approval.decision, now).await?;
            }
            all.push(approval);
        }
        let audited =
            if outcome == Outcome::Approved { audit::Outcome::Success } else { audit::Outcome::Denied };
        for approval in &all {
            let details = json!({ "order": approval.order_view.0, "order_hash": approval.order_hash });
            let event = event().user(approval.user_id).resource(approval.id).outcome(audited);
            self.0.audit.append(tx, event.reason(why).details(details)).await?;
        }
        let ended = |approval: &Approval| Ended {
            approval: approval.id,
            user_id: approval.user_id,
            decision: approval.decision,
            outcome: outcome.name().to_owned(),
            why: why.to_owned(),
        };
        Ok(all.into_iter().map(ended).collect())
    }

    pub(in crate::mandates) fn announce_ended(&self, all: &[Ended]) {
        for ended in all {
            self.0.kernel.bus.publish(Message {
                topic: "approval.decided",
                user: Some(ended.user_id.0),
                data: json!({ "approval_id": ended.approval, "status": ended.outcome }),
            });
        }
    }

    /// Ended approvals that trading has to act on, oldest first.
    pub async fn ended_approvals(&self, limit: i64) -> Result<Vec<Ended>, db::Error> {
        store::outbox(&mut self.0.kernel.db.read().await?, limit).await
    }

    /// Takes one in the transaction that acts on it; false when another node was first.
    pub async fn take_ended(&self, tx: &mut Conn, approval: ApprovalId) -> Result<bool, db::Error> {
        store::take(tx, approval).await
    }
}

const fn event_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Approved => "approval.approved",
        Outcome::Rejected => "approval.rejected",
        Outcome::Expired => "approval.expired",
    }
}

fn by_system(outcome: Outcome) -> impl Fn() -> Event {
    move || Event::new(event_name(outcome)).actor("system")
}
