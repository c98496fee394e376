//! Identifiers: a UUID in the database, a visible prefix and 32 hexadecimal digits on the wire (`usr_0193…`).
//!
//! INVARIANT: an id parses only under its own prefix, so one kind is never taken for another.

/// Declares an id newtype: `id!(OrderId, "ord_");`
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, utoipa::ToSchema)]
        #[sqlx(transparent)]
        #[schema(value_type = String)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
            /// A new, time-ordered id.
            pub fn new(rng: $crate::kernel::Rng, at: $crate::kernel::At) -> Self {
                Self(rng.uuid_v7(at))
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0.simple())
            }
        }
        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                text.strip_prefix($prefix)
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| uuid::Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| format!("not an id of the form {}<32 hexadecimal digits>", $prefix))
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

// The ids that travel in a `Acting`, in events and through several slices.
id!(UserId, "usr_");
id!(SessionId, "ses_");
id!(AgentId, "agt_");
id!(TradingAccountId, "acc_");
