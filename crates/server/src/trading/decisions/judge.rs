//! One transaction from wish to order: facts, verdict, reservation, order, and on paper the fill.

use mandate_brokers::paper::Rejection;
use mandate_brokers::{Kind, NewOrder};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::types::Json;

use super::model::{Decision, Status};
use super::store;
use super::wish::OrderWish;
use crate::audit::{Event, Outcome};
use crate::kernel::{Acting, Num, Tx};
use crate::mandates::{Act, MandateId, Mode, Reason, Verdict};
use crate::trading::accounts::{Account, AccountStatus};
use crate::trading::orders::{self, Order, OrderId, OrderStatus};
use crate::trading::paper::{self, Locked};
use crate::trading::{Error, Trading};

/// What one judging needs beside the decision.
pub(super) struct Judging<'a> {
    pub account: &'a Account,
    pub wish: &'a OrderWish,
    pub mode: Mode,
    pub refuse_twins: bool,
    /// The account has a credential, or needs none.
    pub armed: bool,
    /// `None`: a job acts.
    pub caller: Option<&'a Acting>,
}

/// What was allowed.
struct Allowance {
    mandate: Option<MandateId>,
    worst_price: Num,
    dry_run: bool,
}

impl Trading {
    /// Judges and, where allowed, writes the order; on paper it is matched at once. The decision's row is written
    /// and audited. Answers the order, if there is one; `pending` is to be sent after the commit.
    pub(super) async fn judge(
        &self,
        tx: &mut Tx,
        decision: &mut Decision,
        judging: &Judging<'_>,
    ) -> Result<Option<Order>, Error> {
        let (account, wish) = (judging.account, judging.wish);
        let mut locked = if account.is_paper() { Some(self.lock_paper(tx, account).await?) } else { None };
        let facts = self.facts(tx, account, decision, (wish, locked.as_ref()), judging.refuse_twins).await?;
        let act = Act {
            user: decision.user_id,
            agent: decision.agent_id,
            account: account.id,
            decision: decision.id.0,
            decision_id: decision.decision_id.clone(),
            action: wish.action,
            symbol: wish.symbol.clone(),
            quantity: wish.quantity,
            order_type: wish.order_type,
            limit_price: wish.limit_price,
            confidence: decision.wish.confidence,
            reason: decision.wish.rationale.clone(),
            dry_run: decision.wish.dry_run || self.0.config.dry_run,
            facts,
        };
        decision.updated_at = self.0.kernel.clock.now();
        let mut order = None;
        match self.0.mandates.judge(tx, &act, judging.mode).await? {
            Verdict::Refused { mandate, reasons } => {
                decision.mandate_id = mandate;
                decision.status = Status::Rejected;
                decision.reasons = Json(reasons);
            }
            Verdict::NeedsApproval { mandate, approval, reason, .. } => {
                decision.mandate_id = Some(mandate);
                decision.approval_id = Some(approval);
                decision.status = Status::PendingApproval;
                decision.reasons = Json(vec![reason]);
            }
            Verdict::Allowed { mandate, worst_price, dry_run, .. } => {
                decision.mandate_id = mandate;
                let allowance = Allowance { mandate, worst_price, dry_run };
                order = self.allowed(tx, decision, judging, (locked.as_mut(), allowance)).await?;
            }
        }
        store::conclude(tx, decision).await?;
        self.record_decision(tx, decision, judging, order.as_ref()).await?;
        Ok(order)
    }

    async fn allowed(
        &self,
        tx: &mut Tx,
        decision: &mut Decision,
        judging: &Judging<'_>,
        (locked, allowance): (Option<&mut Locked>, Allowance),
    ) -> Result<Option<Order>, Error> {
        let mut order = self.draft(decision, judging, &allowance);
        decision.reasons = Json(Vec::new());
        if allowance.dry_run {
            decision.status = Status::DryRun;
            decision.would_send = Some(Json(self.would_send(judging.account, &order.as_new())));
            return Ok(None);
        }
        if !judging.armed {
            self.0.mandates.withdraw(tx, decision.id.0).await?;
            decision.status = Status::NoCredentials;
            decision.reasons = Json(vec![Reason {
                rule: "credentials".to_owned(),
                detail: "this account has no usable credential: log in at the broker again".to_owned(),
            }]);
            return Ok(None);
        }
        let Some(locked) = locked else {
            decision.status = Status::Accepted;
            orders::insert(tx, &order).await?;
            return Ok(Some(order));
        };
        match self.match_paper(locked, &mut order) {
            Ok(()) => {
                paper::store(tx, locked).await?;
                decision.status = orders::decision_status(&order);
                orders::insert(tx, &order).await?;
                self.budget(tx, &order).await?;
                Ok(Some(order))
            }
            Err(rejection) => {
                self.0.mandates.withdraw(tx, decision.id.0).await?;
                decision.status = Status::Rejected;
                decision.reasons = Json(vec![broker_reason(&rejection)]);
                Ok(None)
            }
        }
    }

