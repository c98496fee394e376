//! The sample history: real daily bars of five US stocks, embedded in the binary and parsed once.
//!
//! INVARIANT: bars of a series are in strictly rising order of day (`parse` refuses anything else).
//! INVARIANT: low <= open, close <= high in every bar (`parse_bar`), so a replayed path can stay inside.

use jiff::civil::Date;

use super::price::Price;

/// Days since 1 January 1970.
pub type Day = i32;

/// One trading day of one symbol, as traded on that day (not adjusted for later splits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    pub day: Day,
    pub open: Price,
    pub high: Price,
    pub low: Price,
    pub close: Price,
    /// Shares.
    pub volume: u32,
}

/// What is known of a symbol, beside its bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    pub symbol: &'static str,
    pub name: &'static str,
    pub exchange: &'static str,
    /// Stock splits in rising order of day.
    pub splits: &'static [Split],
    csv: &'static str,
}

/// From this day on, one old share is `ratio` new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    pub year: i16,
    pub month: i8,
    pub day: i8,
    pub ratio: u32,
}

impl Split {
    pub fn effective(self) -> Day {
        day_of(jiff::civil::date(self.year, self.month, self.day))
    }
}

const fn split(year: i16, month: i8, day: i8, ratio: u32) -> Split {
    Split { year, month, day, ratio }
}

macro_rules! listing {
    ($symbol:literal, $name:literal, $exchange:literal, $splits:expr) => {
        Listing {
            symbol: $symbol,
            name: $name,
            exchange: $exchange,
            splits: $splits,
            csv: include_str!(concat!("../../sample-data/ohlcv/", $symbol, ".csv")),
        }
    };
}

/// Every symbol of the sample history, in alphabetical order.
pub static LISTINGS: [Listing; 5] = [
    listing!("AAPL", "Apple", "NASDAQ", &[split(2000, 6, 21, 2), split(2005, 2, 28, 2)]),
    listing!("FB", "Facebook", "NASDAQ", &[]),
    listing!("GOOG", "Google", "NASDAQ", &[]),
    listing!("IBM", "International Business Machines", "NYSE", &[]),
    listing!("MSFT", "Microsoft", "NASDAQ", &[split(2003, 2, 18, 2)]),
];

/// A listing with its bars, oldest first.
#[derive(Debug)]
pub struct Series {
    pub listing: &'static Listing,
    pub bars: Box<[Bar]>,
}

impl Series {
    pub fn symbol(&self) -> &'static str {
        self.listing.symbol
    }

    pub fn bar(&self, day: Day) -> Option<&Bar> {
        self.bars.binary_search_by_key(&day, |bar| bar.day).ok().map(|at| &self.bars[at])
    }

    /// Bars of the days before `day`.
    pub fn before(&self, day: Day) -> &[Bar] {
        &self.bars[..self.bars.partition_point(|bar| bar.day < day)]
    }

    pub fn first_day(&self) -> Day {
        self.bars.first().map_or(Day::MAX, |bar| bar.day)
    }

    /// How many of today's shares (as of `today`) one share of `day` has become.
    pub fn split_factor(&self, day: Day, today: Day) -> u32 {
        let passed = self.listing.splits.iter().filter(|split| {
            let effective = split.effective();
            day < effective && effective <= today
        });
        passed.map(|split| split.ratio).product()
    }
}

/// All series and the trading days they share.
#[derive(Debug)]
pub struct History {
    pub series: Vec<Series>,
    /// Every day on which at least one symbol traded, in order.
    pub calendar: Box<[Day]>,
}

impl History {
    /// Parses the embedded files: some milliseconds and 0.3 MB.
    pub fn load() -> Result<Self, Malformed> {
        let series: Vec<Series> = LISTINGS
            .iter()
            .map(|listing| Ok(Series { listing, bars: parse(listing.csv)? }))
            .collect::<Result<_, Malformed>>()?;
        let mut calendar: Vec<Day> =
            series.iter().flat_map(|series| &series.bars).map(|bar| bar.day).collect();
        calendar.sort_unstable();
        calendar.dedup();
        Ok(Self { series, calendar: calendar.into() })
    }

    pub fn find(&self, symbol: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.symbol() == symbol)
    }
}

/// A line of a price file that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line} of the price file is malformed: {what}")]
pub struct Malformed {
    pub line: usize,
    pub what: &'static str,
}

/// Reads `Date,Open,High,Low,Close,Volume,…` with a header line.
pub fn parse(csv: &str) -> Result<Box<[Bar]>, Malformed> {
    let mut bars: Vec<Bar> = Vec::with_capacity(csv.len() / 60);
    for (index, line) in csv.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()) {
        let malformed = |what| Malformed { line: index + 1, what };
        let bar = parse_bar(line).map_err(malformed)?;
        if bars.last().is_some_and(|last| last.day >= bar.day) {
            return Err(malformed("days are not in rising order"));
        }
        bars.push(bar);
    }
    Ok(bars.into())
}

fn parse_bar(line: &str) -> Result<Bar, &'static str> {
    let mut fields = line.split(',');
    let mut field = || fields.next().ok_or("too few columns");
    let date: Date = field()?.parse().map_err(|_| "the date is not YYYY-MM-DD")?;
    let mut price = || field()?.parse::<Price>().map_err(|_| "a price is not a positive decimal");
    let (open, high, low, close) = (price()?, price()?, price()?, price()?);
    let volume = field()?.parse().map_err(|_| "the volume is not a whole number")?;
    if low > open.min(close) || high < open.max(close) {
        return Err("open or close lies outside low and high");
    }
    Ok(Bar { day: day_of(date), open, high, low, close, volume })
}

/// Civil date of a day number.
pub fn date_of(day: Day) -> Date {
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day))
}

/// Day number of a civil date.
pub fn day_of(date: Date) -> Day {
    let since = date.duration_since(jiff::civil::date(1970, 1, 1));
    (since.as_hours() / 24) as Day
}
