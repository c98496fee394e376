//! `conformance/token.json`, which every client library passes too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use mandate_token::{Algorithm, Audience, Jwks, SharedSecret, Verifier};
use serde::Deserialize;
use serde_json::{Map, Value};

pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../conformance/token.json")
}

#[derive(Deserialize)]
struct Document {
    now: i64,
    jwks: Value,
    audiences: BTreeMap<String, Rule>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: Option<String>,
    issuers: Vec<String>,
    leeway: u32,
    max_token: usize,
    #[serde(default)]
    algorithms: Vec<String>,
    secret: Option<String>,
    previous_secret: Option<String>,
    token_type: Option<String>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    required_values: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    audience: String,
    token: String,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expect {
    Claims(Map<String, Value>),
    Error(String),
}

fn audience(rule: &Rule, jwks: &Value) -> Audience {
    let mut audience = rule.name.as_deref().map_or_else(Audience::unnamed, Audience::new);
    audience = audience.leeway(rule.leeway).max_token(rule.max_token);
    for issuer in &rule.issuers {
        audience = audience.issuer(issuer);
    }
    for claim in &rule.required {
        audience = audience.require(claim);
    }
    for (claim, value) in &rule.required_values {
        audience = audience.require_value(claim, value.clone());
    }
    if let Some(typ) = &rule.token_type {
        audience = audience.token_type(typ);
    }
    if let Some(secret) = &rule.secret {
        let secret = SharedSecret::parse(secret).unwrap();
        let previous = rule.previous_secret.as_deref().unwrap();
        return audience.secret(secret.or_previous(previous).unwrap());
    }
    let algorithms: Vec<_> = rule.algorithms.iter().map(|n| Algorithm::from_name(n).unwrap()).collect();
    audience.jwks(&algorithms, Jwks::parse(&jwks.to_string()).unwrap())
}

#[test]
fn every_vector_is_answered_as_written_twice() {
    let document: Document = serde_json::from_slice(&std::fs::read(path()).unwrap()).unwrap();
    let verifiers: BTreeMap<_, _> = document
        .audiences
        .iter()
        .map(|(name, rule)| (name, Verifier::new(audience(rule, &document.jwks))))
        .collect();
    let mut wrong = Vec::new();
    // the second round meets remembered tokens
    for round in 1..=2 {
        for vector in &document.vectors {
            let answer = verifiers[&vector.audience].verify(&vector.token, document.now);
            let right = match (&vector.expect, &answer) {
                (Expect::Error(word), Err(error)) => error.word() == word,
                (Expect::Claims(wanted), Ok(claims)) => {
                    let found = serde_json::to_value(&**claims).unwrap();
                    wanted.iter().all(|(name, value)| found.get(name) == Some(value))
                }
                _ => false,
            };
            if !right {
                wrong.push(format!("round {round}: {}: {answer:?}", vector.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_vectors_cover_each_error_and_each_audience() {
    let document: Document = serde_json::from_slice(&std::fs::read(path()).unwrap()).unwrap();
    let names: BTreeSet<_> = document.vectors.iter().map(|v| &v.name).collect();
    assert_eq!(names.len(), document.vectors.len(), "a name occurs twice");
    assert!(document.vectors.len() >= 90, "{}", document.vectors.len());
    let words: BTreeSet<_> = document
        .vectors
        .iter()
        .filter_map(|v| if let Expect::Error(word) = &v.expect { Some(word.as_str()) } else { None })
        .collect();
    // a hook refuses with `revoked`, no vector can
    let all = "algorithm_not_allowed bad_signature expired header_not_allowed malformed missing_claim \
               not_yet_valid too_long unknown_key wrong_audience wrong_claim wrong_issuer wrong_type";
    assert_eq!(words, all.split_whitespace().collect());
    assert!(document.audiences.keys().all(|a| document.vectors.iter().any(|v| v.audience == *a)));
}
