//! `GET /v1/audit`: one's own log.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Body, Outcome, Personal, Row};
use super::service::Audit;
use super::store::{self, Wanted};
use super::verify::event_id;
use crate::kernel::{At, Json, Page, Paged, Problem, Query, Signed, UserId};

impl Audit {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(list)).with_state(self)
    }
}

/// An audit event as its owner sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditEvent)]
struct View {
    event_id: String,
    /// Its number in this person's log, without gaps.
    number: i64,
    at: At,
    event: String,
    actor: Option<String>,
    on_behalf_of: Option<UserId>,
    client: Option<String>,
    session_id: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    resource: Option<String>,
    outcome: Outcome,
    reason: Option<String>,
    request_id: Option<String>,
    details: serde_json::Value,
    /// Its place in the hash chain; null for the first second.
    link: Option<i64>,
}

impl View {
    fn from_row(row: Row) -> Self {
        let body = serde_json::from_str(&row.body).unwrap_or_else(|_| Body {
            outcome: Outcome::Failure,
            actor: None,
            client: None,
            session: None,
            resource: None,
            reason: Some("this row's content cannot be read".into()),
            request: None,
            details: serde_json::Value::Null,
        });
        let personal: Personal =
            row.personal.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let owner = UserId(row.owner);
        let delegated = body.actor.as_deref().is_some_and(|actor| actor != owner.to_string());
        Self {
            event_id: event_id(row.id),
            number: row.seq,
            at: row.at,
            event: row.event,
            on_behalf_of: delegated.then_some(owner),
            actor: body.actor,
            client: body.client,
            session_id: body.session,
            address: personal.address,
            user_agent: personal.user_agent,
            resource: body.resource,
            outcome: body.outcome,
            reason: body.reason,
            request_id: body.request,
            details: body.details,
            link: row.link,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// An event name, or its beginning (`mandate.`).
    event: Option<String>,
    /// From this moment, inclusive.
    from: Option<At>,
    /// To this moment, exclusive.
    to: Option<At>,
}

/// One's own audit events, newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(Filter, Page),
    responses((status = 200, description = "Audit events, newest first", body = Paged<View>)))]
async fn list(
    State(audit): State<Audit>,
    Signed(caller): Signed,
    Query(filter): Query<Filter>,
    Query(page): Query<Page>,
) -> Result<Json<Paged<View>>, Problem> {
    let wanted = Wanted {
        event: filter.event.as_deref().unwrap_or_default(),
        from: filter.from.unwrap_or(At(i64::MIN)),
        to: filter.to.unwrap_or(At(i64::MAX)),
        before: page.after::<i64>()?.unwrap_or(i64::MAX),
        limit: page.limit() + 1,
    };
    let mut conn = audit.0.kernel.db.read().await?;
    let rows = store::list(&mut conn, caller.user.0, wanted).await?;
    Ok(Json(Paged::from_rows(rows, &page, |row| row.seq).map(View::from_row)))
}
