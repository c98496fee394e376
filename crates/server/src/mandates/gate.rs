//! The gate in front of every act: all checks in order, the budget reserved in the same transaction.
//!
//! INVARIANT: whatever cannot be read or computed refuses; only the last line of `judge_in` allows.

use uuid::Uuid;

use super::{
    Mandates,
    act::{Act, Action, Mode, Reason, Verdict},
    approvals::{self, Approval, ApprovalId, Leaves, OrderView, order_hash},
    budget::{self, Key, Wish},
    checks::{self, Worth},
    kill_switch,
    model::{Budget, Error, Mandate, MandateId, Status},
    store,
};
use crate::{
    audit::Event,
    kernel::{At, Micros, Num, Tx, db, minutes},
};

/// A refusal on the way: by which mandate, if one was found.
type Refusal = (Option<MandateId>, Reason);

enum Stop {
    Refused(Refusal),
    Failed(Error),
}

impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Mandates {
    /// Judges an act inside the caller's transaction. `Allowed` and `NeedsApproval` have reserved the worst case;
    /// `Refused` holds nothing, also where a release is refused. Commit the transaction in each case, and then
    /// `announce_waiting` where it needs approval.
    pub async fn judge(&self, tx: &mut Tx, act: &Act, mode: Mode) -> Result<Verdict, Error> {
        match self.judge_in(tx, act, mode).await {
            Ok(verdict) => Ok(verdict),
            Err(Stop::Refused((mandate, reason))) => {
                if let Mode::Release(_) = mode {
                    budget::withdraw(tx, act.decision, self.0.kernel.clock.now()).await?;
                }
                Ok(Verdict::Refused { mandate, reasons: vec![reason] })
            }
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    async fn judge_in(&self, tx: &mut Tx, act: &Act, mode: Mode) -> Result<Verdict, Stop> {
        let now = self.0.kernel.clock.now();
        let switch = kill_switch::find(tx, act.user, act.agent, Some(act.account)).await?;
        if let Some(switch) = switch.filter(|switch| switch.freeze_all || !checks::reduces(act)) {
            return Err((None, Reason::new("kill_switch", switch.spoken())).into());
        }
        let Some(mandate) = self.mandate_of(tx, act, now).await? else { return self.judge_person(act) };
        let by = |reason: Reason| Stop::Refused((Some(mandate.id), reason));
        let (config, terms) = (&self.0.config, &mandate.terms.0);
        checks::permission(act, &mandate, now, config).map_err(by)?;
        let worth = checks::sanity(act, config).map_err(by)?;
        if terms.limits.currency != act.facts.account_currency {
            let detail = format!(
                "this mandate counts in {}, the account is in {}",
                terms.limits.currency, act.facts.account_currency
            );
            return Err(by(Reason::new("sanity", detail)));
        }
        checks::values(act, terms, &worth).map_err(by)?;
        if let Mode::Release(id) = mode {
            self.check_release(tx, act, (id, &mandate)).await?.map_err(by)?;
            // judged afresh, on the day on which it is sent
            budget::withdraw(tx, act.decision, now).await?;
        }
        let key = Key { user: act.user, mandate: mandate.id, day: mandate.day(now) };
        let used = budget::find(tx, &key).await?;
        checks::day(used, terms, &worth).map_err(by)?;
        checks::loss(act, terms).map_err(by)?;
        if mode == Mode::First {
            checks::duplicate(act).map_err(by)?;
        }
        let allowed = Verdict::Allowed {
            mandate: Some(mandate.id),
            worst_case: worth.worst_case,
            worst_price: worth.worst_price,
            dry_run: act.dry_run || terms.dry_run,
        };
        if act.dry_run || terms.dry_run {
            return Ok(allowed);
        }
        let wish = Wish { decision: act.decision, worst: worth.counted, buys: act.action == Action::Buy };
        if !budget::reserve(tx, &key, wish, &terms.limits).await? {
            let used = budget::find(tx, &key).await?;
            let lost = Reason::new("daily_value", "another order took what was left of this mandate's day");
            return Err(by(checks::day(used, terms, &worth).err().unwrap_or(lost)));
        }
        match checks::approval_line(terms, &worth).filter(|_| mode == Mode::First) {
            Some(reason) => Ok(self.ask(tx, act, (&mandate, used, &worth), reason).await?),
            None => Ok(allowed),
        }
    }

    /// A person's own order needs no mandate: kill switch, sanity and duplicates.
    fn judge_person(&self, act: &Act) -> Result<Verdict, Stop> {
        let by = |reason| Stop::Refused((None, reason));
        let worth = checks::sanity(act, &self.0.config).map_err(by)?;
        checks::duplicate(act).map_err(by)?;
        Ok(Verdict::Allowed {
            mandate: None,
            worst_case: worth.worst_case,
            worst_price: worth.worst_price,
            dry_run: act.dry_run,
        })
    }

    /// The one active mandate for person, agent and account; `None` for a person's own order.
    async fn mandate_of(&self, tx: &mut Tx, act: &Act, now: At) -> Result<Option<Mandate>, Stop> {
        let Some(agent) = act.agent else { return Ok(None) };
        let refuse = |mandate, rule, detail: String| Stop::Refused((mandate, Reason::new(rule, detail)));
        let all = store::claimed(tx, act.user, agent).await?;
        if all.is_empty() {
            return Err(refuse(None, "mandate", "you have given this agent no mandate".into()));
        }
        let found = all.into_iter().find(|mandate| mandate.terms.account_ids.contains(&act.account));
        match found {
            None => Err(refuse(None, "account", "this agent's mandate does not cover this account".into())),
            Some(mandate) if mandate.status(now) != Status::Active => {
                let end = mandate.expires_at.map(|end| end.to_string()).unwrap_or_default();
                Err(refuse(Some(mandate.id), "mandate", format!("this mandate expired at {end}")))
            }
            Some(mandate) => Ok(Some(mandate)),
        }
    }

    /// The approval must be given, by this mandate, for exactly this order.
    async fn check_release(
        &self,
        tx: &mut Tx,
        act: &Act,
        (id, mandate): (ApprovalId, &Mandate),
    ) -> Result<Result<(), Reason>, db::Error> {
        let approval = approvals::find(tx, act.user, id).await?;
        let bound = approval.is_some_and(|approval| {
            approval.status == "approved"
                && approval.decision == act.decision
                && approval.mandate_id == mandate.id
                && approval.order_view.is_of(act)
                && approval.order_hash == order_hash(act.decision, mandate.id, &approval.order_view)
        });
        if bound && approvals::spend(tx, act.user, id, self.0.kernel.clock.now()).await? {
            return Ok(Ok(()));
        }
        Ok(Err(Reason::new(
            "approval_above",
            "this order is not one that was approved and is still to be sent",
        )))
    }

    /// Stores the order that waits; its budget is reserved already.
    async fn ask(
        &self,
        tx: &mut Tx,
        act: &Act,
        (mandate, used, worth): (&Mandate, Budget, &Worth),
        reason: Reason,
    ) -> Result<Verdict, Error> {
        let kernel = &self.0.kernel;
        let now = kernel.clock.now();
        let after = Budget {
            reserved: Micros(used.reserved.0 + worth.counted.0),
            committed: used.committed,
            orders: used.orders + 1,
        };
        let usage = after.usage(String::new(), &mandate.terms.limits);
        let order = OrderView::new(act, worth.worst_case);
        let approval = Approval {
            user_id: act.user,
            id: ApprovalId::new(kernel.rng, now),
            decision: act.decision,
            decision_id: act.decision_id.clone(),
            mandate_id: mandate.id,
            agent_id: mandate.agent_id,
            account_id: act.account,
            order_hash: order_hash(act.decision, mandate.id, &order),
            order_view: sqlx::types::Json(order),
            leaves: sqlx::types::Json(Leaves { daily_value: usage.left, daily_orders: usage.orders_left }),
            reason: act.reason.as_ref().map(|reason| reason.chars().take(1_000).collect()),
            confidence: act.confidence.map(|confidence| confidence.to_string()),
            live: mandate.live || act.facts.live,
            status: "pending".into(),
            created_at: now,
            expires_at: now.plus(minutes(self.0.config.approval_minutes)),
            decided_at: None,
            decided_why: None,
        };
        approvals::insert(tx, &approval).await?;
        let event = Event::new("approval.requested")
            .user(act.user)
            .actor(mandate.agent_id)
            .resource(approval.id)
            .reason(reason.detail.clone())
            .details(
                serde_json::json!({ "order": approval.order_view.0, "order_hash": approval.order_hash }),
            );
        self.0.audit.append(tx, event).await?;
        Ok(Verdict::NeedsApproval {
            mandate: mandate.id,
            approval: approval.id,
            order_hash: approval.order_hash,
            reason,
        })
    }

    /// Ends a decision's reservation: `spent` in all is committed, the rest is free. Repeating it does nothing.
    pub async fn settle(&self, tx: &mut Tx, decision: Uuid, spent: Num) -> Result<(), Error> {
        let spent = Micros::ceil(spent).unwrap_or(Micros(i64::MAX / 4));
        Ok(budget::settle(tx, decision, Some(spent), self.0.kernel.clock.now()).await?)
    }

    /// A part was filled: `spent` in all so far is committed, the rest stays reserved until `settle` or `release`.
    pub async fn commit_part(&self, tx: &mut Tx, decision: Uuid, spent: Num) -> Result<(), Error> {
        let spent = Micros::ceil(spent).unwrap_or(Micros(i64::MAX / 4));
        Ok(budget::commit_part(tx, decision, spent).await?)
    }

    /// The order ended: what was committed stays, the rest is free; it still counts as an order of the day.
    pub async fn release(&self, tx: &mut Tx, decision: Uuid) -> Result<(), Error> {
        Ok(budget::settle(tx, decision, None, self.0.kernel.clock.now()).await?)
    }

    /// Nothing ever left: everything is free again, the order of the day too.
    pub async fn withdraw(&self, tx: &mut Tx, decision: Uuid) -> Result<(), Error> {
        Ok(budget::withdraw(tx, decision, self.0.kernel.clock.now()).await?)
    }

    /// Tells the person's streams that an order waits; call it once the judging transaction is committed.
    pub fn announce_waiting(&self, user: crate::kernel::UserId, approval: ApprovalId) {
        self.0.kernel.bus.publish(crate::kernel::Message {
            topic: "approval.waiting",
            user: Some(user.0),
            data: serde_json::json!({ "approval_id": approval }),
        });
    }
}
