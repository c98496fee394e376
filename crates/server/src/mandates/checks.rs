//! The pre-trade checks that need no database, in the contract's order, each failing closed.

use rust_decimal::Decimal;

use super::{
    act::{Act, Action, OrderType, Price, Reason},
    instruments::is_symbol,
    model::{Budget, Config, Mandate, Terms},
};
use crate::kernel::{At, Micros, Num};

/// What an order is worth, once sanity has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Worth {
    /// The price beyond which it must not be filled.
    pub worst_price: Num,
    /// The whole order at its worst.
    pub worst_case: Num,
    /// The part that counts against limits of value: nothing of a reducing sell.
    pub counted: Micros,
}

/// Whether the order only makes a position smaller, with all orders in flight taken into account.
pub(super) fn reduces(act: &Act) -> bool {
    let facts = &act.facts;
    let closable = match act.action {
        Action::Sell => facts.position.0 - facts.open_sells.0,
        Action::Buy => -facts.position.0 - facts.open_buys.0,
    };
    act.quantity.0 <= closable
}

/// Side, instrument, hours, confidence.
pub(super) fn permission(act: &Act, mandate: &Mandate, now: At, config: &Config) -> Result<(), Reason> {
    let terms = &mandate.terms.0;
    if !terms.actions.contains(&act.action) {
        return Err(Reason::new("action", format!("this mandate does not allow to {}", act.action.name())));
    }
    if !terms.instruments.permits(&act.symbol) {
        return Err(Reason::new("instrument", format!("this mandate does not cover {}", shown(&act.symbol))));
    }
    if let Some(hours) = terms.hours.as_ref().filter(|hours| !hours.hold_at(now, &mandate.zone)) {
        return Err(Reason::new("hours", format!("this mandate holds {}", hours.spoken(&mandate.zone))));
    }
    let (least, confidence) =
        (terms.min_confidence.unwrap_or(config.min_confidence), act.confidence.unwrap_or(0.0));
    // written so that a confidence that is not a number is refused
    if !matches!(
        confidence.partial_cmp(&least),
        Some(std::cmp::Ordering::Greater | std::cmp::Ordering::Equal)
    ) {
        let detail =
            format!("the agent's confidence of {confidence} is below this mandate's minimum of {least}");
        return Err(Reason::new("confidence", detail));
    }
    Ok(())
}

/// Positive, in lots and ticks, near a price that is known, in the account's currency.
pub(super) fn sanity(act: &Act, config: &Config) -> Result<Worth, Reason> {
    let facts = &act.facts;
    let refuse = |detail: String| Err(Reason::new("sanity", detail));
    if !is_symbol(&act.symbol) {
        return refuse(format!("{} is not the name of an instrument", shown(&act.symbol)));
    }
    if !act.quantity.is_positive() {
        return refuse(format!("the quantity must be above zero, not {}", act.quantity));
    }
    if !is_multiple(act.quantity, facts.lot) {
        return refuse(format!("the quantity {} is not a multiple of {}", act.quantity, facts.lot));
    }
    let Some(price) = facts.price.as_ref().filter(|price| price.last.is_positive()) else {
        return refuse(format!("there is no price for {}", shown(&act.symbol)));
    };
    if price.currency != facts.account_currency {
        let (theirs, ours) = (&price.currency, &facts.account_currency);
        return refuse(format!("{} is priced in {theirs}, the account is in {ours}", act.symbol));
    }
    match (act.order_type, act.limit_price) {
        (OrderType::Market, Some(_)) => return refuse("a market order takes no limit price".into()),
        (OrderType::Limit, None) => return refuse("a limit order needs a limit price".into()),
        (OrderType::Limit, Some(limit)) if !limit.is_positive() => {
            return refuse(format!("the limit price must be above zero, not {limit}"));
        }
        (OrderType::Limit, Some(limit)) if !is_multiple(limit, facts.tick) => {
            return refuse(format!("the limit price {limit} is not a multiple of {}", facts.tick));
        }
        _ => {}
    }
    collar(act, price, config)?;
    worth(act, price, config).ok_or_else(|| Reason::new("sanity", "the value of the order is out of range"))
}

fn collar(act: &Act, price: &Price, config: &Config) -> Result<(), Reason> {
    let Some(limit) = act.limit_price else { return Ok(()) };
    let edge = by_percent(price.last, config.price_collar_percent, act.action);
    let beyond = match act.action {
        Action::Buy => edge.is_none_or(|edge| limit.0 > edge),
        Action::Sell => edge.is_none_or(|edge| limit.0 < edge),
    };
    if !beyond {
        return Ok(());
    }
    let (percent, last) = (config.price_collar_percent, money(price.last, &price.currency));
    let detail = format!(
        "a limit of {} is more than {percent} % worse than the last price of {last}",
        money(limit, &price.currency)
    );
    Err(Reason::new("price_collar", detail))
}

