//! Exact decimals: quantities, prices and money; never a float.
//!
//! INVARIANT: a `Num` is finite and within ±10^15 with at most 12 decimal places, so that products of two fit.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlx::{Database, Decode, Encode, Type};

/// A decimal: a string in JSON (a JSON number is accepted), `TEXT` in SQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, example = "411.23")]
pub struct Num(pub Decimal);

impl Num {
    pub const ZERO: Self = Self(Decimal::ZERO);
    const BOUND: i64 = 1_000_000_000_000_000;

    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }
}

impl FromStr for Num {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!("{:?} is not a decimal number such as 12.5", text.chars().take(40).collect::<String>())
        };
        let value = Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map_err(|_| refuse())?
            .normalize();
        if value.abs() > Decimal::from(Self::BOUND) || value.scale() > 12 {
            return Err(format!("{text} is out of range (at most 10^15 and 12 decimal places)"));
        }
        Ok(Self(value))
    }
}

impl std::fmt::Display for Num {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.normalize())
    }
}

impl From<Decimal> for Num {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl Serialize for Num {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Text(String),
            Number(serde_json::Number),
        }
        let text = match Raw::deserialize(deserializer)
            .map_err(|_| serde::de::Error::custom("expected a decimal number or a string holding one"))?
        {
            Raw::Text(text) => text,
            Raw::Number(number) => number.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<DB: Database> Type<DB> for Num
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }
    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Num
where
    String: Encode<'q, DB>,
{
    fn encode_by_ref(
        &self,
        buffer: &mut <DB as Database>::ArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        self.to_string().encode(buffer)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Num
where
    String: Decode<'r, DB>,
{
    fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        Ok(String::decode(value)?.parse()?)
    }
}

/// Money in millionths of its currency's unit: what SQL can add and compare exactly (`BIGINT`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// Rounds away from zero, so that a limit is never passed by a fraction.
    pub fn ceil(value: Num) -> Option<Self> {
        use rust_decimal::prelude::{RoundingStrategy, ToPrimitive};
        let scaled = value.0.checked_mul(Decimal::from(1_000_000))?;
        scaled.round_dp_with_strategy(0, RoundingStrategy::AwayFromZero).to_i64().map(Self)
    }

    pub fn num(self) -> Num {
        Num(Decimal::new(self.0, 6).normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_parse_alike_and_nonsense_does_not() {
        for json in ["\"12.50\"", "12.5", "1.25e1"] {
            assert_eq!(serde_json::from_str::<Num>(json).unwrap().to_string(), "12.5", "{json}");
        }
        for json in ["\"NaN\"", "\"inf\"", "\"\"", "null", "true", "\"1e99\"", "\"0.0000000000001\"", "[]"] {
            assert!(serde_json::from_str::<Num>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn micros_round_away_from_zero() {
        assert_eq!(Micros::ceil("0.0000001".parse().unwrap()), Some(Micros(1)));
        assert_eq!(Micros::ceil("411.23".parse().unwrap()).unwrap().num().to_string(), "411.23");
        assert_eq!(Micros::ceil("999999999999999".parse().unwrap()), None);
    }
}
