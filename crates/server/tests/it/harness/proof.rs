//! How often a test repeats itself, and what `make prove` keeps of it.

use std::io::Write as _;

use serde_json::{Value, json};

/// Rounds of a test that proves by repetition: few by default, many under `make prove` (`MANDATE_TEST_ROUNDS`).
pub fn rounds(few: usize, many: usize) -> usize {
    match std::env::var("MANDATE_TEST_ROUNDS").as_deref() {
        Ok("many") => many,
        Ok(count) => count.parse().unwrap_or(few),
        Err(_) => few,
    }
}

/// Adds a row to the file that `scripts/prove` makes a table of; nothing without it.
pub fn prove(what: &str, figures: Value) {
    let Ok(path) = std::env::var("MANDATE_TEST_PROOF") else { return };
    let postgres = std::env::var("MANDATE_TEST_DATABASE_URL").is_ok_and(|url| !url.is_empty());
    let engine = if postgres { "PostgreSQL" } else { "SQLite" };
    let row = json!({ "what": what, "engine": engine, "figures": figures });
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    writeln!(file, "{row}").unwrap();
}