fn worth(act: &Act, price: &Price, config: &Config) -> Option<Worth> {
    let protected = by_percent(price.last, config.market_protection_percent, act.action)?;
    let worst_price = act.limit_price.map_or(protected, |limit| limit.0);
    // a sell's exposure is what a price that rises makes of it
    let unit = match act.action {
        Action::Buy => worst_price,
        Action::Sell => {
            worst_price.max(by_percent(price.last, config.market_protection_percent, Action::Buy)?)
        }
    };
    let opening = match act.action {
        Action::Buy => act.quantity.0,
        Action::Sell => {
            let closable = (act.facts.position.0 - act.facts.open_sells.0).max(Decimal::ZERO);
            (act.quantity.0 - closable).max(Decimal::ZERO)
        }
    };
    Some(Worth {
        worst_price: Num(worst_price),
        worst_case: Num(unit.checked_mul(act.quantity.0)?),
        counted: Micros::ceil(Num(unit.checked_mul(opening)?))?,
    })
}

/// A price made worse for this side by some per cent.
fn by_percent(price: Num, percent: Num, action: Action) -> Option<Decimal> {
    let part = price.0.checked_mul(percent.0)? / Decimal::ONE_HUNDRED;
    match action {
        Action::Buy => price.0.checked_add(part),
        Action::Sell => price.0.checked_sub(part),
    }
}

/// Value of the order and of the position it would lead to.
pub(super) fn values(act: &Act, terms: &Terms, worth: &Worth) -> Result<(), Reason> {
    let limits = &terms.limits;
    let (value, currency) = (worth.counted.num(), &limits.currency);
    if value > limits.max_order_value {
        let detail = format!(
            "order value {} is above this mandate's limit of {} per order",
            money(value, currency),
            money(limits.max_order_value, currency)
        );
        return Err(Reason::new("order_value", detail));
    }
    let Some(most) = limits.max_position_value.filter(|_| worth.counted.0 > 0) else { return Ok(()) };
    let facts = &act.facts;
    let held = match act.action {
        Action::Buy => facts.position.0 + facts.open_buys.0,
        Action::Sell => facts.open_sells.0 - facts.position.0,
    };
    let unit = worth.worst_case.0 / act.quantity.0;
    let after = (held + act.quantity.0).checked_mul(unit).map(Num);
    match after {
        Some(after) if after <= most => Ok(()),
        _ => {
            let after = after.map_or_else(|| "too much".to_owned(), |after| money(after, currency));
            let detail = format!(
                "a position in {} of {after} is above this mandate's limit of {} per instrument",
                act.symbol,
                money(most, currency)
            );
            Err(Reason::new("position_value", detail))
        }
    }
}

/// Whether the order fits into what is left of the day. The conditional update in `budget` decides; this names why.
pub(super) fn day(budget: Budget, terms: &Terms, worth: &Worth) -> Result<(), Reason> {
    let limits = &terms.limits;
    let usage = budget.usage(String::new(), limits);
    if worth.counted.0 > 0 && worth.counted.num() > usage.left {
        let detail = format!(
            "order value {} is above the {} that are left today of this mandate's limit of {} per day",
            money(worth.counted.num(), &limits.currency),
            money(usage.left, &limits.currency),
            money(limits.max_daily_value, &limits.currency)
        );
        return Err(Reason::new("daily_value", detail));
    }
    if usage.orders_left == 0 {
        let detail =
            format!("all {} orders that this mandate allows per day are used", limits.max_daily_orders);
        return Err(Reason::new("daily_orders", detail));
    }
    Ok(())
}

/// After the day's loss limit only reducing orders pass.
pub(super) fn loss(act: &Act, terms: &Terms) -> Result<(), Reason> {
    let limits = &terms.limits;
    let Some(most) = limits.max_daily_loss.filter(|_| !reduces(act)) else { return Ok(()) };
    match act.facts.loss_today {
        Some(loss) if loss < most => Ok(()),
        Some(loss) => {
            let detail = format!(
                "today's loss of {} has reached this mandate's limit of {}: only reducing orders pass",
                money(loss, &limits.currency),
                money(most, &limits.currency)
            );
            Err(Reason::new("daily_loss", detail))
        }
        None => Err(Reason::new("daily_loss", "today's loss is not known, and this mandate limits it")),
    }
}

pub(super) fn duplicate(act: &Act) -> Result<(), Reason> {
    match &act.facts.twin {
        None => Ok(()),
        Some(twin) => Err(Reason::new(
            "duplicate",
            format!("the same order was given less than 30 s ago as decision {twin}"),
        )),
    }
}

/// Why the order waits for the person, if it does.
pub(super) fn approval_line(terms: &Terms, worth: &Worth) -> Option<Reason> {
    let line = terms.approval_above.filter(|line| worth.counted.num() > *line)?;
    let currency = &terms.limits.currency;
    let detail = format!(
        "order value {} is above {}, from where on this mandate asks for approval",
        money(worth.counted.num(), currency),
        money(line, currency)
    );
    Some(Reason::new("approval_above", detail))
}

fn is_multiple(value: Num, of: Num) -> bool {
    of.0.is_zero() || value.0.checked_rem(of.0).is_some_and(|rest| rest.is_zero())
}

/// `1,233.69 USD`: two places, or as many as a small amount needs.
pub(super) fn money(value: Num, currency: &str) -> String {
    let rounded = value.0.round_dp(2);
    let text = if rounded == value.0 || rounded.abs() >= Decimal::ONE {
        format!("{rounded:.2}")
    } else {
        value.to_string()
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, "00"));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{part} {currency}")
}

/// Outside text in a sentence: bounded, without control characters.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}
