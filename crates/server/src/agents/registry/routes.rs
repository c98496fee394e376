//! `/v1/agents` for people, `/v1/admin/agents` for admins.

use axum::extract::State;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{AdminView, Draft, View};
use crate::agents::Agents;
use crate::kernel::{Admin, AgentId, FreshAdmin, Json, Page, Paged, Path, Problem, Query, Signed};

pub(in crate::agents) fn routes() -> OpenApiRouter<Agents> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(list_all, create))
        .routes(routes!(get, change, delete))
}

/// The agents that the caller may use.
#[utoipa::path(get, path = "/v1/agents", tag = "agents",
    responses((status = 200, description = "Agents", body = Vec<View>)))]
async fn list(State(agents): State<Agents>, Signed(caller): Signed) -> Result<Json<Vec<View>>, Problem> {
    Ok(Json(agents.list_usable(&caller).await?.into_iter().map(View::from).collect()))
}

/// All agents, as admins see them.
#[utoipa::path(get, path = "/v1/admin/agents", tag = "admin", params(Page),
    responses((status = 200, description = "Agents", body = Paged<AdminView>)))]
async fn list_all(
    State(agents): State<Agents>,
    _admin: Admin,
    Query(page): Query<Page>,
) -> Result<Json<Paged<AdminView>>, Problem> {
    let after = page.after::<(i64, AgentId)>()?.map(|(at, id)| (crate::kernel::At(at), id));
    let rows = agents.list_all(after, page.limit() + 1).await?;
    Ok(Json(Paged::from_rows(rows, &page, |agent| (agent.created_at.0, agent.id)).map(AdminView::from)))
}

/// Make an agent.
#[utoipa::path(post, path = "/v1/admin/agents", tag = "admin", request_body = Draft,
    responses((status = 201, description = "The agent", body = AdminView),
              (status = 422, description = "A field fails its rule")))]
async fn create(
    State(agents): State<Agents>,
    FreshAdmin(caller): FreshAdmin,
    Json(draft): Json<Draft>,
) -> Result<(StatusCode, Json<AdminView>), Problem> {
    Ok((StatusCode::CREATED, Json(agents.create(&caller, draft).await?.into())))
}

/// One agent, as admins see it.
#[utoipa::path(get, path = "/v1/admin/agents/{id}", tag = "admin", params(("id" = String, Path)),
    responses((status = 200, description = "The agent", body = AdminView)))]
async fn get(
    State(agents): State<Agents>,
    _admin: Admin,
    Path(id): Path<AgentId>,
) -> Result<Json<AdminView>, Problem> {
    Ok(Json(agents.get(id).await?.into()))
}

/// Change an agent: what is left out stays.
#[utoipa::path(patch, path = "/v1/admin/agents/{id}", tag = "admin", params(("id" = String, Path)), request_body = Draft,
    responses((status = 200, description = "The changed agent", body = AdminView),
              (status = 422, description = "A field fails its rule")))]
async fn change(
    State(agents): State<Agents>,
    FreshAdmin(caller): FreshAdmin,
    Path(id): Path<AgentId>,
    Json(draft): Json<Draft>,
) -> Result<Json<AdminView>, Problem> {
    Ok(Json(agents.change(&caller, id, draft).await?.into()))
}

/// Delete an agent. Its conversations stay with their people; its mandates can no longer be used.
#[utoipa::path(delete, path = "/v1/admin/agents/{id}", tag = "admin", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted")))]
async fn delete(
    State(agents): State<Agents>,
    FreshAdmin(caller): FreshAdmin,
    Path(id): Path<AgentId>,
) -> Result<StatusCode, Problem> {
    agents.delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
