//! `/v1/conversations`: the person's own.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{ConversationView, MessageView};
use crate::agents::Agents;
use crate::agents::model::ConversationId;
use crate::kernel::{Json, Page, Paged, Path, Person, Problem, Query};

pub(in crate::agents) fn routes() -> OpenApiRouter<Agents> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, rename, delete))
        .routes(routes!(messages))
        .routes(routes!(export))
}

/// One's conversations, the last used first; temporary ones are not among them.
#[utoipa::path(get, path = "/v1/conversations", tag = "conversations", params(Page),
    responses((status = 200, description = "Conversations", body = Paged<ConversationView>)))]
async fn list(
    State(agents): State<Agents>,
    Person(caller): Person,
    Query(page): Query<Page>,
) -> Result<Json<Paged<ConversationView>>, Problem> {
    Ok(Json(agents.list_conversations(caller.user, &page).await?.map(ConversationView::from)))
}

/// One conversation.
#[utoipa::path(get, path = "/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, description = "The conversation", body = ConversationView)))]
async fn get(
    State(agents): State<Agents>,
    Person(caller): Person,
    Path(id): Path<ConversationId>,
) -> Result<Json<ConversationView>, Problem> {
    Ok(Json(agents.conversation(caller.user, id).await?.into()))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConversationTitle)]
struct Title {
    /// 1 to 200 characters.
    title: String,
}

/// Give a conversation another title.
#[utoipa::path(patch, path = "/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    request_body = Title, responses((status = 200, description = "The conversation", body = ConversationView)))]
async fn rename(
    State(agents): State<Agents>,
    Person(caller): Person,
    Path(id): Path<ConversationId>,
    Json(body): Json<Title>,
) -> Result<Json<ConversationView>, Problem> {
    Ok(Json(agents.rename(caller.user, id, &body.title).await?.into()))
}

/// Delete a conversation for good.
#[utoipa::path(delete, path = "/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted")))]
async fn delete(
    State(agents): State<Agents>,
    Person(caller): Person,
    Path(id): Path<ConversationId>,
) -> Result<StatusCode, Problem> {
    agents.delete_conversation(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A conversation's messages, oldest first.
#[utoipa::path(get, path = "/v1/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path), Page),
    responses((status = 200, description = "Messages", body = Paged<MessageView>)))]
async fn messages(
    State(agents): State<Agents>,
    Person(caller): Person,
    Path(id): Path<ConversationId>,
    Query(page): Query<Page>,
) -> Result<Json<Paged<MessageView>>, Problem> {
    Ok(Json(agents.list_messages(caller.user, id, &page).await?))
}

#[derive(Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Markdown,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `json` (default) or `markdown`.
    #[serde(default)]
    format: Format,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Export {
    conversation: ConversationView,
    messages: Vec<MessageView>,
}

/// A whole conversation as a file.
#[utoipa::path(get, path = "/v1/conversations/{id}/export", tag = "conversations",
    params(("id" = String, Path), ExportQuery),
    responses((status = 200, description = "The conversation and its messages", content(
        (Export = "application/json"), (String = "text/markdown")))))]
async fn export(
    State(agents): State<Agents>,
    Person(caller): Person,
    Path(id): Path<ConversationId>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let (mut response, kind, ending) = match query.format {
        Format::Json => {
            let (conversation, messages) = agents.export(caller.user, id).await?;
            let messages = messages.into_iter().map(MessageView::from).collect();
            let body = Json(Export { conversation: conversation.into(), messages });
            (body.into_response(), "application/json", "json")
        }
        Format::Markdown => {
            let text = agents.export_markdown(caller.user, id).await?;
            (text.into_response(), "text/markdown; charset=utf-8", "md")
        }
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{id}.{ending}\"")) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
