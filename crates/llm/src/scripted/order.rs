//! Requests to buy, to sell and to cancel.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value};

use crate::Context;

use super::names::{self, Name};
use super::numbers::Number;
use super::reply::Reply;
use super::scan::{Amount, Bound, Side, Slots};
use super::words::Words;

/// An order, a question about one, or nothing if the request is not about one.
pub(super) fn propose(words: &Words, context: &Context) -> Option<Reply> {
    let slots = Slots::of(words, context);
    if slots.sides.is_empty() {
        return slots.wants_to_trade(words).then(|| Reply::question(UNCLEAR));
    }
    Some(check(&slots, words, context).unwrap_or_else(|question| question))
}

const UNCLEAR: &str = "Do you want to buy or to sell, which symbol, and how many shares?";
const ONE_AT_A_TIME: &str = "I place one order at a time. Which one first?";

impl Slots {
    /// "5 AAPL please": an amount and a symbol without a verb.
    fn wants_to_trade(&self, words: &Words) -> bool {
        self.unknown.is_empty()
            && !self.names.is_empty()
            && !self.amounts.is_empty()
            && !words.any(&["how", "what", "show", "chart"])
            || words.any(&["trade", "invest", "short"]) && !words.any(&["can", "how", "what", "show"])
    }
}

fn check(slots: &Slots, words: &Words, context: &Context) -> Result<Reply, Reply> {
    if asks_for_advice(words) {
        return Ok(Reply::answer(
            "I give no advice and guess nothing. Say for example \"buy 1 AAPL\" when you want an order placed.",
        ));
    }
    if slots.negated {
        return Ok(Reply::answer("Fine, I place no order."));
    }
    if slots.conditional {
        return Err(Reply::question(
            "I place orders at once and cannot wait for a time or a condition. Do you want a limit order instead?",
        ));
    }
    if slots.sides.len() > 1 || slots.names.len() > 1 || slots.amounts.len() > 1 || slots.limits.len() > 1 {
        return Err(several(slots));
    }
    let symbol = symbol(slots, context)?;
    if let Some(word) = slots.unknown.first() {
        return Err(Reply::question(format!(
            "I do not understand \"{word}\". Can you say the order without it?"
        )));
    }
    if slots.joined {
        return Err(Reply::question(ONE_AT_A_TIME));
    }
    let side = slots.sides[0];
    let limit = limit(slots, side)?;
    let quantity = quantity(slots, &symbol, side, limit, context)?;
    Ok(order(&symbol, side, quantity, limit))
}

fn asks_for_advice(words: &Words) -> bool {
    let first = words.low(0);
    matches!(
        first,
        "should"
            | "shall"
            | "is"
            | "are"
            | "was"
            | "were"
            | "did"
            | "do"
            | "does"
            | "have"
            | "has"
            | "what"
            | "what's"
            | "how"
            | "why"
            | "who"
            | "which"
            | "where"
            | "would"
            | "might"
            | "may"
            | "suppose"
            | "imagine"
    ) && !(matches!(first, "would" | "may") && matches!(words.low(1), "you" | "i"))
        && !(first == "do" && words.low(1) == "not")
        || words.any(&["should", "advise", "recommend", "think"])
}

/// What was named twice.
fn several(slots: &Slots) -> Reply {
    let symbols: Vec<&str> = slots
        .names
        .iter()
        .filter_map(|name| match name {
            Name::Symbol(symbol) => Some(symbol.as_str()),
            Name::Ambiguous(_) => None,
        })
        .collect();
    if symbols.len() > 1 {
        return Reply::question(format!(
            "I place one order at a time. Which one first: {}?",
            names::either(&symbols)
        ));
    }
    if slots.amounts.len() > 1 && slots.sides.len() == 1 {
        return Reply::question("You named more than one amount. How many shares do you mean?");
    }
    Reply::question(ONE_AT_A_TIME)
}

