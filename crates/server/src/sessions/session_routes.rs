//! One's own sessions: list and revoke.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Session;
use super::service::Sessions;
use crate::kernel::{Acting, At, Json, Page, Paged, Path, Person, Problem, Query, SessionId, Signed};

pub(super) fn routes() -> OpenApiRouter<Sessions> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(revoke))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Device {
    browser: String,
    os: String,
    /// What the client called itself at login.
    name: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Session)]
struct View {
    session_id: SessionId,
    device: Device,
    fingerprint: String,
    address: String,
    created_at: At,
    last_seen_at: At,
    /// The one that asks.
    current: bool,
    /// Stays signed in after the browser closes.
    remembered: bool,
}

impl View {
    fn new(session: Session, caller: &Acting) -> Self {
        let (browser, os) = describe(&session.user_agent);
        Self {
            session_id: session.id,
            device: Device { browser: browser.into(), os: os.into(), name: session.device_name },
            fingerprint: hex::encode(session.fingerprint),
            address: session.address,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            current: caller.session() == Some(session.id),
            remembered: session.persist,
        }
    }
}

/// Names that people recognise; the order matters, since browsers name their ancestors too.
fn describe(agent: &str) -> (&'static str, &'static str) {
    let first = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map_or("Unknown", |(_, name)| *name)
    };
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("python", "Python"),
        ("node", "Node.js"),
    ]);
    let os = first(&[
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    (browser, os)
}

/// One's live sessions, the last seen first.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", params(Page),
    responses((status = 200, description = "Live sessions", body = Paged<View>)))]
async fn list(
    State(sessions): State<Sessions>,
    Signed(caller): Signed,
    Query(page): Query<Page>,
) -> Result<Json<Paged<View>>, Problem> {
    let rows = sessions
        .list(caller.user, page.after::<(i64, SessionId)>()?.map(|(at, id)| (At(at), id)), page.limit() + 1)
        .await?;
    let page = Paged::from_rows(rows, &page, |row| (row.last_seen_at.0, row.id));
    Ok(Json(page.map(|session| View::new(session, &caller))))
}

/// End one of one's sessions.
#[utoipa::path(delete, path = "/v1/sessions/{session_id}", tag = "sessions",
    params(("session_id" = String, Path, description = "`ses_…`")),
    responses((status = 204, description = "Ended"), (status = 404, description = "No such live session of yours")))]
async fn revoke(
    State(sessions): State<Sessions>,
    Person(caller): Person,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    sessions.revoke(&caller, id, "revoked_by_user").await?;
    Ok(StatusCode::NO_CONTENT)
}
