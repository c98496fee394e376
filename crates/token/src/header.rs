//! The protected header of a compact JWS (RFC 7515, 4.1).
//!
//! INVARIANT: the header chooses among the audience's keys and nothing else; parameters that would bring a
//! key, a URL or an extension that must be understood end the verification.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Error;

pub(crate) struct Header<'a> {
    pub(crate) alg: Cow<'a, str>,
    pub(crate) kid: Option<Cow<'a, str>>,
    pub(crate) typ: Option<Cow<'a, str>>,
    /// The first forbidden parameter seen.
    forbidden: Option<&'static str>,
}

const FORBIDDEN: &[&str] = &["crit", "jwk", "jku", "x5u", "x5c", "b64", "zip", "enc"];
const MALFORMED: Error = Error::Malformed("the header is not a JSON object with an alg");

impl<'a> Header<'a> {
    pub(crate) fn parse(json: &'a [u8]) -> Result<Self, Error> {
        let header: Self = serde_json::from_slice(json).map_err(|_| MALFORMED)?;
        match header.forbidden {
            Some(name) => Err(Error::HeaderNotAllowed(name)),
            None => Ok(header),
        }
    }

    /// `at+jwt` is also `application/at+jwt`, in any case (RFC 7515, 4.1.9; RFC 9068, 4).
    pub(crate) fn has_type(&self, wanted: &str) -> bool {
        self.typ.as_deref().is_some_and(|typ| {
            let short = match typ.get(..12) {
                Some(prefix) if prefix.eq_ignore_ascii_case("application/") => &typ[12..],
                _ => typ,
            };
            short.eq_ignore_ascii_case(wanted)
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Header<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

/// A string that borrows from the input where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(v)))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(v.to_owned())))
            }
        }
        deserializer.deserialize_str(Of)
    }
}

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header<'de>, A::Error> {
        let (mut alg, mut kid, mut typ, mut forbidden) = (None, None, None, None);
        let mut others: Vec<Cow<'de, str>> = Vec::new();
        while let Some(Text(name)) = map.next_key()? {
            let slot = match &*name {
                "alg" => &mut alg,
                "kid" => &mut kid,
                "typ" => &mut typ,
                other => {
                    forbidden = forbidden.or(FORBIDDEN.iter().find(|f| **f == other).copied());
                    if others.contains(&name) {
                        return Err(A::Error::custom("a name occurs twice"));
                    }
                    map.next_value::<IgnoredAny>()?;
                    others.push(name);
                    continue;
                }
            };
            if slot.replace(map.next_value::<Text<'de>>()?.0).is_some() {
                return Err(A::Error::custom("a name occurs twice"));
            }
        }
        let alg = alg.ok_or_else(|| A::Error::custom("no alg"))?;
        Ok(Header { alg, kid, typ, forbidden })
    }
}
