//! Routes of orders.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::cancel::Cancelled;
use super::model::{OrderId, OrderStatus, OrderView};
use super::store::{self, Wanted};
use crate::kernel::{Json, Page, Paged, Path, Problem, Query, Signed, Trader, TradingAccountId};
use crate::trading::Trading;
use crate::trading::decisions::agent_of;

pub fn routes() -> OpenApiRouter<Trading> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, cancel))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    #[param(value_type = Option<String>)]
    account_id: Option<TradingAccountId>,
    #[param(inline)]
    status: Option<OrderStatus>,
}

/// One's own orders, newest first.
#[utoipa::path(get, path = "/v1/orders", tag = "orders", params(Filter, Page),
    responses((status = 200, description = "Orders", body = Paged<OrderView>)))]
async fn list(
    State(trading): State<Trading>,
    Signed(caller): Signed,
    Query(filter): Query<Filter>,
    Query(page): Query<Page>,
) -> Result<Json<Paged<OrderView>>, Problem> {
    let wanted = Wanted {
        account: filter.account_id,
        status: filter.status.map_or("", OrderStatus::word),
        before: page.after()?.unwrap_or(Uuid::max()),
        limit: page.limit() + 1,
    };
    let mut conn = trading.0.kernel.db.read().await?;
    let rows = store::list(&mut conn, caller.user, wanted).await?;
    Ok(Json(Paged::from_rows(rows, &page, |order| order.id.0).map(OrderView::from)))
}

/// One order.
#[utoipa::path(get, path = "/v1/orders/{id}", tag = "orders",
    params(("id" = String, Path, description = "Order id")),
    responses((status = 200, description = "The order", body = OrderView)))]
async fn get(
    State(trading): State<Trading>,
    Signed(caller): Signed,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    Ok(Json(trading.order(caller.user, id).await?.into()))
}

/// Cancel what is left of an order.
#[utoipa::path(delete, path = "/v1/orders/{id}", tag = "orders",
    params(("id" = String, Path, description = "Order id")),
    responses((status = 200, description = "The order, cancelled", body = OrderView),
              (status = 409, description = "It has ended, or everything is frozen")))]
async fn cancel(
    State(trading): State<Trading>,
    Trader(caller): Trader,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    let by = Cancelled { user: caller.user, agent: agent_of(&caller)?, caller: &caller };
    Ok(Json(trading.cancel(by, id).await?.into()))
}
