//! The checks of the configuration and of what it points to.

use super::super::Source;
use super::{Finding, host};
use crate::config::{Config, Mode};
use crate::kernel::db::{Inspection, Target, inspect};
use crate::kernel::{At, Clock as _, SystemClock};

/// Passwords that appear in everybody's examples.
const PUBLISHED: &[&str] =
    &["postgres", "password", "mandate", "changeme", "secret", "example", "admin", "test"];
const SHORTEST_SECRET: usize = 16;
/// How far the database server's clock may differ.
const SKEW_MICROS: u64 = 2_000_000;

pub(super) async fn all(config: &Config, source: &Source) -> Vec<Finding> {
    let now = SystemClock.now();
    let mut findings = vec![Finding::ok("configuration", "every key is known")];
    findings.push(host::data_dir(&config.data_dir));
    findings.push(host::key_file(&config.data_dir.join("keys")));
    findings.push(host::disk_space(&config.data_dir));
    let target = match &config.database_url {
        Some(url) => Target::Pg(url.expose().clone()),
        None => Target::Sqlite(config.data_dir.join("mandate.db")),
    };
    let inspected = inspect(&target).await;
    findings.push(clock(now, inspected.as_ref().ok().and_then(Option::as_ref)));
    findings.push(database(&target, inspected));
    findings.extend(secrets(config));
    findings.extend(source.config.as_deref().and_then(host::config_file));
    findings.push(address(config));
    findings.extend(proxies(config));
    findings.push(host::listener(config.listen).await);
    findings.push(mode(config));
    findings.push(console());
    findings
}

fn database(target: &Target, inspected: Result<Option<Inspection>, sqlx::Error>) -> Finding {
    const NAME: &str = "database";
    match inspected {
        Ok(None) => Finding::ok(NAME, "not made yet; the first start makes it"),
        Ok(Some(found)) if found.integrity != "ok" => Finding::fail(
            NAME,
            format!("{}: the file is damaged: {}", found.engine, found.integrity),
            "stop the server and restore the newest backup",
        ),
        Ok(Some(found)) => match found.migration {
            Some(version) if version > found.known => Finding::fail(
                NAME,
                format!(
                    "{}: written by a newer version (migration {version}, this binary knows {})",
                    found.engine, found.known
                ),
                "use the newer version, or restore a backup made before the upgrade",
            ),
            Some(version) if version < found.known => Finding::ok(
                NAME,
                format!("{}, migration {version}; the next start brings it to {}", found.engine, found.known),
            ),
            Some(version) => Finding::ok(NAME, format!("{}, migration {version}", found.engine)),
            None => Finding::ok(NAME, format!("{}, empty; the first start fills it", found.engine)),
        },
        Err(error) => {
            let remedy = match target {
                Target::Sqlite(_) => "see that the file belongs to the user that runs the server",
                Target::Pg(_) => "check database_url, that the server runs, and that the database exists",
            };
            Finding::fail(NAME, format!("not reachable: {error}"), remedy)
        }
    }
}

fn clock(now: At, database: Option<&Inspection>) -> Finding {
    const NAME: &str = "clock";
    let remedy = "set the machine's clock (tokens and limits depend on it), e.g. with an NTP client";
    // 2026-01-01: no build of this version is older
    if now < At::from_unix(1_767_225_600) {
        return Finding::fail(NAME, format!("this machine says it is {now}"), remedy);
    }
    match database.and_then(|database| database.server_clock) {
        Some(theirs) if theirs.abs_diff(now.0) > SKEW_MICROS => {
            let seconds = theirs.abs_diff(now.0) / 1_000_000;
            Finding::warn(NAME, format!("the database server's clock differs by {seconds} s"), remedy)
        }
        Some(_) => Finding::ok(NAME, "sane, and the database server agrees"),
        None => Finding::ok(NAME, "sane"),
    }
}

fn secrets(config: &Config) -> Option<Finding> {
    const NAME: &str = "secrets";
    let url = url::Url::parse(config.database_url.as_ref()?.expose()).ok()?;
    let remedy =
        "choose a random password of 16 characters or more and hand it over by MANDATE_DATABASE_URL_FILE";
    Some(match url.password() {
        None => Finding::ok(NAME, "the database needs no password"),
        Some(password) if PUBLISHED.contains(&password.to_lowercase().as_str()) => {
            Finding::fail(NAME, "the database password is one that everybody knows", remedy)
        }
        Some(password) if password.len() < SHORTEST_SECRET => {
            Finding::warn(NAME, format!("the database password has {} characters", password.len()), remedy)
        }
        Some(_) => Finding::ok(NAME, "the database password is long enough"),
    })
}

fn address(config: &Config) -> Finding {
    const NAME: &str = "public address";
    let https = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if https {
        return Finding::ok(NAME, config.public_address());
    }
    if config.listen.ip().is_loopback() && config.public_url.is_none() {
        return Finding::ok(NAME, format!("{}, this machine only", config.public_address()));
    }
    Finding::fail(
        NAME,
        format!("{} is plain HTTP: tokens and passwords cross the network readable", config.public_address()),
        "put a TLS proxy in front and set public_url = \"https://…\"",
    )
}

fn proxies(config: &Config) -> Option<Finding> {
    let https = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    (https && config.trusted_proxies.is_empty()).then(|| {
        Finding::warn(
            "proxy",
            "public_url is https, this listener is not, and no proxy is trusted: every caller seems to come from the proxy",
            "set trusted_proxies to the proxy's address, so that limits and the audit log see the callers'",
        )
    })
}

fn mode(config: &Config) -> Finding {
    match config.mode {
        Mode::Production => Finding::ok("mode", "production"),
        Mode::Development => {
            Finding::warn("mode", "development", "remove `mode` before anybody else uses this server")
        }
    }
}

fn console() -> Finding {
    if crate::console::is_embedded() {
        Finding::ok("console", "inside this binary")
    } else {
        Finding::warn("console", "this binary was built without it", "build with `make build`")
    }
}
