//! Loading configuration: defaults, then a TOML file, then the environment.
//!
//! `MANDATE_LISTEN` sets `listen`, `MANDATE_MARKET__SPEED` sets `market.speed`; a name that ends in `_FILE` is read
//! from that file (Docker and Kubernetes secrets).
//!
//! INVARIANT: an unknown key, in the file or in the environment, is an error that names it.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

const PREFIX: &str = "MANDATE_";
/// Names that mean something else: the command line's own, and the test suite's.
const IGNORED: &[&str] = &["CONFIG", "LOG"];

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {path}: {error}")]
    Read { path: PathBuf, error: std::io::Error },
    #[error("{path} is not valid TOML: {message}")]
    Syntax { path: PathBuf, message: String },
    #[error("configuration: {key}: {message}")]
    Value { key: String, message: String },
    #[error("configuration: {0}")]
    Rule(String),
}

/// Reads the file, lays the environment over it, and fills the rest with defaults.
pub fn load<T: DeserializeOwned>(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
    overrides: Table,
) -> Result<T, Error> {
    let mut table = match file {
        Some(path) => read(path)?,
        None => Table::new(),
    };
    let mut names: Vec<_> = environment
        .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value)))
        .filter(|(name, _)| !IGNORED.contains(&name.as_str()) && !name.starts_with("TEST_"))
        .collect();
    names.sort();
    for (name, value) in names {
        overlay(&mut table, &name, value)?;
    }
    for (key, value) in overrides {
        table.insert(key, value);
    }
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let key = error.path().to_string();
        Error::Value {
            key: if key == "." { "top level".into() } else { key },
            message: plain(&error.inner().to_string()),
        }
    })
}

fn plain(message: &str) -> String {
    message.lines().next().unwrap_or(message).trim().to_owned()
}

fn read(path: &Path) -> Result<Table, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::Read { path: path.into(), error })?;
    text.parse()
        .map_err(|error: toml::de::Error| Error::Syntax { path: path.into(), message: error.to_string() })
}

fn overlay(table: &mut Table, name: &str, value: String) -> Result<(), Error> {
    let (name, value) = match name.strip_suffix("_FILE") {
        Some(stem) => {
            let path = PathBuf::from(value);
            let text = std::fs::read_to_string(&path).map_err(|error| Error::Read { path, error })?;
            (stem, Value::String(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        None => (name, scalar(value)),
    };
    let lowered = name.to_lowercase();
    let mut parts: Vec<&str> = lowered.split("__").collect();
    let last = parts.pop().unwrap_or_default();
    let mut at = table;
    for part in parts {
        let entry = at.entry(part.to_owned()).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(inner) = entry else {
            return Err(Error::Value { key: lowered.clone(), message: format!("{part} is not a section") });
        };
        at = inner;
    }
    at.insert(last.to_owned(), value);
    Ok(())
}

/// `true`, `12`, `1.5` and `["a", "b"]` are read as TOML; everything else is a string.
fn scalar(text: String) -> Value {
    let parsed = format!("v = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("v"));
    match parsed {
        Some(value @ (Value::Boolean(_) | Value::Integer(_) | Value::Float(_) | Value::Array(_))) => value,
        _ => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Sample {
        listen: String,
        market: Market,
    }
    impl Default for Sample {
        fn default() -> Self {
            Self { listen: "x".into(), market: Market::default() }
        }
    }
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Market {
        speed: f64,
        names: Vec<String>,
    }

    fn env(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn environment_overrides_and_unknown_keys_are_named() {
        let loaded: Sample = load(
            None,
            env(&[("MANDATE_MARKET__SPEED", "2.5"), ("MANDATE_MARKET__NAMES", "[\"a\"]")]),
            Table::new(),
        )
        .unwrap();
        assert_eq!(loaded.market, Market { speed: 2.5, names: vec!["a".into()] });
        let error = load::<Sample>(None, env(&[("MANDATE_MARKET__SPED", "1")]), Table::new()).unwrap_err();
        assert!(error.to_string().contains("sped"), "{error}");
        let error = load::<Sample>(None, env(&[("MANDATE_LISTNE", "1")]), Table::new()).unwrap_err();
        assert!(error.to_string().contains("listne"), "{error}");
    }
}
