//! The times of the week in which a mandate holds, on the wall clock of a time zone.

use jiff::{
    civil::{Time, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::At;

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// From `from` (included) to `to` (not included) on the given days; a window may not pass midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// `mon` … `sun`; all days when left out.
    #[serde(default = "all_days")]
    pub days: Vec<String>,
    /// `HH:MM`
    #[schema(example = "09:30")]
    pub from: String,
    /// `HH:MM`, or `24:00`
    #[schema(example = "16:00")]
    pub to: String,
    /// IANA name; the account's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

fn all_days() -> Vec<String> {
    DAYS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

impl Hours {
    pub fn check(&self) -> Result<(), String> {
        let (Some(from), Some(to)) = (minute(&self.from), minute(&self.to)) else {
            return Err("from and to are times of the day like \"09:30\"".into());
        };
        if from >= to {
            return Err("from must come before to on the same day".into());
        }
        if self.days.is_empty() || self.days.iter().any(|day| DAYS.iter().all(|(name, _)| name != day)) {
            return Err("days are some of mon, tue, wed, thu, fri, sat, sun".into());
        }
        match &self.zone {
            Some(zone) if TimeZone::get(zone).is_err() => Err(format!("{zone:?} is not a time zone")),
            _ => Ok(()),
        }
    }

    /// False also where something cannot be read: it fails closed.
    pub fn hold_at(&self, at: At, account_zone: &str) -> bool {
        let Ok(zone) = TimeZone::get(self.zone.as_deref().unwrap_or(account_zone)) else { return false };
        let (Some(from), Some(to)) = (minute(&self.from), minute(&self.to)) else { return false };
        let local = at.to_jiff().to_zoned(zone);
        let now = u32::from(local.hour().unsigned_abs()) * 60 + u32::from(local.minute().unsigned_abs());
        let today = DAYS.iter().find(|(_, day)| *day == local.weekday()).map(|(name, _)| *name);
        (from..to).contains(&now) && today.is_some_and(|today| self.days.iter().any(|day| day == today))
    }

    /// Whether these hours lie within others of the same zone.
    pub fn is_within(&self, other: &Self) -> bool {
        self.zone == other.zone
            && self.days.iter().all(|day| other.days.contains(day))
            && minute(&other.from) <= minute(&self.from)
            && minute(&self.to) <= minute(&other.to)
    }

    pub fn spoken(&self, account_zone: &str) -> String {
        let zone = self.zone.as_deref().unwrap_or(account_zone);
        format!("{} {} to {} {zone}", self.days.join(", "), self.from, self.to)
    }
}

/// Minutes since midnight of `HH:MM`.
fn minute(text: &str) -> Option<u32> {
    if text == "24:00" {
        return Some(24 * 60);
    }
    let time = Time::strptime("%H:%M", text).ok().filter(|_| text.len() == 5)?;
    Some(u32::from(time.hour().unsigned_abs()) * 60 + u32::from(time.minute().unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(days: &[&str], from: &str, to: &str) -> Hours {
        let days = days.iter().map(|day| (*day).to_owned()).collect();
        Hours { days, from: from.into(), to: to.into(), zone: None }
    }

    fn at(text: &str) -> At {
        At(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn the_wall_clock_of_the_zone_counts() {
        let office = hours(&["mon", "tue"], "09:30", "16:00");
        let new_york = "America/New_York";
        // Tuesday 3 January 2012, 09:29 and 09:30 in New York
        assert!(!office.hold_at(at("2012-01-03T14:29:59Z"), new_york));
        assert!(office.hold_at(at("2012-01-03T14:30:00Z"), new_york));
        assert!(!office.hold_at(at("2012-01-03T21:00:00Z"), new_york));
        assert!(!office.hold_at(at("2012-01-04T15:00:00Z"), new_york), "a Wednesday");
        assert!(!office.hold_at(at("2012-01-03T14:30:00Z"), "Nowhere/Land"), "fails closed");
        assert!(hours(&["sat"], "00:00", "24:00").hold_at(at("2012-01-07T23:59:59Z"), "UTC"));
    }

    #[test]
    fn wrong_windows_are_named() {
        assert_eq!(hours(&["mon"], "09:30", "16:00").check(), Ok(()));
        for (days, from, to) in [
            (&["mon"], "16:00", "09:30"),
            (&["mon"], "9:30", "16:00"),
            (&["mon"], "25:00", "26:00"),
            (&["day"], "09:00", "10:00"),
        ] {
            assert!(hours(days, from, to).check().is_err(), "{days:?} {from} {to}");
        }
        assert!(hours(&[], "09:30", "16:00").check().is_err());
        let lost = Hours { zone: Some("Mars/Base".into()), ..hours(&["mon"], "09:30", "16:00") };
        assert_eq!(lost.check(), Err("\"Mars/Base\" is not a time zone".into()));
    }

    #[test]
    fn narrower_hours_lie_within() {
        let wide = hours(&["mon", "tue"], "09:30", "16:00");
        assert!(hours(&["mon"], "10:00", "16:00").is_within(&wide));
        assert!(!hours(&["mon"], "09:00", "16:00").is_within(&wide));
        assert!(!hours(&["wed"], "10:00", "12:00").is_within(&wide));
        let elsewhere = Hours { zone: Some("UTC".into()), ..wide.clone() };
        assert!(!elsewhere.is_within(&wide));
    }
}
