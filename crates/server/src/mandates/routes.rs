//! `/v1/mandates`, and what hangs below: approvals and the kill switch.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Mandates,
    act::Action,
    approvals,
    hours::Hours,
    instruments::Instruments,
    kill_switch,
    model::{Limits, Mandate, MandateId, Status, Terms, Usage},
    service::Seen,
};
use crate::kernel::{
    AgentId, At, Fresh, Json, Num, Page, Paged, Path, Problem, Query, Signed, TradingAccountId,
};

impl Mandates {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(list, create))
            .routes(routes!(show, change, revoke))
            .merge(approvals::routes())
            .merge(kill_switch::routes())
            .with_state(self)
    }
}

/// A mandate to give.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMandate {
    agent_id: AgentId,
    account_ids: Vec<TradingAccountId>,
    actions: Vec<Action>,
    #[serde(default)]
    instruments: Instruments,
    limits: Limits,
    /// Orders worth more than this wait for approval.
    approval_above: Option<Num>,
    /// From 0 to 1; 0.7 when left out.
    min_confidence: Option<f64>,
    hours: Option<Hours>,
    expires_at: Option<At>,
    #[serde(default)]
    dry_run: bool,
}

/// A mandate and what it has used of today.
#[derive(Serialize, ToSchema)]
#[schema(as = Mandate)]
struct View {
    mandate_id: MandateId,
    agent_id: AgentId,
    #[serde(flatten)]
    terms: Terms,
    status: Status,
    /// One of its accounts is not a paper account.
    live: bool,
    /// Whose wall-clock day the budget counts.
    time_zone: String,
    created_at: At,
    updated_at: At,
    expires_at: Option<At>,
    revoked_at: Option<At>,
    usage: Usage,
}

impl From<Seen> for View {
    fn from((mandate, status, usage): Seen) -> Self {
        Self {
            mandate_id: mandate.id,
            agent_id: mandate.agent_id,
            terms: mandate.terms.0,
            status,
            live: mandate.live,
            time_zone: mandate.zone,
            created_at: mandate.created_at,
            updated_at: mandate.updated_at,
            expires_at: mandate.expires_at,
            revoked_at: mandate.revoked_at,
            usage,
        }
    }
}

/// Give an agent a mandate. Only the person, with a recent password or second factor.
#[utoipa::path(post, path = "/v1/mandates", tag = "mandates", request_body = NewMandate,
    responses((status = 201, description = "The mandate", body = View),
              (status = 401, description = "Step-up is needed"),
              (status = 403, description = "Not the person, or a live account without a second factor"),
              (status = 409, description = "This agent has an active mandate for one of the accounts"),
              (status = 422, description = "A field fails its rule")))]
async fn create(
    State(mandates): State<Mandates>,
    Fresh(caller): Fresh,
    Json(new): Json<NewMandate>,
) -> Result<(StatusCode, Json<View>), Problem> {
    let terms = Terms {
        account_ids: new.account_ids,
        actions: new.actions,
        instruments: new.instruments,
        limits: new.limits,
        approval_above: new.approval_above,
        min_confidence: new.min_confidence,
        hours: new.hours,
        dry_run: new.dry_run,
    };
    let seen = mandates.create(&caller, new.agent_id, terms, new.expires_at).await?;
    Ok((StatusCode::CREATED, Json(seen.into())))
}

/// The caller's mandates, newest first.
#[utoipa::path(get, path = "/v1/mandates", tag = "mandates", params(Page),
    responses((status = 200, description = "Mandates, newest first", body = Paged<View>)))]
async fn list(
    State(mandates): State<Mandates>,
    Signed(caller): Signed,
    Query(page): Query<Page>,
) -> Result<Json<Paged<View>>, Problem> {
    Ok(Json(mandates.list(caller.user, &page).await?.map(View::from)))
}

/// One mandate.
#[utoipa::path(get, path = "/v1/mandates/{id}", tag = "mandates", params(("id" = String, Path)),
    responses((status = 200, description = "The mandate", body = View),
              (status = 404, description = "No such mandate of the caller")))]