    fn match_paper(&self, locked: &mut Locked, order: &mut Order) -> Result<(), Rejection> {
        let quote = self.quote(&order.symbol).ok_or(Rejection::Quote { symbol: order.symbol.clone() })?;
        let report = locked.state.place(&self.terms(), &order.as_new(), &quote)?;
        order.apply(&report, order.created_at);
        order.sent_at = Some(order.created_at);
        Ok(())
    }

    fn draft(&self, decision: &Decision, judging: &Judging<'_>, allowance: &Allowance) -> Order {
        let (wish, account) = (judging.wish, judging.account);
        let at = decision.updated_at;
        // a price at which nothing would be sold is no protection
        let worst = Some(allowance.worst_price).filter(|price| {
            allowance.mandate.is_some() && wish.limit_price.is_none() && price.0 > Decimal::ZERO
        });
        Order {
            user_id: decision.user_id,
            id: OrderId::new(self.0.kernel.rng, at),
            account_id: account.id,
            broker: account.broker.clone(),
            decision: decision.id,
            decision_id: decision.decision_id.clone(),
            agent_id: decision.agent_id,
            mandate_id: allowance.mandate,
            approval_id: decision.approval_id,
            symbol: wish.symbol.clone(),
            side: wish.action.name().to_owned(),
            quantity: wish.quantity,
            filled_quantity: Num::ZERO,
            order_type: Order::type_word(wish.order_type).to_owned(),
            limit_price: wish.limit_price,
            worst_price: worst,
            average_price: None,
            value: Num::ZERO,
            fee: Num::ZERO,
            status: OrderStatus::Pending,
            broker_order_id: None,
            message: None,
            sent_at: None,
            market_time: self.0.market.source().market_time,
            created_at: at,
            updated_at: at,
        }
    }

    /// What a dry run records: the request without its credential, or the order as paper would take it.
    fn would_send(&self, account: &Account, order: &NewOrder) -> serde_json::Value {
        let described = json!({
            "symbol": order.symbol,
            "quantity": Num(order.quantity),
            "limit_price": match order.kind { Kind::Limit { price } => Some(Num(price)), Kind::Market { .. } => None },
        });
        let Some(broker) = self.adapter(&account.broker) else { return described };
        let Some(connection) = self.bare_connection(account) else { return described };
        match broker.preview(&connection, order) {
            Ok(sent) => serde_json::to_value(sent).unwrap_or(described),
            Err(error) => json!({ "refused": error.to_string() }),
        }
    }

    async fn record_decision(
        &self,
        tx: &mut Tx,
        decision: &Decision,
        judging: &Judging<'_>,
        order: Option<&Order>,
    ) -> Result<(), Error> {
        let mut row = Event::new(event_name(decision.status)).user(decision.user_id);
        if let Some(caller) = judging.caller {
            row = row.by(caller);
        }
        row = match decision.agent_id {
            Some(agent) => row.actor(agent),
            None => row.actor(decision.user_id),
        };
        let outcome = match decision.status {
            Status::Executed | Status::Accepted | Status::DryRun | Status::PendingApproval => {
                Outcome::Success
            }
            Status::Rejected => Outcome::Denied,
            Status::NoCredentials | Status::Failed | Status::Unknown => Outcome::Failure,
        };
        if let Some(reason) = decision.reasons.first() {
            row = row.reason(&reason.detail);
        }
        let wish = judging.wish;
        let details = json!({
            "decision_id": decision.decision_id,
            "account_id": decision.account_id,
            "action": wish.action,
            "symbol": wish.symbol,
            "quantity": wish.quantity,
            "limit_price": wish.limit_price,
            "rules": decision.reasons.iter().map(|reason| reason.rule.as_str()).collect::<Vec<_>>(),
            "mandate_id": decision.mandate_id,
            "approval_id": decision.approval_id,
            "order_id": order.map(|order| order.id),
            "filled_quantity": order.map(|order| order.filled_quantity),
            "average_price": order.and_then(|order| order.average_price),
            // which token, never its value
            "connection_id": judging.account.connection_id,
        });
        Ok(self.0.audit.append(tx, row.resource(decision.id).outcome(outcome).details(details)).await?)
    }
}

pub(super) fn is_armed(account: &Account) -> bool {
    account.is_paper() || (account.connection_id.is_some() && account.status == AccountStatus::Active)
}

fn broker_reason(rejection: &Rejection) -> Reason {
    let rule = match rejection {
        Rejection::Cash { .. } => "cash",
        Rejection::Shares { .. } => "shares",
        _ => "broker",
    };
    Reason { rule: rule.to_owned(), detail: rejection.to_string() }
}

pub(super) fn event_name(status: Status) -> &'static str {
    match status {
        Status::Executed => "decision.executed",
        Status::Accepted => "decision.accepted",
        Status::Rejected => "decision.rejected",
        Status::PendingApproval => "decision.pending_approval",
        Status::DryRun => "decision.dry_run",
        Status::NoCredentials => "decision.no_credentials",
        Status::Failed => "decision.failed",
        Status::Unknown => "decision.unknown",
    }
}
