//! Reads every word of a request for an order into its place, and keeps those that have none.

use rust_decimal::Decimal;

use crate::Context;

use super::names::{self, Name};
use super::numbers::{self, Number};
use super::words::Words;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Buy,
    Sell,
}

/// How much, as said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Shares(Decimal),
    /// Worth this many dollars.
    Dollars(Decimal),
    /// This part of what is held; 1 is all.
    Part(Decimal),
    Unusable,
}

/// Which way a limit may be bettered, where the person said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    AtMost,
    AtLeast,
}

#[derive(Debug, Default)]
pub(super) struct Slots {
    pub sides: Vec<Side>,
    pub names: Vec<Name>,
    pub amounts: Vec<Amount>,
    /// Limit prices; `Number::Plain` or `Dollars`, unchecked.
    pub limits: Vec<Number>,
    pub bound: Option<Bound>,
    pub at_market: bool,
    /// "for 200 dollars", which is a limit or a total.
    pub totals: Vec<Number>,
    /// "it", "this": something that was not named.
    pub pointed: bool,
    /// "some", "a few".
    pub vague: bool,
    pub negated: bool,
    /// "if", "tomorrow", "every week".
    pub conditional: bool,
    pub joined: bool,
    pub unknown: Vec<String>,
}

impl Slots {
    pub(super) fn of(words: &Words, context: &Context) -> Self {
        let mut slots = Self::default();
        let mut at = 0;
        while at < words.list.len() {
            at += slots.take(words, at, context);
        }
        slots.disambiguate();
        slots
    }

    /// A symbol beside the name that it makes clear: "3 Google, GOOGL".
    fn disambiguate(&mut self) {
        let named = self.names.clone();
        self.names.retain(|name| match name {
            Name::Symbol(_) => true,
            Name::Ambiguous(all) => {
                !named.iter().any(|n| matches!(n, Name::Symbol(symbol) if all.contains(symbol)))
            }
        });
    }

    /// Takes the word at `at` and those that belong to it; gives how many.
    fn take(&mut self, words: &Words, at: usize, context: &Context) -> usize {
        self.price(words, at)
            .or_else(|| self.amount(words, at))
            .or_else(|| self.name(words, at, context))
            .unwrap_or_else(|| {
                self.plain(words, at);
                1
            })
    }

    fn price(&mut self, words: &Words, at: usize) -> Option<usize> {
        let article = usize::from(words.low(at + 1) == "the");
        if words.low(at) == "at" && words.low(at + 1 + article) == "market" {
            self.at_market = true;
            return Some(2 + article);
        }
        for (phrase, bound) in PRICES {
            let length = phrase.split(' ').count();
            if !(0..length).zip(phrase.split(' ')).all(|(offset, word)| words.low(at + offset) == word) {
                continue;
            }
            let Some((number, taken)) = numbers::at(words, at + length) else { continue };
            let mut taken = length + taken;
            let each = each(words, at + taken);
            if *phrase == "for" && each == 0 && self.better(words, at + taken) == 0 {
                self.totals.push(number);
                return Some(taken);
            }
            taken += each;
            self.limits.push(number);
            self.bound = self.bound.or(*bound);
            taken += self.better(words, at + taken);
            return Some(taken);
        }
        let word = words.list.get(at)?;
        if let Some(price) = word.low.strip_prefix('@').filter(|price| !price.is_empty()) {
            let (number, _) = numbers::at(&Words::of(price), 0)?;
            self.limits.push(number);
            return Some(1 + self.better(words, at + 1));
        }
        None
    }

    /// "or better", "or less".
    fn better(&mut self, words: &Words, at: usize) -> usize {
        if words.low(at) != "or" {
            return 0;
        }
        match words.low(at + 1) {
            "better" => 2,
            "less" | "lower" | "below" | "under" | "cheaper" => {
                self.bound = Some(Bound::AtMost);
                2
            }
            "more" | "higher" | "above" | "over" => {
                self.bound = Some(Bound::AtLeast);
                2
            }
            _ => 0,
        }
    }

