//! The replay's rules, with the real prices of January 2012.

#![allow(clippy::float_cmp, reason = "replayed numbers are exact")]

use std::sync::LazyLock;

use jiff::civil::date;
use proptest::prelude::*;

use super::{
    candles::{Candle, Timeframe, Wanted},
    feed::{Feed, NoData, Source, timeframe},
    history::{Bar, History, LISTINGS, date_of, day_of, parse},
    model::Config,
    path::{DayPath, TICKS_PER_DAY},
    price::Price,
    replay::{Anchor, MAX_SPEED, Position, Replay, tick_time},
    store::{self, Row},
};
use crate::kernel::At;

const SEED: u64 = 2012;
const SECOND: i64 = 1_000_000;

static FEED: LazyLock<Feed> = LazyLock::new(|| Feed::load(SEED).unwrap());

fn feed() -> &'static Feed {
    &FEED
}

fn all(timeframe: Timeframe) -> Wanted {
    Wanted { timeframe, from: i64::MIN, to: i64::MAX }
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn at(year: i16, month: i8, day: i8, tick: u32) -> Position {
    Position { day: day_of(date(year, month, day)), tick, ended: false }
}

fn anchor(speed: u32) -> Anchor {
    Anchor { at: 1_700_000_000 * SECOND, market_micros: 0, speed }
}

fn after(anchor: &Anchor, seconds: i64) -> i64 {
    anchor.at + seconds * SECOND
}

#[test]
fn prices_are_read_to_the_ten_thousandth() {
    assert_eq!(price("409.4"), Price(4_094_000));
    assert_eq!(price("425.5001").to_string(), "425.5001");
    assert_eq!(price("118.56").split(4), price("29.64"));
    for wrong in ["", "-1", "0", "1.23456", "NaN", "1e3", ".5", "4294967295", " 1"] {
        assert!(wrong.parse::<Price>().is_err(), "{wrong:?} was read as a price");
    }
}

#[test]
fn a_malformed_line_is_named() {
    let header = "Date,Open,High,Low,Close,Volume,AdjClose\n";
    let good = "2012-01-03,409.4,412.5,409.0,411.23,10793600,52.8\n";
    let line = |text: &str| parse(&format!("{header}{good}{text}\n")).unwrap_err().to_string();
    assert_eq!(
        line("2012-01-03,1,1,1,1,1,1"),
        "line 3 of the price file is malformed: days are not in rising order"
    );
    assert_eq!(
        line("2012-01-04,1,2,3,1,1,1"),
        "line 3 of the price file is malformed: open or close lies outside low and high"
    );
    assert_eq!(line("2012-01-04,1"), "line 3 of the price file is malformed: too few columns");
}

#[test]
fn days_and_dates_agree() {
    assert_eq!(day_of(date(1970, 1, 1)), 0);
    assert_eq!(day_of(date(2012, 1, 3)), 15_342);
    assert_eq!(date_of(15_342), date(2012, 1, 3));
    assert_eq!(date_of(day_of(date(2000, 2, 29))), date(2000, 2, 29));
}

/// The adjusted close jumps against the close exactly where the table says that a split was.
#[test]
fn the_splits_are_those_of_the_adjusted_close() {
    for listing in &LISTINGS {
        let file = format!("{}/sample-data/ohlcv/{}.csv", env!("CARGO_MANIFEST_DIR"), listing.symbol);
        let text = std::fs::read_to_string(file).unwrap();
        let rows: Vec<(String, f64, f64)> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .map(|row| (row[0].to_owned(), row[4].parse().unwrap(), row[6].parse().unwrap()))
            .collect();
        let derived: Vec<(String, u32)> = rows
            .windows(2)
            .map(|pair| (pair[1].0.clone(), (pair[0].1 / pair[1].1) / (pair[0].2 / pair[1].2)))
            .filter(|(_, ratio)| *ratio > 1.3 || *ratio < 0.7)
            .map(|(day, ratio)| (day, ratio.round() as u32))
            .collect();
        let table: Vec<(String, u32)> = listing
            .splits
            .iter()
            .map(|split| (date_of(split.effective()).to_string(), split.ratio))
            .collect();
        assert_eq!(table, derived, "{}", listing.symbol);
    }
}

#[test]
fn the_whole_history_is_there() {
    let history = History::load().unwrap();
    let counts: Vec<(&str, usize)> =
        history.series.iter().map(|series| (series.symbol(), series.bars.len())).collect();
    assert_eq!(counts, [("AAPL", 3270), ("FB", 196), ("GOOG", 2148), ("IBM", 3270), ("MSFT", 3270)]);
    assert_eq!(history.calendar.len(), 3270);
    assert_eq!(Replay::new(&history, SEED).days.len(), 291);
}

#[test]
fn the_first_tick_is_the_open_of_the_pinned_day() {
    let feed = feed();
    let anchor = anchor(60);
    let first = feed.position(&anchor, anchor.at);
    assert_eq!(first, at(2012, 1, 3, 0));
    let snapshot = feed.snapshot("AAPL", first).unwrap();
    assert_eq!(snapshot.last, price("409.4"));
    assert_eq!((snapshot.bid, snapshot.ask), (price("409.39"), price("409.41")));
    assert_eq!(snapshot.previous_close, Some(price("405.0")));
    assert_eq!(feed.snapshot("IBM", first).unwrap().last, price("186.73"));
    assert_eq!(Source::replay(first, 60).label, "Replayed history, 3 January 2012 09:30 New York");
}

#[test]
fn one_market_minute_passes_each_second() {
    let feed = feed();
    let anchor = anchor(60);
    let position = feed.position(&anchor, after(&anchor, 61));
    assert_eq!(position, at(2012, 1, 3, 61 * 4));
    assert_eq!(Source::replay(position, 60).label, "Replayed history, 3 January 2012 10:31 New York");
    assert_eq!(position.market_time(), 1_325_604_660);
    assert_eq!(feed.position(&anchor, after(&anchor, 390)), at(2012, 1, 4, 0));
    assert_eq!(feed.position(&anchor, after(&anchor, -5)), at(2012, 1, 3, 0), "a wall clock that steps back");
}

#[test]
fn a_speed_of_nothing_stands_still_and_the_fastest_does_a_day_a_second() {
    let feed = feed();
    assert_eq!(feed.position(&anchor(0), after(&anchor(0), 86_400)), at(2012, 1, 3, 0));
    assert_eq!(feed.position(&anchor(MAX_SPEED), after(&anchor(0), 1)), at(2012, 1, 4, 0));
}

#[test]
fn market_time_follows_daylight_saving() {
    assert_eq!(tick_time(day_of(date(2012, 1, 3)), 0) % 86_400, 14 * 3600 + 1800);
    assert_eq!(tick_time(day_of(date(2012, 7, 3)), 0) % 86_400, 13 * 3600 + 1800);
}

#[test]
fn after_the_last_day_the_last_price_stands() {
    let feed = feed();
    let anchor = anchor(MAX_SPEED);
    let last = feed.position(&anchor, after(&anchor, 291) - 1);
    assert!(!last.ended);
    for late in [291, 100_000_000] {
        let end = feed.position(&anchor, after(&anchor, late));
        assert!(end.ended);
        assert_eq!(feed.snapshot("AAPL", end).unwrap().last, price("430.47"));
        assert_eq!(
            Source::replay(end, 60).label,
            "Replayed history, ended 1 March 2013 15:59 New York: the last prices stand"
        );
    }
}

#[test]
fn a_path_is_the_same_for_a_seed_and_another_for_another() {
    let bar = *History::load().unwrap().find("AAPL").unwrap().bar(day_of(date(2012, 1, 3))).unwrap();
    let prices = |seed, symbol| {
        let path = DayPath::new(seed, symbol, &bar);
        [1, 60, 240, 700, 1_200, 1_559].map(|tick| path.span(tick, tick).close.to_string())
    };
    assert_eq!(prices(SEED, "AAPL"), ["409.42", "409.23", "409.05", "409.32", "412.03", "411.23"]);
    assert_ne!(prices(SEED, "AAPL"), prices(SEED + 1, "AAPL"));
    assert_ne!(prices(SEED, "AAPL"), prices(SEED, "IBM"));
}

proptest! {
    #[test]
    fn any_path_keeps_to_its_bar(seed: u64, day in 0..20_000, low in 1_u32..5_000_000, spread in 0_u32..500_000,
                                 open in 0.0..=1.0, close in 0.0..=1.0, volume: u32, cut in 0..TICKS_PER_DAY) {
        let within = |share: f64| Price(low + (f64::from(spread) * share) as u32);
        let bar = Bar { day, open: within(open), high: Price(low + spread), low: Price(low), close: within(close), volume };
        let path = DayPath::new(seed, "AAPL", &bar);
        let whole = path.span(0, TICKS_PER_DAY - 1);
        prop_assert_eq!((whole.open, whole.high, whole.low, whole.close, whole.volume),
                        (bar.open, bar.high, bar.low, bar.close, bar.volume));
        let morning = path.span(0, cut);
        prop_assert_eq!(morning.close, path.span(cut, cut).close);
        prop_assert!(bar.low <= morning.low && morning.high <= bar.high);
        if cut + 1 < TICKS_PER_DAY {
            let rest = path.span(cut + 1, TICKS_PER_DAY - 1);
            prop_assert_eq!(u64::from(morning.volume) + u64::from(rest.volume), u64::from(volume));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_last_close_is_the_quote_in_every_timeframe(day in 0_i64..291, tick in 0_i64..1_560, which in 0_usize..5) {
        let feed = feed();
        let anchor = Anchor { at: 0, market_micros: 0, speed: 1 };
        let position = feed.position(&anchor, (day * 1_560 + tick) * 15 * SECOND);
        let symbol = LISTINGS[which].symbol;
        let Some(quote) = feed.snapshot(symbol, position) else { return Ok(()) };
        for name in ["1m", "5m", "15m", "1h", "4h", "1d", "1w"] {
            let candles = feed.candles(symbol, position, all(timeframe(name).unwrap())).unwrap();
            let last = candles.last().unwrap();
            prop_assert_eq!(last.4, quote.last.number(), "{}", name);
            prop_assert!(candles.iter().all(|candle| candle.0 <= quote.market_time), "{} runs ahead", name);
            prop_assert!(candles.windows(2).all(|pair| pair[0].0 < pair[1].0), "{} is not in order", name);
        }
    }
}

fn ask(feed: &Feed, symbol: &str, name: &str, position: Position) -> Vec<Candle> {
    feed.candles(symbol, position, all(timeframe(name).unwrap())).unwrap()
}

#[test]
fn a_finished_day_is_its_real_bar_and_the_running_one_is_cut() {
    let feed = feed();
    let days = ask(feed, "AAPL", "1d", at(2012, 1, 4, 0));
    let [.., first, running] = days.as_slice() else { panic!("two days") };
    assert_eq!(*first, Candle(1_325_548_800, 409.4, 412.5, 409.0, 411.23, 10_793_600.0));
    let opening = running.5;
    assert_eq!(*running, Candle(1_325_635_200, 410.0, 410.0, 410.0, 410.0, opening));
    assert!(opening > 0.0 && opening < 9_286_500.0 / 100.0);
}

#[test]
fn charts_are_in_todays_shares() {
    let feed = feed();
    let days = ask(feed, "AAPL", "1d", at(2012, 1, 3, 0));
    // 2:1 in 2000 and again in 2005
    assert_eq!(days[0], Candle(951_868_800, 29.64, 33.015, 29.625, 32.5775, 38_464_400.0));
    let jumps = days.windows(2).filter(|pair| pair[1].4 / pair[0].4 < 0.55).count();
    assert_eq!(jumps, 1, "only the crash of 29 September 2000 halves the price");
}

#[test]
fn a_week_begins_on_monday_and_takes_in_the_running_day() {
    let feed = feed();
    let weeks = ask(feed, "AAPL", "1w", at(2012, 1, 6, TICKS_PER_DAY - 1));
    let volume = 10_793_600.0 + 9_286_500.0 + 9_688_200.0 + 11_367_600.0;
    assert_eq!(*weeks.last().unwrap(), Candle(1_325_462_400, 409.4, 422.75, 409.0, 422.4, volume));
}

#[test]
fn intraday_candles_begin_with_the_replay() {
    let feed = feed();
    let minutes = ask(feed, "AAPL", "1m", at(2012, 1, 3, 9));
    let times: Vec<i64> = minutes.iter().map(|candle| candle.0 - 1_325_601_000).collect();
    assert_eq!(times, [0, 60, 120]);
    assert_eq!(minutes[0].1, 409.4);
    let hours = ask(feed, "AAPL", "1h", at(2012, 1, 4, 0));
    assert_eq!(hours.len(), 8, "seven of the first day and the first tick of the second");
    assert_eq!(hours[6].4, 411.23);
    assert_eq!(hours[..7].iter().map(|hour| hour.5).sum::<f64>(), 10_793_600.0);
}

#[test]
fn a_range_is_kept_and_a_long_one_is_bounded() {
    let feed = feed();
    let wanted = Wanted { timeframe: Timeframe::Day, from: 1_325_548_800, to: 1_325_635_200 };
    let days = feed.candles("IBM", at(2012, 2, 1, 0), wanted).unwrap();
    assert_eq!(days.iter().map(|day| day.0).collect::<Vec<_>>(), [1_325_548_800, 1_325_635_200]);
    let end = feed.position(&anchor(MAX_SPEED), i64::MAX);
    assert_eq!(ask(feed, "IBM", "1m", end).len(), 5_000);
    let minute = Wanted { timeframe: Timeframe::Minutes(1), from: 1_325_601_000, to: 1_325_601_059 };
    assert_eq!(feed.candles("IBM", end, minute).unwrap().len(), 1, "old minutes can still be asked for");
}

#[test]
fn what_is_not_there_is_said_plainly() {
    let feed = feed();
    let now = at(2012, 1, 3, 0);
    let unknown = feed.candles("TSLA", now, all(Timeframe::Day)).unwrap_err();
    assert_eq!(unknown.to_string(), "no symbol \"TSLA\" here; known are AAPL, FB, GOOG, IBM, MSFT");
    assert_eq!(
        feed.candles("FB", now, all(Timeframe::Day)).unwrap_err().to_string(),
        "FB has no 1d candles yet: it was first traded on 18 May 2012, and the replay is at 3 January 2012"
    );
    assert_eq!(feed.snapshot("FB", now), None);
    assert!(!feed.is_listed("FB", now) && feed.is_listed("FB", at(2012, 5, 18, 0)));
    assert_eq!(feed.snapshot("FB", at(2012, 5, 18, 0)).unwrap().last, price("42.05"));
    assert!(matches!(timeframe("2h"), Err(NoData::UnknownTimeframe { .. })));
    assert_eq!(
        timeframe("").unwrap_err().to_string(),
        "no timeframe \"\" here; there are 1m, 5m, 15m, 1h, 4h, 1d, 1w"
    );
}

#[test]
fn a_position_held_over_a_split_is_multiplied() {
    let feed = feed();
    let before = day_of(date(2005, 2, 25));
    assert_eq!(feed.split_factor("AAPL", before, at(2005, 2, 28, 0)), 2);
    assert_eq!(feed.split_factor("AAPL", day_of(date(2005, 2, 28)), at(2012, 1, 3, 0)), 1);
    assert_eq!(feed.split_factor("IBM", before, at(2012, 1, 3, 0)), 1);
}

fn at_second(second: i64) -> At {
    At(second * SECOND)
}

fn running(market_seconds: i64) -> Row {
    Row {
        seed: 2012,
        speed: 60,
        at: at_second(1_000),
        market_micros: market_seconds * SECOND,
        seen_at: at_second(1_100),
        stopped_at: None,
    }
}

#[test]
fn a_fresh_clock_begins_at_the_start() {
    let row = store::resume(None, &Config::default(), at_second(5));
    assert_eq!(row.anchor(), Anchor { at: 5 * SECOND, market_micros: 0, speed: 60 });
}

#[test]
fn a_running_clock_is_joined_as_it_is() {
    let row = store::resume(Some(&running(0)), &Config::default(), at_second(1_110));
    assert_eq!(row.anchor(), running(0).anchor());
}

#[test]
fn the_market_stands_still_while_no_server_runs() {
    let stopped = Row { stopped_at: Some(at_second(1_200)), ..running(30) };
    let row = store::resume(Some(&stopped), &Config::default(), at_second(90_000));
    assert_eq!(
        row.anchor(),
        Anchor { at: 90_000 * SECOND, market_micros: (30 + 200 * 60) * SECOND, speed: 60 }
    );
}

#[test]
fn after_a_crash_nothing_that_was_shown_lies_ahead() {
    // seen at 1,100 and killed before the next beat at 1,110: it showed at most what was due then
    let row = store::resume(Some(&running(0)), &Config::default(), at_second(90_000));
    assert_eq!(row.anchor().market_micros, 110 * 60 * SECOND);
    assert_eq!(row.at, at_second(90_000));
}

#[test]
fn another_speed_goes_on_from_where_the_market_is() {
    let config = Config { speed: 1, ..Config::default() };
    let row = store::resume(Some(&running(0)), &config, at_second(1_110));
    assert_eq!(row.anchor(), Anchor { at: 1_110 * SECOND, market_micros: 110 * 60 * SECOND, speed: 1 });
}
