//! The whole configuration: each slice's own part under its name.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::kernel::{Secret, config::Error};
use crate::{accounts, agents, http, mandates, market, notices, sessions, tokens, trading};

/// Everything that can be set, with defaults that start a laptop.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the embedded database and the local key file live.
    pub data_dir: PathBuf,
    /// Address and port of the HTTP listener.
    pub listen: SocketAddr,
    /// `postgres://…` for PostgreSQL; unset for the embedded SQLite in `data_dir`.
    #[serde(skip_serializing)]
    pub database_url: Option<Secret<String>>,
    /// Connections to the database.
    pub database_connections: u32,
    /// The address people use, e.g. `https://id.example.com`; by default `http://` and `listen`.
    pub public_url: Option<url::Url>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// `production` or `development`; the latter only on loopback.
    pub mode: Mode,
    pub log: Log,
    pub accounts: accounts::Config,
    pub tokens: tokens::Config,
    pub sessions: sessions::Config,
    pub market: market::Config,
    pub mandates: mandates::Config,
    pub trading: trading::Config,
    pub notices: notices::Config,
    pub limits: http::Quotas,
    pub agents: agents::Config,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Production,
    Development,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `pretty` or `json`.
    pub format: LogFormat,
    /// A `tracing` filter, e.g. `info,mandate=debug`.
    pub filter: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Pretty,
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Pretty, filter: "info".into() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "./mandate-data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8001)),
            database_url: None,
            database_connections: 16,
            public_url: None,
            trusted_proxies: Vec::new(),
            mode: Mode::default(),
            log: Log::default(),
            accounts: accounts::Config::default(),
            tokens: tokens::Config::default(),
            sessions: sessions::Config::default(),
            market: market::Config::default(),
            mandates: mandates::Config::default(),
            trading: trading::Config::default(),
            notices: notices::Config::default(),
            limits: http::Quotas::default(),
            agents: agents::Config::default(),
        }
    }
}

impl Config {
    /// Rules across settings.
    pub fn check(&self) -> Result<(), Error> {
        if self.mode == Mode::Development && !self.listen.ip().is_loopback() {
            return Err(Error::Rule(format!(
                "mode = \"development\" is refused on {}: it is not a loopback address",
                self.listen
            )));
        }
        if let Some(url) = &self.public_url
            && !matches!(url.scheme(), "http" | "https")
        {
            return Err(Error::Rule("public_url must begin with https:// or http://".into()));
        }
        Ok(())
    }

    /// Where people reach us, without a final slash.
    pub fn public_address(&self) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    /// Cookies are `Secure` unless people reach us by plain HTTP on loopback.
    pub fn secure_cookies(&self) -> bool {
        match &self.public_url {
            Some(url) => url.scheme() == "https",
            None => !self.listen.ip().is_loopback(),
        }
    }
}