fn symbol(slots: &Slots, context: &Context) -> Result<String, Reply> {
    let unknown = slots.unknown.iter().find(|raw| names::looks_like_symbol(raw)).or(slots.unknown.last());
    match (slots.names.first(), unknown) {
        (Some(Name::Symbol(symbol)), _) => Ok(symbol.clone()),
        (Some(Name::Ambiguous(symbols)), _) => Err(Reply::missing(format!(
            "More than one share is called that. Do you mean {}?",
            names::either(symbols)
        ))),
        (None, Some(word)) => {
            Err(Reply::question(format!("I do not know \"{word}\". Do you mean {}?", names::known(context))))
        }
        (None, None) => Err(match &context.chart {
            Some(chart) if slots.pointed => Reply::missing(format!(
                "Which symbol do you mean, for example {} from the chart?",
                chart.symbol
            )),
            _ => Reply::missing(format!("Which symbol do you mean: {}?", names::known(context))),
        }),
    }
}

fn limit(slots: &Slots, side: Side) -> Result<Option<Decimal>, Reply> {
    let price = match slots.limits.first() {
        Some(Number::Plain(price) | Number::Dollars(price)) => *price,
        Some(Number::Percent(_) | Number::Unusable) => {
            return Err(Reply::question("Which limit price do you mean, in dollars?"));
        }
        None => return Ok(None),
    };
    if price <= Decimal::ZERO {
        return Err(Reply::question("A limit price must be above zero. Which price do you mean?"));
    }
    if slots.at_market {
        return Err(Reply::question("Do you want the market price or your limit?"));
    }
    match (side, slots.bound) {
        (Side::Buy, Some(Bound::AtLeast)) => {
            Err(Reply::question(format!("A buy limit buys at {price} or less. Do you want that?")))
        }
        (Side::Sell, Some(Bound::AtMost)) => {
            Err(Reply::question(format!("A sell limit sells at {price} or more. Do you want that?")))
        }
        _ => Ok(Some(price)),
    }
}

fn quantity(
    slots: &Slots,
    symbol: &str,
    side: Side,
    limit: Option<Decimal>,
    context: &Context,
) -> Result<Decimal, Reply> {
    let verb = verb(side);
    let amount = match (slots.amounts.first(), slots.totals.first()) {
        (Some(_), Some(_)) => {
            return Err(Reply::question("Is that the price of one share, or of all together?"));
        }
        (None, Some(Number::Plain(n) | Number::Dollars(n))) => Amount::Dollars(*n),
        (None, Some(_)) => Amount::Unusable,
        (Some(amount), None) => *amount,
        (None, None) => {
            return Err(Reply::missing(format!("How many shares of {symbol} do you want to {verb}?")));
        }
    };
    match amount {
        Amount::Shares(n) if n > Decimal::ZERO => Ok(n),
        Amount::Dollars(n) if n > Decimal::ZERO => dollars(n, symbol, limit, context),
        Amount::Part(part) if part > Decimal::ZERO => part_of(part, symbol, side, context),
        Amount::Unusable => Err(Reply::question(format!(
            "That is not an amount. How many shares of {symbol} do you want to {verb}?"
        ))),
        _ => Err(Reply::question(format!(
            "The amount must be above zero. How many shares of {symbol} do you want to {verb}?"
        ))),
    }
}

/// Whole shares for so many dollars.
fn dollars(
    amount: Decimal,
    symbol: &str,
    limit: Option<Decimal>,
    context: &Context,
) -> Result<Decimal, Reply> {
    let listing = context.symbols.iter().find(|listing| listing.symbol == symbol);
    let price = limit
        .or_else(|| listing.and_then(|listing| listing.last_price))
        .filter(|price| *price > Decimal::ZERO);
    if listing.is_some_and(|listing| listing.currency != "USD") {
        return Err(Reply::missing(format!(
            "{symbol} is not priced in dollars. How many shares do you mean?"
        )));
    }
    let Some(price) = price else {
        return Err(Reply::missing(format!(
            "I have no price for {symbol} now. How many shares do you mean?"
        )));
    };
    match amount.checked_div(price).map(|shares| shares.floor()) {
        Some(shares) if shares > Decimal::ZERO => Ok(shares),
        _ => Err(Reply::missing(format!(
            "{amount} dollars are less than one share of {symbol} at {price}. How many shares do you want?"
        ))),
    }
}

