//! How often a test repeats itself, and what `make prove` keeps of it.

use std::io::Write as _;

/// Rounds of a test that proves by repetition: few by default, many under `make prove` (`MANDATE_TEST_ROUNDS`).
pub fn rounds(few: usize, many: usize) -> usize {
    match std::env::var("MANDATE_TEST_ROUNDS").as_deref() {
        Ok("many") => many,
        Ok(count) => count.parse().unwrap_or(few),
        Err(_) => few,
    }
}

/// What came out of many rounds.
#[derive(Default)]
pub struct Proof {
    pub rounds: usize,
    /// Callers who were refused, or answers that a crash took back: none is allowed.
    pub refused: usize,
    /// Different successors that were given; one for each round of a race.
    pub successors: Option<usize>,
    pub seconds: u64,
}

impl Proof {
    pub fn timed(began: tokio::time::Instant) -> Self {
        Self { seconds: began.elapsed().as_secs(), ..Self::default() }
    }

    /// Adds a row to the table of `scripts/prove`; does nothing outside of it.
    pub fn keep(&self, what: &str) {
        let Ok(path) = std::env::var("MANDATE_TEST_PROOF") else { return };
        let postgres = std::env::var("MANDATE_TEST_DATABASE_URL").is_ok_and(|url| !url.is_empty());
        let engine = if postgres { "PostgreSQL" } else { "SQLite" };
        let successors = self.successors.map_or_else(|| "–".to_owned(), |count| count.to_string());
        let Self { rounds, refused, seconds, .. } = self;
        let row = format!("| {what} | {engine} | {rounds} | {refused} | {successors} | {seconds} s |\n");
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(row.as_bytes()).unwrap();
    }
}
