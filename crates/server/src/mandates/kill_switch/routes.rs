//! `/v1/kill-switch`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    model::{KillSwitch, Scope},
    service::Pull,
};
use crate::{
    kernel::{Acting, AgentId, Fresh, FreshAdmin, Json, Problem, Signed, TradingAccountId, UserId},
    mandates::{Mandates, model::Error},
};

pub(in crate::mandates) fn routes() -> OpenApiRouter<Mandates> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// What to switch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KillSwitchChange)]
struct Change {
    #[serde(default = "own")]
    scope: Scope,
    /// The agent, account, tenant or other person; one's own person when left out.
    id: Option<String>,
    on: bool,
    /// Stop cancels and reducing orders, too.
    #[serde(default)]
    freeze_all: bool,
    #[serde(default)]
    cancel_open_orders: bool,
    /// At most 200 characters; shown with every refusal.
    reason: Option<String>,
}

fn own() -> Scope {
    Scope::User
}

/// The switches that are on for the caller.
#[derive(Serialize, ToSchema)]
#[schema(as = KillSwitches)]
struct View {
    /// Whether anything is stopped.
    on: bool,
    switches: Vec<KillSwitch>,
}

/// Which switches are on for the caller.
#[utoipa::path(get, path = "/v1/kill-switch", tag = "mandates",
    responses((status = 200, description = "Switches that are on", body = View)))]
async fn show(State(mandates): State<Mandates>, Signed(caller): Signed) -> Result<Json<View>, Problem> {
    let switches = mandates.switches(caller.user).await?;
    Ok(Json(View { on: !switches.is_empty(), switches }))
}

/// Turn a switch on or off. On: anybody for themselves, in one call, by any of their tokens. Off: the person, with a
/// recent password or second factor. For tenants, everybody and other people: an admin with the same.
#[utoipa::path(post, path = "/v1/kill-switch", tag = "mandates", request_body = Change,
    responses((status = 200, description = "Switches that are on now", body = View),
              (status = 401, description = "Lifting a switch needs step-up"),
              (status = 403, description = "Not the caller's to switch")))]
async fn change(
    State(mandates): State<Mandates>,
    Signed(caller): Signed,
    person: Result<Fresh, Problem>,
    admin: Result<FreshAdmin, Problem>,
    Json(change): Json<Change>,
) -> Result<Json<View>, Problem> {
    let pull = pull(&caller, &change)?;
    if pull.owner != caller.user.0 {
        admin?;
    } else if !change.on {
        person?;
    }
    if change.on {
        mandates.pull(&caller, pull).await?;
    } else {
        mandates.lift(&caller, pull).await?;
    }
    let switches = mandates.switches(caller.user).await?;
    Ok(Json(View { on: !switches.is_empty(), switches }))
}

/// Whose switch, and what it is set on.
fn pull(caller: &Acting, change: &Change) -> Result<Pull, Problem> {
    let id = change.id.as_deref().filter(|id| !id.is_empty());
    let wrong = |message: String| Problem::invalid("id", message);
    let needed = || wrong("name what to switch".into());
    let (owner, target) = match change.scope {
        Scope::User => match id {
            None => (caller.user.0, String::new()),
            Some(id) => (id.parse::<UserId>().map_err(wrong)?.0, String::new()),
        },
        Scope::Agent => {
            (caller.user.0, id.ok_or_else(needed)?.parse::<AgentId>().map_err(wrong)?.to_string())
        }
        Scope::Account => {
            (caller.user.0, id.ok_or_else(needed)?.parse::<TradingAccountId>().map_err(wrong)?.to_string())
        }
        Scope::Tenant => (Uuid::nil(), id.ok_or_else(needed)?.to_owned()),
        Scope::Global => (Uuid::nil(), String::new()),
    };
    let reason =
        change.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    if target.len() > 100 || reason.as_ref().is_some_and(|reason| reason.chars().count() > 200) {
        return Err(Problem::invalid("reason", "at most 200 characters"));
    }
    if owner != caller.user.0 && !caller.is_admin() {
        return Err(Error::Beyond.into());
    }
    Ok(Pull {
        scope: change.scope,
        owner,
        target,
        freeze_all: change.freeze_all,
        cancel_open_orders: change.cancel_open_orders,
        reason,
    })
}
