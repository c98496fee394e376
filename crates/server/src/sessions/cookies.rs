//! The refresh and device cookies, and the check that a cookie's request comes from our own pages.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::HeaderMap;
use http::header::{HOST, ORIGIN};

use super::model::{Error, Session};
use crate::kernel::{At, Secret};

pub(super) const REFRESH: &str = "refresh_token";
const DEVICE: &str = "mandate_device";
const PATH: &str = "/v1/auth";
const DEVICE_DAYS: u64 = 400;

/// How this installation sets cookies.
#[derive(Clone, Debug)]
pub(super) struct Cookies {
    pub secure: bool,
    /// Origins besides the request's own host that may use cookie routes: the public URL's.
    pub origin: Option<String>,
}

fn build(name: &'static str, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value)).path(PATH).http_only(true).secure(secure).same_site(SameSite::Strict).build()
}

fn time_span(seconds: u64) -> cookie::time::Duration {
    cookie::time::Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}

impl Cookies {
    /// A session that is not persistent gets a cookie that ends with the browser.
    pub fn refresh(&self, token: &Secret<String>, session: &Session, now: At) -> Cookie<'static> {
        let mut made = build(REFRESH, token.expose().clone(), self.secure);
        if session.persist {
            let left = session.expires_at.min(session.ends_at).since(now).as_secs();
            made.set_max_age(time_span(left));
        }
        made
    }

    pub fn no_refresh(&self) -> Cookie<'static> {
        let mut made = build(REFRESH, String::new(), self.secure);
        made.set_max_age(time_span(0));
        made
    }

    pub fn device(&self, value: &str) -> Cookie<'static> {
        let mut made = build(DEVICE, value.to_owned(), self.secure);
        made.set_max_age(time_span(DEVICE_DAYS * 86_400));
        made
    }

    /// Refuses a request that a browser sends from another site (CSRF). A client without `Origin` and
    /// `Sec-Fetch-Site` is not a browser and has no ambient cookies.
    pub fn check_site(&self, headers: &HeaderMap) -> Result<(), Error> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
            return Err(Error::CrossSite);
        }
        let Some(origin) = text(ORIGIN.as_str()) else { return Ok(()) };
        let own = text(HOST.as_str()).is_some_and(|host| {
            origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host)
        });
        if own || self.origin.as_deref() == Some(origin) { Ok(()) } else { Err(Error::CrossSite) }
    }
}

pub(super) fn device_of(jar: &CookieJar) -> Option<String> {
    jar.get(DEVICE).map(|cookie| cookie.value().to_owned()).filter(|value| value.len() == 43)
}
