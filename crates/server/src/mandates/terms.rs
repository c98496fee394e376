//! The rules that terms follow, and which change makes them wider.
//!
//! INVARIANT: `widens` answers no only when every act that the new terms permit was permitted before.

use super::model::{Config, Limits, Terms};
use crate::kernel::{At, Micros, Num};

const MOST_ACCOUNTS: usize = 20;
const MOST_ORDERS: u32 = 1_000_000;

type Wrong = (String, String);

impl Terms {
    /// Every field that breaks its rule.
    pub(super) fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut refuse = |field: &str, message: &str| wrong.push((field.to_owned(), message.to_owned()));
        let mut accounts = self.account_ids.clone();
        accounts.sort_unstable();
        accounts.dedup();
        if accounts.is_empty()
            || self.account_ids.len() > MOST_ACCOUNTS
            || accounts.len() != self.account_ids.len()
        {
            refuse("account_ids", "1 to 20 different accounts");
        }
        if self.actions.is_empty() || self.actions.len() > 2 {
            refuse("actions", "\"buy\", \"sell\" or both");
        }
        if let Err((field, message)) = self.instruments.check() {
            refuse(field, &message);
        }
        for (field, message) in self.limits.check() {
            refuse(field, message);
        }
        if self.approval_above.is_some_and(|line| line.0.is_sign_negative() || !is_exact(line)) {
            refuse("approval_above", "an amount of money, zero or more, with at most 6 decimal places");
        }
        if self.min_confidence.is_some_and(|least| !(0.0..=1.0).contains(&least)) {
            refuse("min_confidence", "from 0 to 1");
        }
        if let Some(Err(message)) = self.hours.as_ref().map(super::hours::Hours::check) {
            refuse("hours", &message);
        }
        wrong
    }

    /// Whether `new` permits anything that `self` does not. Ends are compared too: none is the latest.
    pub(super) fn is_widened_by(&self, new: &Self, ends: (Option<At>, Option<At>), config: &Config) -> bool {
        let confidence = |terms: &Self| terms.min_confidence.unwrap_or(config.min_confidence);
        let hours = match (&self.hours, &new.hours) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(old), Some(new)) => !new.is_within(old),
        };
        hours
            || new.account_ids.iter().any(|account| !self.account_ids.contains(account))
            || new.actions.iter().any(|action| !self.actions.contains(action))
            || !new.instruments.is_within(&self.instruments)
            || self.limits.is_widened_by(&new.limits)
            || is_raised(self.approval_above, new.approval_above)
            || confidence(new) < confidence(self)
            || is_raised(ends.0, ends.1)
            || (self.dry_run && !new.dry_run)
    }
}

impl Limits {
    fn check(&self) -> Vec<(&'static str, &'static str)> {
        let required = [
            ("limits.max_order_value", Some(self.max_order_value)),
            ("limits.max_daily_value", Some(self.max_daily_value)),
            ("limits.max_position_value", self.max_position_value),
            ("limits.max_daily_loss", self.max_daily_loss),
        ];
        let mut wrong: Vec<_> = required
            .into_iter()
            .filter(|(_, value)| value.is_some_and(|value| !value.is_positive() || !is_exact(value)))
            .map(|(field, _)| (field, "an amount of money above zero, with at most 6 decimal places"))
            .collect();
        if !(1..=MOST_ORDERS).contains(&self.max_daily_orders) {
            wrong.push(("limits.max_daily_orders", "from 1 to 1000000"));
        }
        let letters = self.currency.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !(3..=10).contains(&self.currency.len()) || !letters {
            wrong.push(("limits.currency", "a currency code such as USD"));
        }
        wrong
    }

    fn is_widened_by(&self, new: &Self) -> bool {
        new.max_order_value > self.max_order_value
            || new.max_daily_value > self.max_daily_value
            || new.max_daily_orders > self.max_daily_orders
            || is_raised(self.max_position_value, new.max_position_value)
            || is_raised(self.max_daily_loss, new.max_daily_loss)
            || new.currency != self.currency
    }
}

/// Where none means no bound.
fn is_raised<T: PartialOrd>(old: Option<T>, new: Option<T>) -> bool {
    match (old, new) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(old), Some(new)) => new > old,
    }
}

/// Budgets count in millionths; a bound between two of them could not be kept exactly.
fn is_exact(value: Num) -> bool {
    Micros::ceil(value).is_some_and(|micros| micros.num() == value)
}