async fn show(
    State(mandates): State<Mandates>,
    Signed(caller): Signed,
    Path(id): Path<MandateId>,
) -> Result<Json<View>, Problem> {
    Ok(Json(mandates.show(caller.user, id).await?.into()))
}

/// Fields to change; what is left out stays, and null takes a bound away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MandateChange {
    account_ids: Option<Vec<TradingAccountId>>,
    actions: Option<Vec<Action>>,
    instruments: Option<Instruments>,
    limits: Option<LimitsChange>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    approval_above: Field<Num>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    min_confidence: Field<f64>,
    #[serde(default)]
    #[schema(value_type = Option<Hours>)]
    hours: Field<Hours>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    expires_at: Field<At>,
    dry_run: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LimitsChange {
    max_order_value: Option<Num>,
    max_daily_value: Option<Num>,
    max_daily_orders: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    max_position_value: Field<Num>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    max_daily_loss: Field<Num>,
    currency: Option<String>,
}

/// A bound in a change: left out, taken away by null, or set.
#[derive(Default)]
enum Field<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Field<T> {
    fn over(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }
}

impl MandateChange {
    fn over(self, old: &Mandate) -> (Terms, Option<At>) {
        let mut terms = old.terms.0.clone();
        terms.account_ids = self.account_ids.unwrap_or(terms.account_ids);
        terms.actions = self.actions.unwrap_or(terms.actions);
        terms.instruments = self.instruments.unwrap_or(terms.instruments);
        terms.approval_above = self.approval_above.over(terms.approval_above);
        terms.min_confidence = self.min_confidence.over(terms.min_confidence);
        terms.hours = self.hours.over(terms.hours);
        terms.dry_run = self.dry_run.unwrap_or(terms.dry_run);
        if let Some(change) = self.limits {
            let limits = &mut terms.limits;
            limits.max_order_value = change.max_order_value.unwrap_or(limits.max_order_value);
            limits.max_daily_value = change.max_daily_value.unwrap_or(limits.max_daily_value);
            limits.max_daily_orders = change.max_daily_orders.unwrap_or(limits.max_daily_orders);
            limits.max_position_value = change.max_position_value.over(limits.max_position_value);
            limits.max_daily_loss = change.max_daily_loss.over(limits.max_daily_loss);
            limits.currency = change.currency.unwrap_or_else(|| limits.currency.clone());
        }
        (terms, self.expires_at.over(old.expires_at))
    }
}

/// Change a mandate. Tightening works at once; widening needs the person and a recent password or second factor.
#[utoipa::path(patch, path = "/v1/mandates/{id}", tag = "mandates", params(("id" = String, Path)),
    request_body = MandateChange,
    responses((status = 200, description = "The changed mandate", body = View),
              (status = 401, description = "This widens it: step-up is needed"),
              (status = 404, description = "No such mandate of the caller"),
              (status = 409, description = "It has ended, or another covers an account"),
              (status = 422, description = "A field fails its rule")))]
async fn change(
    State(mandates): State<Mandates>,
    Signed(caller): Signed,
    fresh: Result<Fresh, Problem>,
    Path(id): Path<MandateId>,
    Json(change): Json<MandateChange>,
) -> Result<Json<View>, Problem> {
    let over = |old: &Mandate| change.over(old);
    Ok(Json(mandates.change(&caller, id, over, fresh.map(|_| ())).await?.into()))
}

/// Revoke a mandate, at once and everywhere.
#[utoipa::path(delete, path = "/v1/mandates/{id}", tag = "mandates", params(("id" = String, Path)),
    responses((status = 204, description = "Revoked"),
              (status = 404, description = "No such mandate of the caller")))]
async fn revoke(
    State(mandates): State<Mandates>,
    Signed(caller): Signed,
    Path(id): Path<MandateId>,
) -> Result<StatusCode, Problem> {
    mandates.revoke(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
