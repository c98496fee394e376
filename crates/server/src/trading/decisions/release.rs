//! What becomes of decisions that waited for the person.
//!
//! INVARIANT: the word that `mandates` left is taken in the transaction that acts on it, so that one approval
//! releases one order, on however many nodes this runs.

use sqlx::types::Json;

use super::judge::{Judging, event_name, is_armed};
use super::model::{Decision, DecisionId, Status};
use super::store;
use crate::audit::{Event, Outcome};
use crate::kernel::Tx;
use crate::mandates::{Ended, Mode, Reason};
use crate::trading::accounts::{self, Account};
use crate::trading::orders::Order;
use crate::trading::{Error, Trading};

const BATCH: i64 = 100;

impl Trading {
    /// Acts on all approvals that have ended. One that fails is left for the next run.
    pub(in crate::trading) async fn release_ended(&self) -> Result<(), Error> {
        for ended in self.0.mandates.ended_approvals(BATCH).await? {
            if let Err(error) = self.release(&ended).await {
                tracing::warn!(approval = %ended.approval, %error, "an ended approval could not be acted on yet");
            }
        }
        Ok(())
    }

    async fn release(&self, ended: &Ended) -> Result<(), Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        if !self.0.mandates.take_ended(&mut tx, ended.approval).await? {
            return Ok(tx.discard().await?);
        }
        let found = store::find_by_id(&mut tx, ended.user_id, DecisionId(ended.decision)).await?;
        let Some(mut decision) = found.filter(|decision| decision.status == Status::PendingApproval) else {
            return Ok(tx.commit().await?);
        };
        let account = accounts::find(&mut tx, decision.user_id, decision.account_id).await?;
        let order = if let Some(account) = account.filter(|_| ended.outcome == "approved") {
            self.judge_again(&mut tx, &mut decision, &account, ended).await?
        } else {
            self.end_waiting(&mut tx, &mut decision, ended).await?;
            None
        };
        tx.commit().await?;
        self.carry_out(decision, order).await?;
        Ok(())
    }

    async fn judge_again(
        &self,
        tx: &mut Tx,
        decision: &mut Decision,
        account: &Account,
        ended: &Ended,
    ) -> Result<Option<Order>, Error> {
        let wish = decision.wish.order()?;
        let judging = Judging {
            account,
            wish: &wish,
            mode: Mode::Release(ended.approval),
            refuse_twins: false,
            armed: is_armed(account),
            caller: None,
        };
        self.judge(tx, decision, &judging).await
    }

    /// Rejected, expired, or its account is gone.
    async fn end_waiting(&self, tx: &mut Tx, decision: &mut Decision, ended: &Ended) -> Result<(), Error> {
        self.0.mandates.withdraw(tx, decision.id.0).await?;
        let detail = if ended.outcome == "approved" {
            "the trading account was unlinked".to_owned()
        } else {
            format!("{}: {}", ended.outcome, ended.why)
        };
        decision.status = Status::Rejected;
        decision.reasons = Json(vec![Reason { rule: "approval".to_owned(), detail: detail.clone() }]);
        decision.updated_at = self.0.kernel.clock.now();
        store::conclude(tx, decision).await?;
        let row = Event::new(event_name(decision.status)).user(decision.user_id).resource(decision.id);
        let row = row.outcome(Outcome::Denied).reason(detail);
        let row = match decision.agent_id {
            Some(agent) => row.actor(agent),
            None => row.actor(decision.user_id),
        };
        Ok(self.0.audit.append(tx, row).await?)
    }
}
