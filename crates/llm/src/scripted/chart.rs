//! Requests about the chart.

use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use crate::Context;

use super::names::{self, Name};
use super::numbers::{self, Number};
use super::reply::Reply;
use super::words::Words;

#[derive(Debug, Default)]
struct Wish {
    names: Vec<Name>,
    timeframe: Option<&'static str>,
    /// A timeframe that charts do not have, as said.
    unavailable: Option<String>,
    indicators: Vec<(&'static str, Option<u32>)>,
    /// A period that was said before its indicator.
    period: Option<u32>,
    bad_period: bool,
    all: bool,
    remove: bool,
    verb: bool,
    /// An indicator that charts do not have.
    undrawn: Option<String>,
    unknown: Vec<String>,
}

/// Chart commands, a question about them, or nothing if the request is not about a chart.
pub(super) fn change(words: &Words, context: &Context) -> Option<Reply> {
    let mut wish = Wish::default();
    let mut at = 0;
    while at < words.list.len() {
        at += wish.take(words, at, context);
    }
    let named_alone = !wish.names.is_empty() && wish.unknown.is_empty();
    let about_charts =
        wish.verb || wish.remove || wish.timeframe.is_some() || !wish.indicators.is_empty() || named_alone;
    (about_charts || wish.unavailable.is_some() || wish.undrawn.is_some())
        .then(|| wish.reply(context).unwrap_or_else(|question| question))
}

impl Wish {
    fn take(&mut self, words: &Words, at: usize, context: &Context) -> usize {
        if let Some((name, taken)) = names::at(words, at, context) {
            if !self.names.contains(&name) {
                self.names.push(name);
            }
            return taken;
        }
        if let Some((indicator, taken)) = indicator(words, at) {
            self.indicators.push((indicator, self.period.take()));
            return taken;
        }
        if let Some(timeframe) = timeframe(words.low(at)) {
            self.timeframe = Some(timeframe);
            return 1;
        }
        if let Some((number, taken)) = numbers::at(words, at) {
            return self.number(words, at, number, taken);
        }
        self.plain(words, at);
        1
    }

    fn number(&mut self, words: &Words, at: usize, number: Number, taken: usize) -> usize {
        let unit = words.low(at + taken);
        let is_unit = UNITS.contains(&unit);
        let after = at + taken + usize::from(is_unit);
        let count = match number {
            Number::Plain(n) if n.fract().is_zero() => n.to_u32().filter(|n| (1..=400).contains(n)),
            _ => None,
        };
        let before_indicator = (after..after + 3).find_map(|at| indicator(words, at)).is_some();
        let after_indicator = self.indicators.last().is_some_and(|(_, period)| period.is_none());
        if before_indicator && !after_indicator {
            self.period = count;
            self.bad_period |= count.is_none();
        } else if after_indicator {
            if let Some((_, period)) = self.indicators.last_mut() {
                *period = count;
            }
            self.bad_period |= count.is_none();
        } else if is_unit {
            let said = format!("{} {unit}", words.low(at));
            match count.and_then(|count| spelled_timeframe(count, unit)) {
                Some(timeframe) => self.timeframe = Some(timeframe),
                None => self.unavailable = Some(said),
            }
        } else {
            self.unknown.push(words.list[at].raw.clone());
        }
        taken + usize::from(is_unit)
    }

    fn plain(&mut self, words: &Words, at: usize) {
        match words.low(at) {
            "show" | "chart" | "charts" | "switch" | "change" | "display" | "open" | "plot" | "draw"
            | "add" | "view" | "see" | "look" | "set" | "put" | "load" | "graph" | "give" | "use" | "go" => {
                self.verb = true;
            }
            "remove" | "hide" | "delete" | "clear" | "drop" | "without" | "off" | "away" => {
                self.remove = true;
            }
            "vwap" | "ichimoku" | "stochastic" | "atr" | "fibonacci" => {
                self.undrawn = Some(words.list[at].raw.clone());
            }
            "all" | "everything" | "indicators" | "lines" => self.all = true,
            "month" | "monthly" | "months" | "year" | "yearly" | "quarterly" | "second" | "seconds"
            | "tick" => {
                self.unavailable = Some(words.low(at).to_owned());
            }
            low if FILLERS.contains(&low) => {}
            _ => self.unknown.push(words.list[at].raw.clone()),
        }
    }

    fn reply(&self, context: &Context) -> Result<Reply, Reply> {
        if let Some(word) =
            self.unknown.iter().find(|raw| names::looks_like_symbol(raw)).or(self.unknown.first())
        {
            let known = names::known(context);
            return Err(Reply::lost(format!("I do not know \"{word}\". Do you mean {known}?")));
        }
        if let Some(said) = &self.undrawn {
            return Err(Reply::question(format!(
                "I cannot draw \"{said}\". Do you want sma, ema, wma, rsi, macd, bollinger or volume?"
            )));
        }
        if let Some(said) = &self.unavailable {
            return Err(Reply::question(format!(
                "There is no chart by \"{said}\". Do you want 1m, 5m, 15m, 1h, 4h, 1d or 1w?"
            )));
        }
        if self.bad_period {
            return Err(Reply::question(
                "The number of periods must be a whole number from 1 to 400. Which one do you want?",
            ));
        }
        let symbol = match self.names.as_slice() {
            [] => None,
            [Name::Symbol(symbol)] => Some(symbol.as_str()),
            [Name::Ambiguous(symbols)] => {
                return Err(Reply::question(format!(
                    "More than one share is called that. Do you mean {}?",
                    names::either(symbols)
                )));
            }
            _ => return Err(Reply::question("I show one chart at a time. Which symbol first?")),
        };
        let commands = self.commands(symbol);
        if commands.is_empty() {
            let what = if self.remove {
                "What shall I remove"
            } else {
                "Which symbol or timeframe do you want to see"
            };
            return Err(Reply::lost(format!("{what}?")));
        }
        let said = self.said(symbol);
        Ok(Reply::chart(commands, said))
    }

