//! How long a call takes, several calls in turns.

use std::time::{Duration, Instant};

/// Something to time, with its name.
pub struct Subject<'a> {
    pub name: &'static str,
    pub run: Box<dyn FnMut() + 'a>,
}

impl<'a> Subject<'a> {
    pub fn new(name: &'static str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

const ROUNDS: usize = 25;
const BATCH: Duration = Duration::from_millis(40);

/// Microseconds per call of each subject: the median of 25 batches, taken in turns so that what else the machine
/// does falls on all of them.
pub fn in_turns(mut subjects: Vec<Subject<'_>>) -> Vec<(&'static str, f64)> {
    let sizes: Vec<u32> = subjects.iter_mut().map(batch_size).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); subjects.len()];
    for _ in 0..ROUNDS {
        for ((subject, size), times) in subjects.iter_mut().zip(&sizes).zip(&mut times) {
            let begin = Instant::now();
            for _ in 0..*size {
                (subject.run)();
            }
            times.push(begin.elapsed().as_secs_f64() * 1e6 / f64::from(*size));
        }
    }
    subjects
        .iter()
        .zip(times)
        .map(|(subject, mut times)| {
            times.sort_by(f64::total_cmp);
            (subject.name, times[ROUNDS / 2])
        })
        .collect()
}

/// So many calls that a batch lasts about `BATCH`; warms up on the way.
fn batch_size(subject: &mut Subject<'_>) -> u32 {
    let begin = Instant::now();
    let mut calls = 0;
    while begin.elapsed() < BATCH * 2 {
        (subject.run)();
        calls += 1;
    }
    (calls / 2).max(1)
}

/// The value at a quantile of sorted values.
pub fn quantile(sorted: &[Duration], q: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * q).round() as usize).copied().unwrap_or_default()
}

/// `12.3 ms`
pub fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

/// `12.3 µs`
pub fn micros(duration: Duration) -> String {
    format!("{:.1} µs", duration.as_secs_f64() * 1e6)
}
