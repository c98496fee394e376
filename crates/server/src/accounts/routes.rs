//! Registration and one's own profile.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Profile;
use super::service::{Accounts, NewUser};
use crate::kernel::{Json, Origin, Person, Problem, Secret, Signed};

impl Accounts {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(register)).routes(routes!(me, change_me)).with_state(self)
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    email: String,
    /// 12 to 128 characters, not easy to guess.
    #[schema(value_type = String)]
    password: Secret<String>,
    name: String,
    phone: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Registered {
    /// Always `registered`.
    status: &'static str,
    email: String,
}

/// Register. The answer is the same whether or not the address was known.
#[utoipa::path(post, path = "/v1/auth/register", tag = "auth", request_body = Registration,
    responses((status = 201, description = "Registered", body = Registered),
              (status = 422, description = "A field fails its rule")))]
async fn register(
    State(accounts): State<Accounts>,
    origin: Origin,
    Json(body): Json<Registration>,
) -> Result<(StatusCode, Json<Registered>), Problem> {
    let email = body.email.trim().to_owned();
    let new = NewUser {
        email: body.email,
        name: body.name,
        phone: body.phone,
        password: Some(body.password),
        roles: vec!["user".into()],
    };
    accounts.register(new, &origin).await?;
    Ok((StatusCode::CREATED, Json(Registered { status: "registered", email })))
}

/// Who the caller is.
#[utoipa::path(get, path = "/v1/users/me", tag = "users",
    responses((status = 200, description = "The caller's account", body = Profile)))]
async fn me(State(accounts): State<Accounts>, Signed(caller): Signed) -> Result<Json<Profile>, Problem> {
    Ok(Json(Profile::clone(&*accounts.profile(caller.user).await?)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileChange {
    name: Option<String>,
    /// Empty to remove.
    phone: Option<String>,
}

/// Change one's name or phone.
#[utoipa::path(patch, path = "/v1/users/me", tag = "users", request_body = ProfileChange,
    responses((status = 200, description = "The changed account", body = Profile)))]
async fn change_me(
    State(accounts): State<Accounts>,
    Person(caller): Person,
    Json(change): Json<ProfileChange>,
) -> Result<Json<Profile>, Problem> {
    Ok(Json(Profile::from(&accounts.change_profile(&caller, change.name, change.phone).await?)))
}
