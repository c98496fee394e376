//! Routes of positions.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::PositionView;
use crate::kernel::{Json, Paged, Problem, Query, Signed, TradingAccountId};
use crate::trading::Trading;

pub fn routes() -> OpenApiRouter<Trading> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// One account; all when left out.
    #[param(value_type = Option<String>)]
    account_id: Option<TradingAccountId>,
}

/// What one holds.
#[utoipa::path(get, path = "/v1/positions", tag = "positions", params(Filter),
    responses((status = 200, description = "Positions", body = Paged<PositionView>)))]
async fn list(
    State(trading): State<Trading>,
    Signed(caller): Signed,
    Query(filter): Query<Filter>,
) -> Result<Json<Paged<PositionView>>, Problem> {
    let items = trading.positions(caller.user, filter.account_id).await?;
    Ok(Json(Paged { items, next_cursor: None }))
}
