//! The `/v1/auth` routes: sign-in, refresh, step-up, sign-out.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cookies::{REFRESH, device_of};
use super::login::Wish;
use super::model::{Delivery, Granted};
use super::refresh::Presented;
use super::service::Sessions;
use super::session_routes;
use crate::accounts::Profile;
use crate::kernel::{Fresh, Json, Origin, Person, Problem, Secret};
use crate::tokens::Minted;

impl Sessions {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(login))
            .routes(routes!(redeem_link))
            .routes(routes!(refresh))
            .routes(routes!(step_up))
            .routes(routes!(logout))
            .routes(routes!(change_password))
            .routes(routes!(ticket))
            .merge(session_routes::routes())
            .with_state(self)
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    email: String,
    #[schema(value_type = String)]
    password: Secret<String>,
    /// Stay signed in for 30 days after the last use.
    #[serde(default)]
    persist_session: bool,
    device_name: Option<String>,
    /// `cookie` (default, for browsers) or `body`.
    #[serde(default)]
    delivery: Delivery,
}

/// The answer of a login.
#[derive(Serialize, utoipa::ToSchema)]
struct LoggedIn {
    /// `ok`
    status: &'static str,
    access_token: String,
    /// `Bearer`
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Only in a session that was begun with `delivery: "body"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    user: Profile,
}

/// The answer of a refresh or a step-up.
#[derive(Serialize, utoipa::ToSchema)]
struct AccessToken {
    access_token: String,
    /// `Bearer`
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Only in a session that was begun with `delivery: "body"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl From<Minted> for AccessToken {
    fn from(minted: Minted) -> Self {
        Self {
            access_token: minted.token,
            token_type: "Bearer",
            expires_in: minted.expires_in,
            refresh_token: None,
        }
    }
}

/// Tokens must not be kept by anything between us and the client (RFC 6749, section 5.1).
fn no_store(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Sessions {
    fn with_cookie(&self, jar: CookieJar, granted: &Granted) -> CookieJar {
        if granted.session.delivery == Delivery::Body.name() {
            return jar;
        }
        jar.add(self.0.cookies.refresh(&granted.refresh_token, &granted.session, self.0.kernel.clock.now()))
    }

    fn welcome(&self, jar: CookieJar, granted: Granted) -> Response {
        let jar = self.with_cookie(jar, &granted);
        let body = LoggedIn {
            status: "ok",
            refresh_token: in_body(&granted),
            access_token: granted.access_token,
            token_type: "Bearer",
            expires_in: granted.expires_in,
            user: Profile::from(&granted.user),
        };
        no_store((jar, Json(body)))
    }

    /// What the client wants, and a jar that gives it a device cookie if it has none.
    fn wish(&self, jar: CookieJar, delivery: Delivery) -> (CookieJar, Wish) {
        if delivery == Delivery::Body {
            return (jar, Wish { delivery, ..Wish::default() });
        }
        let (jar, device) = if let Some(device) = device_of(&jar) {
            (CookieJar::new(), device)
        } else {
            let device = self.new_device();
            (CookieJar::new().add(self.0.cookies.device(&device)), device)
        };
        (jar, Wish { delivery, device: Some(device), ..Wish::default() })
    }
}

fn in_body(granted: &Granted) -> Option<String> {
    (granted.session.delivery == Delivery::Body.name()).then(|| granted.refresh_token.expose().clone())
}

fn device_name(name: Option<String>) -> Option<String> {
    name.map(|name| name.trim().chars().take(100).collect::<String>()).filter(|name| !name.is_empty())
}

/// Sign in with e-mail and password.
#[utoipa::path(post, path = "/v1/auth/login", tag = "auth", request_body = Login,
    responses((status = 200, description = "Signed in; the refresh token is in the cookie or in the body", body = LoggedIn),
              (status = 401, description = "E-mail or password is wrong"),
              (status = 429, description = "Too many failures; see Retry-After")))]
async fn login(
    State(sessions): State<Sessions>,
    origin: Origin,
    headers: HeaderMap,
    jar: CookieJar,
    Json(body): Json<Login>,
) -> Result<Response, Problem> {
    if body.delivery == Delivery::Cookie {
        sessions.0.cookies.check_site(&headers)?;
    }
    let (jar, wish) = sessions.wish(jar, body.delivery);
    let wish = Wish { persist: body.persist_session, device_name: device_name(body.device_name), ..wish };
    let granted = sessions.login(&body.email, body.password, wish, &origin).await?;
    Ok(sessions.welcome(jar, granted))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkRedemption {
    /// From the link's fragment.
    #[schema(value_type = String)]
    token: Secret<String>,
    #[serde(default)]
    persist_session: bool,
    device_name: Option<String>,
    #[serde(default)]
    delivery: Delivery,
}

/// Sign in with a one-time login link.
#[utoipa::path(post, path = "/v1/auth/link/redeem", tag = "auth", request_body = LinkRedemption,
    responses((status = 200, description = "Signed in", body = LoggedIn),
              (status = 401, description = "The link was used, has expired or never was")))]
async fn redeem_link(
    State(sessions): State<Sessions>,
    origin: Origin,
    headers: HeaderMap,
    jar: CookieJar,
    Json(body): Json<LinkRedemption>,
) -> Result<Response, Problem> {
    if body.delivery == Delivery::Cookie {
        sessions.0.cookies.check_site(&headers)?;
    }
    let (jar, wish) = sessions.wish(jar, body.delivery);
    let wish = Wish { persist: body.persist_session, device_name: device_name(body.device_name), ..wish };
    let granted = sessions.redeem_link(body.token.expose(), wish, &origin).await?;
    Ok(sessions.welcome(jar, granted))
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    /// For clients that are not browsers; browsers send the cookie.
    #[schema(value_type = Option<String>)]
    refresh_token: Option<Secret<String>>,
}

