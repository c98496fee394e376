//! One plain sentence about what became of a command. No I/O.

use crate::mandates::Reason;
use crate::trading::{DecisionView, OrderStatus, OrderView, Status, Wanted};

pub(super) fn sentence(wanted: Wanted, decision: &DecisionView) -> String {
    let why = || reasons(&decision.reasons);
    let order = decision.order.as_ref();
    match decision.status {
        Status::Executed | Status::Accepted if wanted == Wanted::Cancel => cancelled(order),
        Status::Executed => order.map_or_else(|| "Done.".to_owned(), filled),
        Status::Accepted => order.map_or_else(|| "The order was sent.".to_owned(), resting),
        Status::PendingApproval => format!("Waiting for your approval{}.", because(&decision.reasons)),
        Status::Rejected => format!("Refused: {}.", why().unwrap_or_else(|| message(order))),
        Status::DryRun => "Dry run: nothing was sent.".to_owned(),
        Status::NoCredentials => format!("Not sent: {}.", why().unwrap_or_else(|| message(order))),
        Status::Failed => format!("Not executed: {}.", why().unwrap_or_else(|| message(order))),
        Status::Unknown => {
            "The order was sent and the answer was lost: it may have been executed. It is not sent again."
                .to_owned()
        }
    }
}

/// For a command that did not become a decision.
pub(super) fn refused(reason: &Reason) -> String {
    format!("Refused: {}.", reason.detail.trim_end_matches('.'))
}

fn filled(order: &OrderView) -> String {
    let verb = if order.side == "buy" { "Bought" } else { "Sold" };
    let price = order.average_price.map_or(String::new(), |price| format!(" at {price}"));
    format!("{verb} {} {}{price}.", order.filled_quantity, order.symbol)
}

fn resting(order: &OrderView) -> String {
    let wanted = format!("{} {} {}", order.side, order.quantity, order.symbol);
    let limit = match (order.limit_price, order.side.as_str()) {
        (Some(price), "buy") => format!(" at {price} or less"),
        (Some(price), _) => format!(" at {price} or more"),
        (None, _) => String::new(),
    };
    match order.status {
        OrderStatus::PartiallyFilled => {
            format!("Filled {} so far, the rest waits: {wanted}{limit}.", order.filled_quantity)
        }
        OrderStatus::Cancelled => format!("The order ended unfilled: {wanted}{limit}."),
        _ => format!("The order waits: {wanted}{limit}."),
    }
}

fn cancelled(order: Option<&OrderView>) -> String {
    match order {
        Some(order) if order.status != OrderStatus::Cancelled => {
            format!("Asked to cancel: {} {} {}.", order.side, order.quantity, order.symbol)
        }
        Some(order) => format!("Cancelled: {} {} {}.", order.side, order.quantity, order.symbol),
        None => "Cancelled.".to_owned(),
    }
}

fn message(order: Option<&OrderView>) -> String {
    let message = order.and_then(|order| order.message.as_deref()).unwrap_or("the broker refused");
    message.trim_end_matches('.').to_owned()
}

fn reasons(reasons: &[Reason]) -> Option<String> {
    let all: Vec<&str> = reasons.iter().map(|reason| reason.detail.trim_end_matches('.')).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn because(list: &[Reason]) -> String {
    reasons(list).map_or(String::new(), |why| format!(": {why}"))
}
