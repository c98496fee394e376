//! A day's ticks, made from its daily bar: open, then the extremes, then close.
//!
//! INVARIANT: every price lies within [low, high]; the first is the open, the last the close, and both
//! extremes are touched (`DayPath::new` pins the four and clamps the rest).
//! INVARIANT: the volumes of the ticks add up to the bar's volume (`spread_volume` ends at the whole).
//! INVARIANT: equal seed, symbol and bar give equal ticks on every machine: the only floating-point
//! operations are + - * / and sqrt, which IEEE 754 defines to the last bit.

use super::{
    history::Bar,
    price::{CENT, Price},
};

/// Market minutes of a trading day, 09:30 to 16:00 New York.
pub const MINUTES_PER_DAY: u32 = 390;
/// Market seconds between two ticks of a symbol.
pub const SECONDS_PER_TICK: u32 = 15;
pub const TICKS_PER_MINUTE: u32 = 60 / SECONDS_PER_TICK;
pub const TICKS_PER_DAY: u32 = MINUTES_PER_DAY * TICKS_PER_MINUTE;

const TICKS: usize = TICKS_PER_DAY as usize;

/// All ticks of one symbol on one day.
#[derive(Debug)]
pub struct DayPath {
    prices: Box<[Price]>,
    /// Shares traded up to and including each tick.
    volumes: Box<[u32]>,
}

/// Open, extremes, close and volume of a run of ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub open: Price,
    pub high: Price,
    pub low: Price,
    pub close: Price,
    pub volume: u32,
}

impl DayPath {
    pub fn new(seed: u64, symbol: &str, bar: &Bar) -> Self {
        let mut noise = Noise::new(seed, symbol, bar.day);
        let early = 1 + noise.below(TICKS / 2 - 2);
        let late = TICKS / 2 + noise.below(TICKS / 2 - 2);
        let falling_first = bar.close >= bar.open;
        let (first, second) = if falling_first { (bar.low, bar.high) } else { (bar.high, bar.low) };
        let mut prices = vec![bar.open; TICKS];
        let legs =
            [(0, bar.open, early, first), (early, first, late, second), (late, second, TICKS - 1, bar.close)];
        for (from, start, to, end) in legs {
            bridge(&mut prices[from..=to], start, end, bar, &mut noise);
        }
        Self { prices: prices.into(), volumes: spread_volume(bar.volume, &mut noise) }
    }

    /// What a candle over the ticks `from..=to` shows.
    pub fn span(&self, from: u32, to: u32) -> Span {
        let (from, to) = ((from as usize).min(TICKS - 1), (to as usize).min(TICKS - 1));
        let prices = &self.prices[from..=to];
        let before = if from == 0 { 0 } else { self.volumes[from - 1] };
        let (low, high) = prices
            .iter()
            .fold((prices[0], prices[0]), |(low, high), price| (low.min(*price), high.max(*price)));
        Span {
            open: prices[0],
            high,
            low,
            close: prices[prices.len() - 1],
            volume: self.volumes[to] - before,
        }
    }
}

/// A random walk from `start` to `end`, rounded to cents, kept inside the day's range.
fn bridge(ticks: &mut [Price], start: Price, end: Price, bar: &Bar, noise: &mut Noise) {
    let steps = ticks.len() - 1;
    let range = f64::from(bar.high.0 - bar.low.0);
    let swing = 0.35 * range / (steps as f64).sqrt();
    let mut walk = Vec::with_capacity(ticks.len());
    let mut height = 0.0;
    for _ in 0..steps {
        walk.push(height);
        height += swing * noise.signed();
    }
    let (first, last) = (f64::from(start.0), f64::from(end.0));
    for (step, (tick, wander)) in ticks.iter_mut().zip(walk).enumerate() {
        let share = step as f64 / steps as f64;
        let price = reflect(first + (last - first) * share + wander - height * share, bar);
        let cents = (price / f64::from(CENT) + 0.5).max(0.0) as u32;
        *tick = Price((cents * CENT).clamp(bar.low.0, bar.high.0));
    }
    ticks[0] = start;
    ticks[steps] = end;
}

/// A walk that would leave the day's range turns back at its edge.
fn reflect(price: f64, bar: &Bar) -> f64 {
    let (low, high) = (f64::from(bar.low.0), f64::from(bar.high.0));
    if price < low {
        low + (low - price)
    } else if price > high {
        high - (price - high)
    } else {
        price
    }
}

/// Busy at the open and the close, quiet at noon; cumulative, ending at exactly `volume`.
fn spread_volume(volume: u32, noise: &mut Noise) -> Box<[u32]> {
    let middle = (TICKS / 2) as f64;
    let mut total = 0.0;
    let sums: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let from_noon = (tick as f64 - middle) / middle;
            total += (0.5 + 1.5 * from_noon * from_noon) * (1.0 + 0.8 * noise.signed());
            total
        })
        .collect();
    let mut volumes: Box<[u32]> = sums.iter().map(|sum| (f64::from(volume) * sum / total) as u32).collect();
    volumes[TICKS - 1] = volume;
    volumes
}

/// `SplitMix64` (Steele, Lea, Flood 2014), keyed by seed, symbol and day. Not for secrets.
struct Noise(u64);

impl Noise {
    fn new(seed: u64, symbol: &str, day: i32) -> Self {
        let mut noise = Self(seed);
        for byte in symbol.bytes().chain(day.to_le_bytes()) {
            noise.0 = noise.next() ^ u64::from(byte);
        }
        noise
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Uniform in [-1, 1).
    fn signed(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}
