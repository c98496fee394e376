//! Which instrument a word means.

use crate::Context;

use super::words::Words;

/// Names by which people call companies, beside those that the listings carry.
const ALSO_KNOWN: [(&str, &str); 9] = [
    ("AAPL", "apple"),
    ("FB", "facebook"),
    ("FB", "meta"),
    ("GOOG", "google"),
    ("GOOG", "alphabet"),
    ("GOOGL", "google"),
    ("GOOGL", "alphabet"),
    ("IBM", "ibm"),
    ("MSFT", "microsoft"),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// One listing, its symbol as listed.
    Symbol(String),
    /// Several listings are called so.
    Ambiguous(Vec<String>),
}

/// What the word at `at` names, and how many words the name takes.
pub(super) fn at(words: &Words, at: usize, context: &Context) -> Option<(Name, usize)> {
    let word = words.list.get(at)?;
    let plain = word.raw.trim_start_matches('$').trim_end_matches("'s");
    // a short ticker or an English word counts only in capitals: "a", "all", "it", "now" are words first
    let written = |symbol: &str| {
        plain == symbol || (symbol.len() > 2 && !is_word(plain) && plain.eq_ignore_ascii_case(symbol))
    };
    if let Some(listing) = context.symbols.iter().find(|listing| written(&listing.symbol)) {
        return Some((Name::Symbol(listing.symbol.clone()), 1));
    }
    let low = plain.to_lowercase();
    if low == "big" && words.low(at + 1) == "blue" && listed("IBM", context) {
        return Some((Name::Symbol("IBM".into()), 2));
    }
    let called: Vec<String> = context
        .symbols
        .iter()
        .filter(|listing| is_called(&listing.symbol, listing.name.as_deref(), &low))
        .map(|l| l.symbol.clone())
        .collect();
    let suffix = usize::from(matches!(words.low(at + 1), "inc" | "corp" | "corporation" | "company" | "ltd"));
    match called.as_slice() {
        [] => None,
        [one] => Some((Name::Symbol(one.clone()), 1 + suffix)),
        _ => Some((Name::Ambiguous(called), 1 + suffix)),
    }
}

fn listed(symbol: &str, context: &Context) -> bool {
    context.symbols.iter().any(|listing| listing.symbol == symbol)
}

fn is_called(symbol: &str, name: Option<&str>, word: &str) -> bool {
    // the first word of a company's name is what people call it, unless it is only "the" or "general"
    let first = name.and_then(|name| name.split_whitespace().next()).map(str::to_lowercase);
    first.is_some_and(|first| first.len() > 3 && first.trim_end_matches([',', '.']) == word)
        || ALSO_KNOWN.contains(&(symbol, word))
}

/// What looks like a ticker that is not listed: capitals, or written with a dollar sign.
pub(super) fn looks_like_symbol(raw: &str) -> bool {
    let plain = raw.trim_start_matches('$');
    (2..=12).contains(&plain.len())
        && plain.starts_with(|c: char| c.is_ascii_uppercase())
        && plain.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '.' | ':' | '-'))
}

/// The listed symbols as a phrase: "AAPL, IBM or MSFT".
pub(super) fn known(context: &Context) -> String {
    let symbols: Vec<&str> = context.symbols.iter().take(8).map(|listing| listing.symbol.as_str()).collect();
    either(&symbols)
}

pub(super) fn either<S: AsRef<str>>(list: &[S]) -> String {
    match list {
        [] => "nothing".into(),
        [one] => one.as_ref().into(),
        [start @ .., last] => {
            let start: Vec<&str> = start.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", start.join(", "), last.as_ref())
        }
    }
}

fn is_word(plain: &str) -> bool {
    matches!(
        plain,
        "all" | "now" | "any" | "are" | "can" | "for" | "has" | "one" | "see" | "key" | "low" | "well"
    )
}
