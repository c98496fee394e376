//! Prices of the feed: whole ten-thousandths of a dollar, four bytes each.

use std::{fmt, num::ParseIntError, str::FromStr};

use rust_decimal::Decimal;

/// A price in ten-thousandths (`4_094_000` is 409.40).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub u32);

/// One cent.
pub const CENT: u32 = 100;
const SCALE: u32 = 4;

impl Price {
    pub fn decimal(self) -> Decimal {
        Decimal::new(i64::from(self.0), SCALE).normalize()
    }

    /// For charts, which draw numbers: the nearest double.
    pub fn number(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    /// This price in shares of which each old one became `factor`.
    #[must_use]
    pub fn split(self, factor: u32) -> Self {
        Self((self.0 + factor / 2) / factor)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decimal().fmt(f)
    }
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is not a positive decimal with at most four places.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a price")]
pub struct NotAPrice;

impl From<ParseIntError> for NotAPrice {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

impl FromStr for Price {
    type Err = NotAPrice;

    fn from_str(text: &str) -> Result<Self, NotAPrice> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || part.len() > SCALE as usize || !digits(whole) || !digits(part) {
            return Err(NotAPrice);
        }
        let whole: u32 = whole.parse()?;
        let part =
            if part.is_empty() { 0 } else { part.parse::<u32>()? * 10_u32.pow(SCALE - part.len() as u32) };
        let units = whole.checked_mul(10_000).and_then(|units| units.checked_add(part)).ok_or(NotAPrice)?;
        if units == 0 { Err(NotAPrice) } else { Ok(Self(units)) }
    }
}
