//! Approving, rejecting, expiring.

use serde_json::json;

use super::{
    model::{Approval, ApprovalId, Ended, Outcome, Reach},
    store,
};
use crate::{
    audit::{self, Event},
    kernel::{Caller, Conn, Message, Page, Paged, Problem, Tx, UserId, db},
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
        caller: &Caller,
        id: ApprovalId,
        hash: &str,
    ) -> Result<Approval, Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        let approval = store::find(&mut tx, caller.user, id).await?.ok_or(Error::NoApproval)?;
        if !hash.eq_ignore_ascii_case(&approval.order_hash) {
            return Err(Error::WrongHash);
        }
        self.decide(tx, &approval, caller, (Outcome::Approved, "approved")).await
    }

    pub(super) async fn reject(&self, caller: &Caller, id: ApprovalId, why: &str) -> Result<Approval, Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        let approval = store::find(&mut tx, caller.user, id).await?.ok_or(Error::NoApproval)?;
        self.decide(tx, &approval, caller, (Outcome::Rejected, why)).await
    }

    async fn decide(
        &self,
        mut tx: Tx,
        approval: &Approval,
        caller: &Caller,
        end: (Outcome, &str),
    ) -> Result<Approval, Error> {
        let event =
            Event::new(if end.0 == Outcome::Approved { "approval.approved" } else { "approval.rejected" });
        let Some(ended) = self.end_one(&mut tx, approval, end, event.by(caller)).await? else {
            let seen = if approval.status == "pending" { "expired" } else { &approval.status };
            return Err(Error::Decided(seen.to_owned()));
        };
        tx.commit().await?;
        self.announce_ended(&[ended]);
        self.approval(caller.user, approval.id).await
    }

    /// Ends all that wait within a reach, because a mandate or a switch ended them.
    pub(in crate::mandates) async fn end_approvals(
        &self,
        tx: &mut Tx,
        reach: Reach<'_>,
        why: &str,
    ) -> Result<Vec<Ended>, Error> {
        let mut all = Vec::new();
        for approval in store::waiting(tx, reach).await? {
            let event = Event::new("approval.rejected").actor("system");
            all.extend(self.end_one(tx, &approval, (Outcome::Rejected, why), event).await?);
        }
        Ok(all)
    }

    /// Ends those whose time is over; run by a job.
    pub(in crate::mandates) async fn expire_approvals(&self) -> Result<(), Error> {
        let now = self.0.kernel.clock.now();
        let due = store::due(&mut self.0.kernel.db.read().await?, now, BATCH).await?;
        if due.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.kernel.db.begin().await?;
        let mut all = Vec::new();
        for approval in &due {
            let end = (Outcome::Expired, "nobody approved it in time");
            all.extend(
                self.end_one(&mut tx, approval, end, Event::new("approval.expired").actor("system")).await?,
            );
        }
        tx.commit().await?;
        self.announce_ended(&all);
        Ok(())
    }

    /// One end with its reservation, its word for trading and its audit row; `None` when it had ended before.
    async fn end_one(
        &self,
        tx: &mut Tx,
        approval: &Approval,
        (outcome, why): (Outcome, &str),
        event: Event,
    ) -> Result<Option<Ended>, Error> {
        let now = self.0.kernel.clock.now();
        if !store::end(tx, approval, (outcome, why), now).await? {
            return Ok(None);
        }
        if outcome != Outcome::Approved {
            budget::withdraw(tx, approval.decision, now).await?;
        }
        let audited =
            if outcome == Outcome::Approved { audit::Outcome::Success } else { audit::Outcome::Denied };
        let details = json!({ "order": approval.order_view.0, "order_hash": approval.order_hash });
        let event =
            event.user(approval.user_id).resource(approval.id).outcome(audited).reason(why).details(details);
        self.0.audit.append(tx, event).await?;
        Ok(Some(Ended {
            approval: approval.id,
            user_id: approval.user_id,
            decision: approval.decision,
            outcome: outcome.name().to_owned(),
            why: why.to_owned(),
        }))
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