/// A part of what is held: whole shares where whole shares are held.
fn part_of(part: Decimal, symbol: &str, side: Side, context: &Context) -> Result<Decimal, Reply> {
    if side == Side::Buy {
        return Err(Reply::missing(format!("Part of what? How many shares of {symbol} do you want to buy?")));
    }
    if part > Decimal::ONE {
        return Err(Reply::question(format!(
            "That is more than you hold. How many shares of {symbol} do you want to sell?"
        )));
    }
    let held: Decimal = context
        .holdings
        .iter()
        .filter(|holding| holding.symbol == symbol)
        .map(|holding| holding.quantity)
        .sum();
    if held <= Decimal::ZERO {
        return Err(Reply::question(format!("You hold no {symbol}. Do you mean another symbol?")));
    }
    let exact = held * part;
    let shares = if part == Decimal::ONE {
        held
    } else if held.fract().is_zero() {
        exact.floor()
    } else {
        exact.round_dp_with_strategy(6, RoundingStrategy::ToZero)
    };
    if shares <= Decimal::ZERO {
        return Err(Reply::missing(format!(
            "You hold {held} {symbol}, and that part is less than one share. How many do you want to sell?"
        )));
    }
    Ok(shares.normalize())
}

fn verb(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

fn order(symbol: &str, side: Side, quantity: Decimal, limit: Option<Decimal>) -> Reply {
    let mut parameters = Map::new();
    let text = |value: String| Value::String(value);
    parameters.insert("symbol".into(), text(symbol.into()));
    parameters.insert("side".into(), text(verb(side).into()));
    parameters.insert("quantity".into(), text(quantity.to_string()));
    let kind = if limit.is_some() { "limit" } else { "market" };
    parameters.insert("order_type".into(), text(kind.into()));
    let price = match (limit, side) {
        (Some(price), Side::Buy) => format!("{price} or less"),
        (Some(price), Side::Sell) => format!("{price} or more"),
        (None, _) => "the market price".into(),
    };
    if let Some(price) = limit {
        parameters.insert("limit_price".into(), text(price.to_string()));
    }
    let words = format!("You want to {} {quantity} {symbol} at {price}.", verb(side));
    Reply::trade("placeOrder", parameters, words)
}

/// "cancel order ord_…": exactly one, named by its id.
pub(super) fn cancel(words: &Words) -> Option<Reply> {
    let ids: Vec<&str> =
        words.list.iter().map(|word| word.low.as_str()).filter(|low| low.starts_with("ord_")).collect();
    let verb = words.any(&["cancel", "withdraw", "revoke", "abort"]);
    if !verb
        || ids.is_empty()
            && !words.any(&["order", "orders", "it", "that", "this", "everything", "all"])
            && words.list.len() > 1
    {
        return None;
    }
    if words.any(&["don't", "dont", "not", "never"]) {
        return Some(Reply::answer("Fine, I cancel nothing."));
    }
    let [id] = ids.as_slice() else {
        return Some(Reply::question(
            "Which order? I cancel one at a time, by its id, as in \"cancel order ord_…\". Which id is it?",
        ));
    };
    let hex = id.trim_start_matches("ord_");
    if hex.len() != 32 || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
        return Some(Reply::question(format!("\"{id}\" is not the id of an order. Which id is it?")));
    }
    let mut parameters = Map::new();
    parameters.insert("order_id".into(), Value::String((*id).into()));
    Some(Reply::trade("cancelOrder", parameters, format!("You want to cancel the order {id}.")))
}
