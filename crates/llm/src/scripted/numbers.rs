//! Numbers as people write them: digits, words, percent, dollars.

use rust_decimal::Decimal;

use super::words::Words;

/// A number in the request. `Unusable` looks like one and cannot be an amount: NaN, infinity, more digits than
/// anything has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Plain(Decimal),
    /// An amount of US dollars.
    Dollars(Decimal),
    Percent(Decimal),
    Unusable,
}

/// The number that begins at word `at`, and how many words it takes.
pub(super) fn at(words: &Words, at: usize) -> Option<(Number, usize)> {
    let sign = usize::from(matches!(words.low(at), "minus" | "negative"));
    let (value, mut taken) = match digits(words.low(at + sign)) {
        Some(found) => (found, 1),
        None => spelled(words, at + sign).map(|(value, taken)| (Number::Plain(value), taken))?,
    };
    taken += sign;
    let value = if sign == 1 { negate(value) } else { value };
    let unit = words.low(at + taken);
    match (value, unit) {
        (Number::Plain(n), "dollars" | "dollar" | "usd" | "bucks" | "$") => {
            Some((Number::Dollars(n), taken + 1))
        }
        (Number::Dollars(n), "dollars" | "usd") => Some((Number::Dollars(n), taken + 1)),
        (Number::Plain(n), "percent" | "%") => Some((Number::Percent(n), taken + 1)),
        _ => Some((value, taken)),
    }
}

fn negate(number: Number) -> Number {
    match number {
        Number::Plain(n) => Number::Plain(-n),
        Number::Dollars(n) => Number::Dollars(-n),
        Number::Percent(n) => Number::Percent(-n),
        Number::Unusable => Number::Unusable,
    }
}

fn digits(word: &str) -> Option<Number> {
    if matches!(word, "nan" | "infinity" | "-infinity" | "inf" | "-inf" | "infinite") {
        return Some(Number::Unusable);
    }
    let negative = word.starts_with('-');
    let word = word.trim_start_matches(['-', '+', '@']);
    let dollars = word.starts_with('$') || word.ends_with('$');
    let word = word.trim_matches('$');
    let percent = word.ends_with('%');
    let word = word.trim_end_matches('%');
    let (word, scale) = match word.strip_suffix('k') {
        Some(thousands) => (thousands, 1000),
        None => (word, 1),
    };
    if !word.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || !word.contains(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    if !word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        // "1e999", "0x10", "5shares": no plain number, but nothing else either
        return word[1..]
            .chars()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | 'x' | '+' | '-'))
            .then_some(Number::Unusable);
    }
    let parsed =
        grouped(word).and_then(|text| text.parse::<Decimal>().ok()).and_then(|n| n.checked_mul(scale.into()));
    let Some(value) = parsed else { return Some(Number::Unusable) };
    let value = if negative { -value } else { value };
    Some(match (dollars, percent) {
        (true, true) => Number::Unusable,
        (true, false) => Number::Dollars(value),
        (false, true) => Number::Percent(value),
        (false, false) => Number::Plain(value),
    })
}

/// Takes the commas out of `1,000`, not out of `1,5`: that could be one and a half.
fn grouped(word: &str) -> Option<String> {
    let mut groups = word.split('.').next().unwrap_or(word).split(',');
    let first = groups.next().unwrap_or_default();
    let whole = !word.contains(',') || (1..=3).contains(&first.len());
    let clean = word.split_once('.').is_none_or(|(_, fraction)| !fraction.contains(['.', ',']));
    (whole && clean && groups.all(|group| group.len() == 3)).then(|| word.replace(',', ""))
}

fn spelled(words: &Words, at: usize) -> Option<(Decimal, usize)> {
    let (mut total, mut group, mut taken, mut any) = (0_u64, 0_u64, 0, false);
    loop {
        let word = words.low(at + taken);
        if let Some(n) = small(word) {
            group += n;
        } else if word == "hundred" && any {
            group *= 100;
        } else if matches!(word, "a" | "an")
            && !any
            && matches!(words.low(at + 1), "hundred" | "thousand" | "dozen")
        {
            group = 1;
        } else if word == "dozen" {
            group = group.max(1) * 12;
        } else if word == "thousand" && any {
            total += group * 1000;
            group = 0;
        } else if word == "and"
            && any
            && small(words.low(at + taken + 1)).is_some()
            && matches!(words.low(at + taken - 1), "hundred" | "thousand")
        {
            // "two hundred and fifty"
        } else {
            break;
        }
        any = true;
        taken += 1;
        if taken > 12 {
            return None;
        }
    }
    any.then(|| ((total + group).into(), taken))
}

fn small(word: &str) -> Option<u64> {
    let (ten, one) = word.split_once('-').unwrap_or((word, "zero"));
    let below_twenty = |word: &str| BELOW_TWENTY.iter().position(|n| *n == word).map(|n| n as u64);
    match TENS.iter().position(|n| *n == ten) {
        Some(tens) => below_twenty(one).map(|ones| (tens as u64 + 2) * 10 + ones),
        None => below_twenty(word),
    }
}

const BELOW_TWENTY: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