/// Exchange the refresh token for a new access token; the refresh token is rotated.
#[utoipa::path(post, path = "/v1/auth/refresh", tag = "auth", request_body = Option<RefreshRequest>,
    responses((status = 200, description = "A new access token", body = AccessToken),
              (status = 401, description = "The refresh token is not valid or the session has ended")))]
async fn refresh(
    State(sessions): State<Sessions>,
    origin: Origin,
    headers: HeaderMap,
    jar: CookieJar,
    body: bytes::Bytes,
) -> Result<Response, Problem> {
    let body: RefreshRequest = if body.is_empty() {
        RefreshRequest::default()
    } else {
        serde_json::from_slice(&body)
            .map_err(|_| Problem::bad_request("not_json", "the body is not valid JSON"))?
    };
    let token = match (body.refresh_token, jar.get(REFRESH)) {
        (Some(token), _) => token,
        (None, Some(cookie)) => {
            sessions.0.cookies.check_site(&headers)?;
            Secret::new(cookie.value().to_owned())
        }
        (None, None) => {
            return Err(Problem::unauthorized("unauthorized", "there is no refresh token; sign in"));
        }
    };
    let device = device_of(&jar);
    let presented = Presented { token: token.expose(), device: device.as_deref() };
    match sessions.refresh(presented, &origin).await {
        Ok(granted) => {
            let jar = sessions.with_cookie(CookieJar::new(), &granted);
            let body = AccessToken {
                refresh_token: in_body(&granted),
                access_token: granted.access_token,
                token_type: "Bearer",
                expires_in: granted.expires_in,
            };
            Ok(no_store((jar, Json(body))))
        }
        // A cookie that will never work again is taken away, so that the next page load asks for a sign-in at once.
        Err(error) if error.is_final() => {
            let jar = CookieJar::new().add(sessions.0.cookies.no_refresh());
            Ok(no_store((jar, Problem::from(error))))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StepUp {
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// Prove who you are again; acts that need it work for five minutes.
#[utoipa::path(post, path = "/v1/auth/step-up", tag = "auth", request_body = StepUp,
    responses((status = 200, description = "A new access token of the same session", body = AccessToken),
              (status = 401, description = "The password is wrong")))]
async fn step_up(
    State(sessions): State<Sessions>,
    Person(caller): Person,
    Json(body): Json<StepUp>,
) -> Result<Response, Problem> {
    let minted = sessions.step_up(&caller, body.password).await?;
    Ok(no_store(Json(AccessToken::from(minted))))
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Logout {
    /// End every session of the person, not only this one.
    #[serde(default)]
    all_devices: bool,
}

/// Sign out. Works with the access token or with the cookie alone; without either it only clears the cookie.
#[utoipa::path(post, path = "/v1/auth/logout", tag = "auth", request_body = Option<Logout>,
    responses((status = 204, description = "Signed out, cookie cleared")))]
async fn logout(
    State(sessions): State<Sessions>,
    caller: Option<Person>,
    origin: Origin,
    headers: HeaderMap,
    body: bytes::Bytes,
) -> Result<Response, Problem> {
    let jar = CookieJar::from_headers(&headers);
    let body: Logout = if body.is_empty() {
        Logout::default()
    } else {
        serde_json::from_slice(&body)
            .map_err(|_| Problem::bad_request("not_json", "the body is not valid JSON"))?
    };
    let caller = match (caller, jar.get(REFRESH)) {
        (Some(Person(caller)), _) => Some(caller),
        (None, Some(cookie)) => {
            sessions.0.cookies.check_site(&headers)?;
            sessions.caller_of_cookie(cookie.value(), &origin).await?
        }
        (None, None) => None,
    };
    if let Some(caller) = caller {
        sessions.sign_out(&caller, body.all_devices).await?;
    }
    let jar = CookieJar::new().add(sessions.0.cookies.no_refresh());
    Ok(no_store((StatusCode::NO_CONTENT, jar)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// Left out only by somebody who has no password yet.
    #[schema(value_type = Option<String>)]
    current_password: Option<Secret<String>>,
    #[schema(value_type = String)]
    new_password: Secret<String>,
}

/// Change one's password; other sessions end.
#[utoipa::path(post, path = "/v1/auth/password/change", tag = "auth", request_body = PasswordChange,
    responses((status = 204, description = "Changed"), (status = 422, description = "The new password fails its rule")))]
async fn change_password(
    State(sessions): State<Sessions>,
    Fresh(caller): Fresh,
    Json(body): Json<PasswordChange>,
) -> Result<StatusCode, Problem> {
    sessions.change_password(&caller, body.current_password, body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A websocket ticket.
#[derive(Serialize, utoipa::ToSchema)]
struct Ticket {
    ticket: String,
    /// Seconds.
    expires_in: u64,
}

/// A ticket for opening a websocket from a browser: 30 seconds, once.
#[utoipa::path(post, path = "/v1/auth/ticket", tag = "auth",
    responses((status = 200, description = "A ticket", body = Ticket)))]
async fn ticket(State(sessions): State<Sessions>, Person(caller): Person) -> Result<Response, Problem> {
    let ticket = sessions.issue_ticket(&caller).await?;
    Ok(no_store(Json(Ticket { ticket: ticket.expose().clone(), expires_in: 30 })))
}
