//! Which instruments a mandate names.
//!
//! INVARIANT: nothing is permitted that no `allow` pattern names, and a `deny` pattern always wins; `deny` ignores
//! case, `allow` does not, so that a spelling can only lose permission.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MOST: usize = 200;
const LONGEST: usize = 64;

/// `AAPL` names one instrument, `NSE:*` all whose name begins with `NSE:`, `*` all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instruments {
    #[serde(default)]
    pub allow: Vec<String>,
    #[serde(default)]
    pub deny: Vec<String>,
}

impl Instruments {
    pub fn permits(&self, symbol: &str) -> bool {
        let lowered = symbol.to_lowercase();
        self.allow.iter().any(|pattern| names(pattern, symbol))
            && !self.deny.iter().any(|pattern| names(&pattern.to_lowercase(), &lowered))
    }

    /// Whether everything that `self` permits, `other` permits too. May say no where the answer is yes.
    pub fn is_within(&self, other: &Self) -> bool {
        let covered = |pattern: &String, by: &[String]| by.iter().any(|wide| covers(wide, pattern));
        self.allow.iter().all(|pattern| covered(pattern, &other.allow))
            && other.deny.iter().all(|pattern| covered(pattern, &self.deny))
    }

    /// The first list and pattern that break the rules.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (field, patterns) in [("instruments.allow", &self.allow), ("instruments.deny", &self.deny)] {
            if patterns.len() > MOST {
                return Err((field, format!("at most {MOST} patterns")));
            }
            if let Some(wrong) = patterns.iter().find(|pattern| !is_pattern(pattern)) {
                let shown: String = wrong.chars().take(LONGEST).collect();
                return Err((field, format!("{shown:?} is not a symbol, a prefix like \"NSE:*\", or \"*\"")));
            }
        }
        Ok(())
    }
}

/// A name of an instrument: visible ASCII, no star.
pub fn is_symbol(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*')
}

fn is_pattern(pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(prefix) => is_symbol(prefix) && prefix.ends_with(':'),
        None => is_symbol(pattern),
    }
}

fn names(pattern: &str, symbol: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => symbol.starts_with(prefix),
        None => pattern == symbol,
    }
}

/// Whether `wide` names all that `pattern` names.
fn covers(wide: &str, pattern: &str) -> bool {
    match (wide.strip_suffix('*'), pattern.strip_suffix('*')) {
        (Some(wide), Some(prefix)) => prefix.starts_with(wide),
        (Some(wide), None) => pattern.starts_with(wide),
        (None, Some(_)) => false,
        (None, None) => wide == pattern,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn instruments(allow: &[&str], deny: &[&str]) -> Instruments {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Instruments { allow: own(allow), deny: own(deny) }
    }

    #[test]
    fn nothing_is_permitted_by_nothing_and_deny_wins() {
        assert!(!instruments(&[], &[]).permits("AAPL"));
        assert!(instruments(&["AAPL"], &[]).permits("AAPL"));
        assert!(!instruments(&["AAPL"], &[]).permits("AAPLX"));
        assert!(!instruments(&["AAPL"], &[]).permits("aapl"), "allow is exact");
        assert!(!instruments(&["*"], &["AAPL"]).permits("aapl"), "deny ignores case");
        assert!(instruments(&["NSE:*"], &["NSE:INFY"]).permits("NSE:TCS"));
        assert!(!instruments(&["NSE:*"], &["NSE:INFY"]).permits("NSE:INFY"));
        assert!(!instruments(&["NSE:*"], &[]).permits("BSE:TCS"));
    }

    #[test]
    fn only_symbols_prefixes_and_the_star_are_patterns() {
        for fine in ["AAPL", "BRK.B", "NSE:*", "NSE:M&M", "*"] {
            assert_eq!(instruments(&[fine], &[]).check(), Ok(()), "{fine}");
        }
        for wrong in ["", "AA*", "*A", "A A", "NSE:**", "ÄÄ", &"A".repeat(65)] {
            assert_eq!(instruments(&[], &[wrong]).check().unwrap_err().0, "instruments.deny", "{wrong}");
        }
        assert!(Instruments { allow: vec!["A".into(); 201], deny: vec![] }.check().is_err());
    }

    fn pattern() -> impl Strategy<Value = String> {
        prop_oneof![Just("*".to_owned()), "[AB]:\\*", "([AB]:)?[AB]{1,2}"]
    }

    fn any() -> impl Strategy<Value = Instruments> {
        let list = || prop::collection::vec(pattern(), 0..4);
        (list(), list()).prop_map(|(allow, deny)| Instruments { allow, deny })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_within_permits_no_more(narrow in any(), wide in any(), symbol in "([AB]:)?[AB]{1,2}") {
            if !narrow.is_within(&wide) {
                return Ok(());
            }
            prop_assert!(!narrow.permits(&symbol) || wide.permits(&symbol));
        }

        #[test]
        fn all_is_within_itself(one in any()) {
            prop_assert!(one.check().is_ok());
            prop_assert!(one.is_within(&one));
        }

        #[test]
        fn deny_always_wins(one in any(), symbol in "([AB]:)?[AB]{1,2}") {
            let mut denied = one;
            denied.deny.push(symbol.clone());
            prop_assert!(!denied.permits(&symbol));
        }
    }
}