    fn commands(&self, symbol: Option<&str>) -> Vec<(&'static str, Value)> {
        let mut commands = Vec::new();
        if let Some(symbol) = symbol {
            commands.push(("changeSymbol", json!({"symbol": symbol})));
        }
        if let Some(timeframe) = self.timeframe {
            commands.push(("setTimeframe", json!({"timeframe": timeframe})));
        }
        if self.remove && self.all && self.indicators.is_empty() {
            commands.push(("removeIndicator", json!({})));
        }
        for (indicator, period) in &self.indicators {
            if self.remove {
                let period = period.map_or_else(|| json!({}), |period| json!({"period": period}));
                commands.push(("removeIndicator", with(period, "indicator", indicator)));
            } else {
                let period = period.or_else(|| default_period(indicator));
                let period = period.map_or_else(|| json!({}), |period| json!({"period": period}));
                commands.push(("addIndicator", with(period, "indicator", indicator)));
            }
        }
        commands
    }

    fn said(&self, symbol: Option<&str>) -> String {
        let mut parts = vec![symbol.unwrap_or("the chart").to_owned()];
        if let Some(timeframe) = self.timeframe {
            parts.push(format!("by {timeframe}"));
        }
        let (verb, joined) = if self.remove { ("without", "") } else { ("with", "a ") };
        if self.remove && self.all && self.indicators.is_empty() {
            parts.push("without indicators".into());
        }
        for (indicator, period) in &self.indicators {
            let period = if self.remove { *period } else { period.or_else(|| default_period(indicator)) };
            parts.push(match period {
                Some(period) => format!("{verb} {joined}{period}-period {indicator}"),
                None => format!("{verb} {indicator}"),
            });
        }
        format!("Here is {}.", parts.join(", "))
    }
}

fn with(mut object: Value, key: &str, value: &str) -> Value {
    object[key] = json!(value);
    object
}

fn default_period(indicator: &str) -> Option<u32> {
    match indicator {
        "sma" | "ema" | "wma" | "bollinger" => Some(20),
        "rsi" => Some(14),
        _ => None,
    }
}

fn indicator(words: &Words, at: usize) -> Option<(&'static str, usize)> {
    let (name, taken) = match (words.low(at), words.low(at + 1), words.low(at + 2)) {
        ("exponential", "moving", "average" | "averages") => ("ema", 3),
        ("simple", "moving", "average" | "averages") => ("sma", 3),
        ("exponential", "average", _) => ("ema", 2),
        ("simple" | "moving", "average" | "averages", _) => ("sma", 2),
        ("bollinger", "bands" | "band", _) => ("bollinger", 2),
        ("relative", "strength", "index") => ("rsi", 3),
        ("average" | "averages" | "sma" | "ma" | "mean", ..) => ("sma", 1),
        ("ema", ..) => ("ema", 1),
        ("rsi", ..) => ("rsi", 1),
        ("macd", ..) => ("macd", 1),
        ("volume" | "volumes", ..) => ("volume", 1),
        ("weighted", "moving", "average" | "averages") => ("wma", 3),
        ("weighted", "average", _) => ("wma", 2),
        ("wma", ..) => ("wma", 1),
        ("bollinger", ..) => ("bollinger", 1),
        _ => return None,
    };
    Some((name, taken))
}

fn timeframe(word: &str) -> Option<&'static str> {
    Some(match word {
        "weekly" | "1w" | "week" | "weeks" => "1w",
        "daily" | "1d" | "day" | "days" => "1d",
        "hourly" | "1h" | "60m" | "hour" => "1h",
        "4h" => "4h",
        "15m" | "15min" => "15m",
        "5m" | "5min" => "5m",
        "1m" | "1min" | "minute" | "minutely" => "1m",
        _ => return None,
    })
}

fn spelled_timeframe(count: u32, unit: &str) -> Option<&'static str> {
    Some(match (count, unit.trim_end_matches('s')) {
        (1, "week") => "1w",
        (1, "day") => "1d",
        (1, "hour") | (60, "minute" | "min") => "1h",
        (4, "hour") => "4h",
        (15, "minute" | "min") => "15m",
        (5, "minute" | "min") => "5m",
        (1, "minute" | "min") => "1m",
        _ => return None,
    })
}

const UNITS: &[&str] = &[
    "day", "days", "week", "weeks", "hour", "hours", "minute", "minutes", "min", "mins", "period", "periods",
    "bar", "bars",
];

const FILLERS: &[&str] = &[
    "me",
    "the",
    "a",
    "an",
    "to",
    "of",
    "on",
    "in",
    "with",
    "and",
    "please",
    "by",
    "for",
    "at",
    "as",
    "can",
    "could",
    "you",
    "would",
    "i",
    "want",
    "like",
    "let's",
    "lets",
    "us",
    "it",
    "its",
    "my",
    "from",
    "over",
    "period",
    "timeframe",
    "candles",
    "candle",
    "line",
    "indicator",
    "now",
    "back",
    "turn",
    "take",
    "stock",
    "share",
    "shares",
    "symbol",
    "that",
    "this",
    "up",
    "also",
    "then",
    "ok",
    "okay",
    "instead",
    "again",
    "just",
    "need",
    "today",
    "hi",
    "hey",
    "hello",
];
