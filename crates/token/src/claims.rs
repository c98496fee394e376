//! The claims of a token, parsed strictly.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// The claims of an access token (RFC 9068, 2.2; RFC 8693, 4.1). Times are Unix seconds.
///
/// INVARIANT: no claim occurs twice; a known claim has its type, and what is not known is in `others`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Claims {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub iss: String,
    /// One string or a list on the wire.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub aud: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub: String,
    /// Required by every audience.
    pub exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// `None` where the issuer left them out (above 2 KB), which is not the same as none held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub perms: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Space-separated (RFC 8693, 4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// How the person proved who they are (RFC 8176).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// When they last did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Who acts for `sub`; absent when the person acts themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// Which generation of the session's refresh family this token was issued beside.
    #[serde(rename = "gen", skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// An actor (RFC 8693, 4.1). The outermost is the current one; inner ones acted before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Act {
    pub sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Act>>,
}

impl Claims {
    /// Whether a claim of that name came with the token.
    pub fn has(&self, name: &str) -> bool {
        match name {
            "iss" => !self.iss.is_empty(),
            "aud" => !self.aud.is_empty(),
            "sub" => !self.sub.is_empty(),
            "exp" => true,
            "nbf" => self.nbf.is_some(),
            "iat" => self.iat.is_some(),
            "jti" => self.jti.is_some(),
            "email" => self.email.is_some(),
            "name" => self.name.is_some(),
            "roles" => !self.roles.is_empty(),
            "perms" => self.perms.is_some(),
            "tenant" => self.tenant.is_some(),
            "session_id" => self.session_id.is_some(),
            "client_id" => self.client_id.is_some(),
            "scope" => self.scope.is_some(),
            "amr" => !self.amr.is_empty(),
            "auth_time" => self.auth_time.is_some(),
            "act" => self.act.is_some(),
            "gen" => self.generation.is_some(),
            other => self.others.contains_key(other),
        }
    }

    /// Actors from the current one inwards; empty when the person acts themselves.
    pub fn actors(&self) -> impl Iterator<Item = &Act> {
        std::iter::successors(self.act.as_ref(), |act| act.act.as_deref())
    }
}

fn one_or_many<S: serde::Serializer>(many: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    match many {
        [one] => serializer.serialize_str(one),
        _ => many.serialize(serializer),
    }
}

/// A string or a list of strings; `perms` may also be one space-separated string.
struct Many(Vec<String>);

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Many;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }
            fn visit_str<E>(self, one: &str) -> Result<Many, E> {
                Ok(Many(vec![one.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Many, A::Error> {
                let mut many = Vec::new();
                while let Some(one) = list.next_element()? {
                    many.push(one);
                }
                Ok(Many(many))
            }
        }
        deserializer.deserialize_any(Of)
    }
}

/// A NumericDate (RFC 7519, 2): seconds, possibly with a fraction, which is cut off.
struct Seconds(i64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl Visitor<'_> for Of {
            type Value = Seconds;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970")
            }
            fn visit_i64<E>(self, v: i64) -> Result<Seconds, E> {
                Ok(Seconds(v))
            }
            fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Seconds, E> {
                i64::try_from(v).map(Seconds).map_err(E::custom)
            }
            fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Seconds, E> {
                if v.abs() < 1e15 { Ok(Seconds(v.floor() as i64)) } else { Err(E::custom("out of range")) }
            }
        }
        deserializer.deserialize_any(Of)
    }
}

/// The name of a claim, borrowed where it has no escapes: no allocation for the known ones.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(v))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(v.to_owned()))
            }
        }
        deserializer.deserialize_str(Of)
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClaimsVisitor)
    }
}

struct ClaimsVisitor;

/// Reads the value of a claim into its place, once.
fn once<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    place: &mut Option<T>,
) -> Result<(), A::Error> {
    match place.replace(map.next_value()?) {
        None => Ok(()),
        Some(_) => Err(A::Error::custom("a claim occurs twice")),
    }
}

impl<'de> Visitor<'de> for ClaimsVisitor {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut c = Claims::default();
        let (mut iss, mut aud, mut sub) = (None, None, None);
        let (mut exp, mut nbf, mut iat, mut auth_time) = (None, None, None, None);
        let (mut roles, mut perms, mut amr) = (None, None, None);
        while let Some(name) = map.next_key_seed(Name)? {
            match &*name {
                "iss" => once(&mut map, &mut iss)?,
                "aud" => once::<A, Many>(&mut map, &mut aud)?,
                "sub" => once(&mut map, &mut sub)?,
                "exp" => once::<A, Seconds>(&mut map, &mut exp)?,
                "nbf" => once::<A, Seconds>(&mut map, &mut nbf)?,
                "iat" => once::<A, Seconds>(&mut map, &mut iat)?,
                "jti" => once(&mut map, &mut c.jti)?,
                "email" => once(&mut map, &mut c.email)?,
                "name" => once(&mut map, &mut c.name)?,
                "roles" => once::<A, Many>(&mut map, &mut roles)?,
                "perms" => once::<A, Many>(&mut map, &mut perms)?,
                "tenant" => once(&mut map, &mut c.tenant)?,
                "session_id" => once(&mut map, &mut c.session_id)?,
                "client_id" => once(&mut map, &mut c.client_id)?,
                "scope" => once(&mut map, &mut c.scope)?,
                "amr" => once::<A, Many>(&mut map, &mut amr)?,
                "auth_time" => once::<A, Seconds>(&mut map, &mut auth_time)?,
                "act" => once(&mut map, &mut c.act)?,
                "gen" => once(&mut map, &mut c.generation)?,
                _ => {
                    if c.others.insert(name.into_owned(), map.next_value()?).is_some() {
                        return Err(A::Error::custom("a claim occurs twice"));
                    }
                }
            }
        }
        c.exp = exp.ok_or_else(|| A::Error::missing_field("exp"))?.0;
        (c.nbf, c.iat, c.auth_time) = (nbf.map(|s| s.0), iat.map(|s| s.0), auth_time.map(|s| s.0));
        c.iss = iss.unwrap_or_default();
        c.sub = sub.unwrap_or_default();
        c.aud = aud.map(|m| m.0).unwrap_or_default();
        c.roles = roles.map(|m| m.0).unwrap_or_default();
        c.amr = amr.map(|m| m.0).unwrap_or_default();
        c.perms = perms.map(|m| m.0);
        Ok(c)
    }
}
