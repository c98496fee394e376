//! Routes of decisions.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{DecisionView, Proposal};
use super::wish::Wish;
use crate::kernel::{Json, Path, Problem, Signed, Trader};
use crate::trading::Trading;

pub fn routes() -> OpenApiRouter<Trading> {
    OpenApiRouter::new().routes(routes!(decide)).routes(routes!(get))
}

/// Decide to act. The same `decision_id` and body again give the first outcome again; nothing acts twice.
#[utoipa::path(post, path = "/v1/decisions", tag = "decisions", request_body = Wish,
    responses((status = 200, description = "The outcome", body = DecisionView),
              (status = 404, description = "Not one's own account"),
              (status = 422, description = "A field fails its rule, or the id was used with another body")))]
async fn decide(
    State(trading): State<Trading>,
    Trader(caller): Trader,
    Json(wish): Json<Wish>,
) -> Result<Json<DecisionView>, Problem> {
    let proposal = Proposal { caller, client: None, agent: None, refuse_twins: false, wish };
    Ok(Json(trading.decide(proposal).await?))
}

/// A decision as it stands now, by the decider's id or ours.
#[utoipa::path(get, path = "/v1/decisions/{id}", tag = "decisions",
    params(("id" = String, Path, description = "The decision's id")),
    responses((status = 200, description = "The decision", body = DecisionView)))]
async fn get(
    State(trading): State<Trading>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<DecisionView>, Problem> {
    Ok(Json(trading.decision(caller.user, &id).await?))
}
