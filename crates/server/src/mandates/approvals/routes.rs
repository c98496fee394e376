//! `/v1/approvals`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::model::{Approval, ApprovalId, Leaves, OrderView};
use crate::{
    kernel::{AgentId, At, Fresh, Json, Page, Paged, Path, Person, Problem, Query, Signed},
    mandates::{Mandates, model::MandateId},
};

pub(in crate::mandates) fn routes() -> OpenApiRouter<Mandates> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// An order that waits, or waited, for the person.
#[derive(Serialize, ToSchema)]
#[schema(as = Approval)]
struct View {
    approval_id: ApprovalId,
    decision_id: String,
    mandate_id: MandateId,
    agent_id: AgentId,
    order: OrderView,
    /// SHA-256 over the exact order, hexadecimal; sent back to approve it.
    order_hash: String,
    leaves: Leaves,
    reason: Option<String>,
    confidence: Option<f64>,
    created_at: At,
    expires_at: At,
    /// `pending`, `approved`, `rejected` or `expired`.
    status: String,
    decided_at: Option<At>,
    decided_why: Option<String>,
}

impl From<Approval> for View {
    fn from(approval: Approval) -> Self {
        Self {
            approval_id: approval.id,
            decision_id: approval.decision_id,
            mandate_id: approval.mandate_id,
            agent_id: approval.agent_id,
            order: approval.order_view.0,
            order_hash: approval.order_hash,
            leaves: approval.leaves.0,
            reason: approval.reason,
            confidence: approval.confidence.and_then(|text| text.parse().ok()),
            created_at: approval.created_at,
            expires_at: approval.expires_at,
            status: approval.status,
            decided_at: approval.decided_at,
            decided_why: approval.decided_why,
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Pending,
    Approved,
    Rejected,
    Expired,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// All when left out.
    status: Option<Status>,
}

/// Orders that wait or waited for the caller, newest first.
#[utoipa::path(get, path = "/v1/approvals", tag = "mandates", params(Filter, Page),
    responses((status = 200, description = "Approvals, newest first", body = Paged<View>)))]
async fn list(
    State(mandates): State<Mandates>,
    Signed(caller): Signed,
    Query(filter): Query<Filter>,
    Query(page): Query<Page>,
) -> Result<Json<Paged<View>>, Problem> {
    let status = match filter.status {
        None => "",
        Some(Status::Pending) => "pending",
        Some(Status::Approved) => "approved",
        Some(Status::Rejected) => "rejected",
        Some(Status::Expired) => "expired",
    };
    Ok(Json(mandates.approvals(caller.user, status, &page).await?.map(View::from)))
}

/// One approval.
#[utoipa::path(get, path = "/v1/approvals/{id}", tag = "mandates", params(("id" = String, Path)),
    responses((status = 200, description = "The approval", body = View),
              (status = 404, description = "No such approval of the caller")))]
async fn show(
    State(mandates): State<Mandates>,
    Signed(caller): Signed,
    Path(id): Path<ApprovalId>,
) -> Result<Json<View>, Problem> {
    Ok(Json(mandates.approval(caller.user, id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Approve {
    /// The `order_hash` that was shown.
    order_hash: String,
}

/// Approve exactly this order, once. Only the person, signed in themselves; for a live account with a recent second
/// factor. The checks run again before it is sent.
#[utoipa::path(post, path = "/v1/approvals/{id}/approve", tag = "mandates", params(("id" = String, Path)),
    request_body = Approve,
    responses((status = 200, description = "Approved", body = View),
              (status = 401, description = "A recent second factor is needed"),
              (status = 404, description = "No such approval of the caller"),
              (status = 409, description = "Another order's hash, or it has ended")))]
async fn approve(
    State(mandates): State<Mandates>,
    Person(caller): Person,
    fresh: Result<Fresh, Problem>,
    Path(id): Path<ApprovalId>,
    Json(body): Json<Approve>,
) -> Result<Json<View>, Problem> {
    let approval = mandates.approval(caller.user, id).await?;
    if approval.live || mandates.0.config.paper_step_up {
        fresh?;
    }
    Ok(Json(mandates.approve(&caller, id, &body.order_hash).await?.into()))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reject {
    /// At most 200 characters.
    reason: Option<String>,
}

/// Reject an order; what it had reserved is free again.
#[utoipa::path(post, path = "/v1/approvals/{id}/reject", tag = "mandates", params(("id" = String, Path)),
    request_body = Reject,
    responses((status = 200, description = "Rejected", body = View),
              (status = 404, description = "No such approval of the caller"),
              (status = 409, description = "It has ended")))]
async fn reject(
    State(mandates): State<Mandates>,
    Person(caller): Person,
    Path(id): Path<ApprovalId>,
    body: Option<axum::Json<Reject>>,
) -> Result<Json<View>, Problem> {
    let reason = body.and_then(|axum::Json(body)| body.reason).filter(|reason| !reason.trim().is_empty());
    let why = reason.as_deref().unwrap_or("the person rejected it");
    if why.chars().count() > 200 {
        return Err(Problem::invalid("reason", "at most 200 characters"));
    }
    Ok(Json(mandates.reject(&caller, id, why).await?.into()))
}
