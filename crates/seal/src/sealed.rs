//! The sealed-text format, version `ms1`.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Error;

const VERSION: &str = "ms1";
/// A sealed text longer than this is refused before it is decoded: 1 MiB holds any credential.
const MAX_TEXT: usize = 1 << 20;
const MAX_KEY_ID: usize = 128;

/// A sealed text taken apart. It is public: without the wrapping key it says nothing but its length.
///
/// INVARIANT: parsing is strict, so that one secret has one text (`to_string` of a parsed text is the text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub(crate) key_id: String,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Sealed {
    /// Which wrapping key opens it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    pub fn is_destroyed(&self) -> bool {
        self.wrapped.is_empty()
    }

    /// Forgets the data key. What is left can be kept for the audit and never opens again.
    #[must_use]
    pub fn shred(mut self) -> Self {
        self.wrapped.clear();
        self
    }
}

pub(crate) fn key_id_is_valid(id: &str) -> bool {
    (1..=MAX_KEY_ID).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':' | b'/'))
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wrapped, body) = (URL_SAFE_NO_PAD.encode(&self.wrapped), URL_SAFE_NO_PAD.encode(&self.body));
        write!(f, "{VERSION}.{}.{wrapped}.{body}", self.key_id)
    }
}

impl FromStr for Sealed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_TEXT {
            return Err(Error::Malformed("too long"));
        }
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(Error::Malformed("four parts are needed"));
        let (version, key_id, wrapped, body) = (next()?, next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(Error::Malformed("four parts are needed"));
        }
        if version != VERSION {
            return Err(Error::Malformed("unknown version"));
        }
        if !key_id_is_valid(key_id) {
            return Err(Error::Malformed("bad key id"));
        }
        let decode = |part: &str| {
            URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Malformed("not canonical base64url"))
        };
        Ok(Self { key_id: key_id.to_owned(), wrapped: decode(wrapped)?, body: decode(body)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_text_is_a_value_or_an_error(text in ".{0,200}") {
            if let Ok(sealed) = text.parse::<Sealed>() {
                prop_assert_eq!(sealed.to_string(), text);
            }
        }

        #[test]
        fn near_misses_never_panic_and_stay_canonical(
            text in r"(ms1|ms2|MS1|)(\.[A-Za-z0-9_:/=+ -]{0,12}){0,5}"
        ) {
            if let Ok(sealed) = text.parse::<Sealed>() {
                prop_assert_eq!(sealed.to_string(), text);
            }
        }

        #[test]
        fn text_and_value_are_one(
            key_id in "[A-Za-z0-9_:/-]{1,30}", wrapped in any::<Vec<u8>>(), body in any::<Vec<u8>>()
        ) {
            let sealed = Sealed { key_id, wrapped, body };
            prop_assert_eq!(sealed.to_string().parse::<Sealed>().unwrap(), sealed);
        }
    }

    #[test]
    fn refuses_what_is_not_the_one_text() {
        for (text, why) in [
            ("", "four parts are needed"),
            ("ms1.k.AA", "four parts are needed"),
            ("ms1.k.AA.AA.AA", "four parts are needed"),
            ("ms2.k.AA.AA", "unknown version"),
            ("ms1..AA.AA", "bad key id"),
            ("ms1.k y.AA.AA", "bad key id"),
            ("ms1.k.AA==.AA", "not canonical base64url"),
            ("ms1.k.AB.AA", "not canonical base64url"),
            ("ms1.k.AA.A+", "not canonical base64url"),
        ] {
            match text.parse::<Sealed>() {
                Err(Error::Malformed(found)) => assert_eq!(found, why, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(format!("ms1.k.AA.{}", "A".repeat(MAX_TEXT)).parse::<Sealed>().is_err());
    }
}
