//! Questions about the model itself, about prices and about what the person has.

use rust_decimal::Decimal;

use crate::{Context, Holding};

use super::ADMISSION;
use super::names::{self, Name};
use super::reply::Reply;
use super::words::Words;

const EXAMPLES: &str = "Say for example \"show IBM weekly with a 20-day average\", \"buy 1 AAPL\", \
\"sell half my MSFT at 30 or better\", \"what do I hold\" or \"what is the price of AAPL\".";

pub(super) fn about_itself(words: &Words, context: &Context) -> Option<Reply> {
    if words.list.is_empty() {
        return Some(Reply::lost("What can I do for you?"));
    }
    let itself =
        ["who are you", "what are you", "your name", "which model", "what model", "are you scripted"];
    let asked = words.low(0) == "are" && words.low(1) == "you" && words.list.len() <= 8;
    if asked || itself.iter().any(|phrase| words.says(phrase)) {
        let name = if context.agent.is_empty() { "an agent" } else { &context.agent };
        return Some(Reply::answer(format!("I am {name}. {ADMISSION} {EXAMPLES}")));
    }
    let help = words.has("help") && words.list.len() <= 5
        || words.says("what can you do")
        || words.says("how does this work");
    help.then(|| {
        Reply::answer(format!(
            "I change the chart, place and cancel orders within your mandate, and tell what you hold. {EXAMPLES}"
        ))
    })
}

pub(super) fn about_money(words: &Words, context: &Context) -> Option<Reply> {
    let cash = words.any(&["cash", "balance", "funds"])
        || words.says("buying power")
        || words.says("how much money");
    let price = words
        .any(&["price", "prices", "quote", "quotes", "cost", "costs", "worth", "trades", "trading"])
        || words.low(0) == "how" && words.low(1) == "is"
        || words.says("how much is");
    let held = words.any(&["hold", "holding", "holdings", "own", "positions", "position", "portfolio"])
        || words.says("do i have")
        || words.says("have i");
    if !(cash || price || held) || words.any(&["average", "chart"]) {
        return None;
    }
    if cash {
        return Some(cash_answer(context));
    }
    let named = (0..words.list.len()).find_map(|at| names::at(words, at, context));
    let stranger = words.list.iter().find(|word| names::looks_like_symbol(&word.raw) && word.low != "i");
    match (named, stranger) {
        (Some((Name::Ambiguous(symbols), _)), _) => Some(Reply::question(format!(
            "More than one share is called that. Do you mean {}?",
            names::either(&symbols)
        ))),
        (Some((Name::Symbol(symbol), _)), _) if held => Some(held_of(&symbol, context)),
        (Some((Name::Symbol(symbol), _)), _) => Some(price_of(&symbol, context)),
        (None, Some(word)) => Some(Reply::question(format!(
            "I do not know \"{}\". Do you mean {}?",
            word.raw,
            names::known(context)
        ))),
        (None, None) if held => Some(holdings(context)),
        (None, None) => {
            Some(Reply::question(format!("The price of which symbol: {}?", names::known(context))))
        }
    }
}

fn cash_answer(context: &Context) -> Reply {
    if context.cash.is_empty() {
        return Reply::answer("You have no trading account with cash yet.");
    }
    let amounts: Vec<String> =
        context.cash.iter().map(|money| format!("{} {}", cents(money.amount), money.currency)).collect();
    Reply::answer(format!("You have {} in cash.", amounts.join(" and ")))
}

fn holdings(context: &Context) -> Reply {
    let held: Vec<String> =
        context.holdings.iter().filter(|holding| !holding.quantity.is_zero()).map(line).collect();
    if held.is_empty() {
        return Reply::answer("You hold no shares.");
    }
    Reply::answer(format!("You hold {}.", held.join("; ")))
}

fn held_of(symbol: &str, context: &Context) -> Reply {
    let held: Vec<String> = context
        .holdings
        .iter()
        .filter(|holding| holding.symbol == symbol && !holding.quantity.is_zero())
        .map(line)
        .collect();
    if held.is_empty() {
        return Reply::answer(format!("You hold no {symbol}."));
    }
    Reply::answer(format!("You hold {}.", held.join("; ")))
}

fn line(holding: &Holding) -> String {
    let bought = holding.average_price.map(|price| format!(", bought at {} on average", cents(price)));
    let value = holding.last_price.and_then(|price| price.checked_mul(holding.quantity));
    let worth = value.map(|value| format!(", now worth {} {}", cents(value), holding.currency));
    let (bought, worth) = (bought.unwrap_or_default(), worth.unwrap_or_default());
    format!("{} {}{bought}{worth}", holding.quantity.normalize(), holding.symbol)
}

fn price_of(symbol: &str, context: &Context) -> Reply {
    let listing = context.symbols.iter().find(|listing| listing.symbol == symbol);
    match listing.and_then(|listing| listing.last_price.map(|price| (price, &listing.currency))) {
        Some((price, currency)) => Reply::answer(format!("{symbol} is at {} {currency}.", cents(price))),
        None => Reply::answer(format!("I have no price for {symbol} now.")),
    }
}

fn cents(amount: Decimal) -> Decimal {
    let mut cents = amount.round_dp(2);
    cents.rescale(2);
    cents
}

pub(super) fn small_talk(words: &Words) -> Option<Reply> {
    if words.list.len() > 4 {
        return None;
    }
    if words.any(&["thanks", "thank", "bye", "goodbye"]) {
        return Some(Reply::answer("You are welcome."));
    }
    words
        .any(&["hello", "hi", "hey", "morning", "evening", "afternoon"])
        .then(|| Reply::answer(format!("Hello. {EXAMPLES}")))
}

pub(super) fn unclear(words: &Words, context: &Context) -> Reply {
    if let Some(word) = words.list.iter().find(|word| names::looks_like_symbol(&word.raw)) {
        return Reply::lost(format!(
            "I do not know \"{}\". Do you mean {}?",
            word.raw,
            names::known(context)
        ));
    }
    Reply::lost(
        "I did not understand that. Do you want to see a chart, place an order, or know what you hold?",
    )
}