    fn amount(&mut self, words: &Words, at: usize) -> Option<usize> {
        if let Some((part, taken)) = fraction(words, at) {
            self.amounts.push(Amount::Part(part));
            return Some(taken);
        }
        if matches!(words.low(at), "a" | "an") && words.low(at + 1) == "share" {
            self.amounts.push(Amount::Shares(Decimal::ONE));
            return Some(2);
        }
        let (number, taken) = numbers::at(words, at)?;
        self.amounts.push(match number {
            Number::Plain(n) => Amount::Shares(n),
            Number::Dollars(n) => Amount::Dollars(n),
            Number::Percent(n) => n.checked_div(100.into()).map_or(Amount::Unusable, Amount::Part),
            Number::Unusable => Amount::Unusable,
        });
        Some(taken)
    }

    fn name(&mut self, words: &Words, at: usize, context: &Context) -> Option<usize> {
        let (name, taken) = names::at(words, at, context)?;
        if !self.names.contains(&name) {
            self.names.push(name);
        }
        Some(taken)
    }

    fn plain(&mut self, words: &Words, at: usize) {
        let word = &words.list[at];
        match word.low.as_str() {
            "buy" | "purchase" | "acquire" => self.side(Side::Buy),
            "sell" | "dump" | "liquidate" | "unload" => self.side(Side::Sell),
            "market" | "now" | "immediately" => self.at_market = true,
            "it" | "this" | "that" | "these" | "those" | "them" => self.pointed = true,
            "some" | "few" | "several" | "couple" | "many" | "lots" | "lot" | "bit" | "much" | "any"
            | "little" => {
                self.vague = true;
            }
            "don't" | "dont" | "not" | "never" | "no" | "nothing" => self.negated = true,
            "if" | "when" | "once" | "unless" | "until" | "after" | "before" | "tomorrow" | "later"
            | "every" | "monday" | "weekly" | "daily" | "whenever" => self.conditional = true,
            "and" | "then" | "also" | "plus" | "or" => self.joined = true,
            low if FILLERS.contains(&low) => {}
            _ => self.unknown.push(word.raw.clone()),
        }
    }

    fn side(&mut self, side: Side) {
        self.sides.push(side);
    }
}

/// "each", "a share", "per share", "apiece".
fn each(words: &Words, at: usize) -> usize {
    match (words.low(at), words.low(at + 1)) {
        ("each" | "apiece", _) => 1,
        ("a" | "per", "share") => 2,
        _ => 0,
    }
}

fn fraction(words: &Words, at: usize) -> Option<(Decimal, usize)> {
    let article = usize::from(matches!(words.low(at), "a" | "one" | "the"));
    let part = match words.low(at + article) {
        "half" => Decimal::new(5, 1),
        "third" => Decimal::ONE / Decimal::from(3),
        "quarter" => Decimal::new(25, 2),
        "all" | "everything" | "entire" | "whole" => Decimal::ONE,
        _ => return None,
    };
    Some((part, article + 1))
}

/// Words that name a price, longest first.
const PRICES: &[(&str, Option<Bound>)] = &[
    ("with a limit of", None),
    ("for no more than", Some(Bound::AtMost)),
    ("at no more than", Some(Bound::AtMost)),
    ("for no less than", Some(Bound::AtLeast)),
    ("at no less than", Some(Bound::AtLeast)),
    ("for at most", Some(Bound::AtMost)),
    ("for at least", Some(Bound::AtLeast)),
    ("at a limit of", None),
    ("limit of", None),
    ("limit at", None),
    ("at most", Some(Bound::AtMost)),
    ("at least", Some(Bound::AtLeast)),
    ("limit", None),
    ("at", None),
    ("@", None),
    ("below", Some(Bound::AtMost)),
    ("under", Some(Bound::AtMost)),
    ("above", Some(Bound::AtLeast)),
    ("over", Some(Bound::AtLeast)),
    ("for", None),
];

/// Words that change nothing about an order.
const FILLERS: &[&str] = &[
    "please", "me", "my", "the", "of", "in", "a", "an", "i", "i'd", "we", "you", "can", "could", "would",
    "will", "want", "like", "to", "let's", "lets", "go", "ahead", "just", "share", "shares", "stock",
    "stocks", "holding", "holdings", "position", "order", "limit", "place", "put", "price", "worth", "with",
    "today", "right", "more", "another", "ok", "okay", "yes", "hi", "hey", "hello", "thanks", "from", "for",
    "us", "each", "need", "wish",
];
