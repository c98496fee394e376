//! Orders against quotes: placing, resting, crossing, cancelling.

use rust_decimal::Decimal;

use super::{PLACES, Quote, Rejection, Resting, State, Terms};
use crate::{Kind, NewOrder, Report, Side, State as OrderState, order::average};

/// Keeps every sum and product exact: see [`worth`].
const MOST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

impl State {
    /// Places one order. A market order fills what the quote's size allows and the rest is cancelled; a limit
    /// order fills what crosses now and rests with what is left.
    pub fn place(&mut self, terms: &Terms, order: &NewOrder, quote: &Quote) -> Result<Report, Rejection> {
        if order.quantity <= Decimal::ZERO
            || order.quantity > MOST
            || order.quantity.normalize().scale() > PLACES
        {
            return Err(Rejection::Quantity);
        }
        let price = price(terms, order.side, quote)?;
        worth(price.max(quote.ask), order.quantity)?;
        match order.kind {
            Kind::Market { worst } => self.place_market(terms, order, (quote, price), worst),
            Kind::Limit { price: limit } => self.place_limit(terms, order, quote, limit),
        }
    }

    fn place_market(
        &mut self,
        terms: &Terms,
        order: &NewOrder,
        (quote, price): (&Quote, Decimal),
        worst: Option<Decimal>,
    ) -> Result<Report, Rejection> {
        if let Some(worst) = worst.filter(|worst| crosses(order.side, *worst, price).is_none()) {
            return Err(Rejection::Moved { worst, price });
        }
        match order.side {
            Side::Buy => self.check_cash(terms, price, order.quantity)?,
            Side::Sell => self.check_shares(&order.symbol, order.quantity)?,
        }
        let filled = quote.size.map_or(order.quantity, |size| size.min(order.quantity));
        let (value, fee) = if filled > Decimal::ZERO {
            self.trade(terms, order.side, (&order.symbol, price), filled)
        } else {
            (Decimal::ZERO, Decimal::ZERO)
        };
        let whole = filled == order.quantity;
        Ok(Report {
            broker_order_id: Some(order.reference.clone()),
            state: if whole { OrderState::Filled } else { OrderState::Cancelled },
            quantity: order.quantity,
            filled,
            value: Some(value),
            average_price: average(value, filled),
            fee,
            message: (!whole).then(|| "the quote's size did not suffice: the rest was cancelled".to_owned()),
        })
    }

    fn place_limit(
        &mut self,
        terms: &Terms,
        order: &NewOrder,
        quote: &Quote,
        limit: Decimal,
    ) -> Result<Report, Rejection> {
        if limit <= Decimal::ZERO || limit > MOST || limit.normalize().scale() > PLACES {
            return Err(Rejection::Price);
        }
        worth(limit, order.quantity)?;
        if self.orders.contains_key(&order.reference) {
            return Err(Rejection::Duplicate { id: order.reference.clone() });
        }
        match order.side {
            Side::Buy => self.check_cash(terms, limit, order.quantity)?,
            Side::Sell => self.check_shares(&order.symbol, order.quantity)?,
        }
        let resting = Resting {
            symbol: order.symbol.clone(),
            side: order.side,
            limit,
            quantity: order.quantity,
            filled: Decimal::ZERO,
            value: Decimal::ZERO,
            fee: Decimal::ZERO,
        };
        self.match_one(terms, &order.reference, resting, quote).map(|(_, report)| report)
    }

    /// Fills what the quote crosses, in the order of references. Answers only the orders that changed.
    pub fn on_quote(&mut self, terms: &Terms, quote: &Quote) -> Vec<Report> {
        let mut quote = quote.clone();
        let waiting: Vec<String> = self
            .orders
            .iter()
            .filter(|(_, order)| order.symbol == quote.symbol)
            .map(|(id, _)| id.clone())
            .collect();
        let mut reports = Vec::new();
        for id in waiting {
            let Some(order) = self.orders.remove(&id) else { continue };
            let kept = order.clone();
            match self.match_one(terms, &id, order, &quote) {
                Ok((filled, report)) => {
                    quote.size = quote.size.map(|size| size - filled);
                    if filled > Decimal::ZERO {
                        reports.push(report);
                    }
                }
                // an unusable quote changes nothing
                Err(_) => drop(self.orders.insert(id, kept)),
            }
        }
        reports
    }

    /// Trades what crosses and puts the rest back. The order is not in `self.orders` while it is matched, so
    /// what it held back is free to be spent.
    fn match_one(
        &mut self,
        terms: &Terms,
        id: &str,
        mut order: Resting,
        quote: &Quote,
    ) -> Result<(Decimal, Report), Rejection> {
        let price = price(terms, order.side, quote)?;
        let mut filled = Decimal::ZERO;
        if let Some(price) = crosses(order.side, order.limit, price) {
            filled = quote.size.map_or(order.remaining(), |size| size.min(order.remaining()));
            if filled > Decimal::ZERO {
                let (value, fee) = self.trade(terms, order.side, (&order.symbol, price), filled);
                order.filled += filled;
                order.value += value;
                order.fee += fee;
            }
        }
        let report = report(id, &order);
        if order.remaining() > Decimal::ZERO {
            self.orders.insert(id.to_owned(), order);
        }
        Ok((filled, report))
    }

    /// Takes back all that is left of an order, or `part` of it.
    pub fn cancel(&mut self, id: &str, part: Option<Decimal>) -> Result<Report, Rejection> {
        let unknown = || Rejection::UnknownOrder { id: id.to_owned() };
        let order = self.orders.get_mut(id).ok_or_else(unknown)?;
        let left = order.remaining();
        match part {
            Some(part) if part <= Decimal::ZERO || part.normalize().scale() > PLACES => {
                Err(Rejection::Quantity)
            }
            Some(part) if part < left => {
                order.quantity -= part;
                Ok(report(id, order))
            }
            _ => {
                let order = self.orders.remove(id).ok_or_else(unknown)?;
                Ok(Report { state: OrderState::Cancelled, ..report(id, &order) })
            }
        }
    }
}

/// An order's value stays below 10^12, so that with 12 decimal places it is exact in a decimal's 28 digits.
fn worth(price: Decimal, quantity: Decimal) -> Result<(), Rejection> {
    let most = MOST * Decimal::ONE_THOUSAND;
    if price * quantity > most { Err(Rejection::Value { most }) } else { Ok(()) }
}

/// What one trades at: the quote's side, or the last price moved by half the spread where that is worse.
fn price(terms: &Terms, side: Side, quote: &Quote) -> Result<Decimal, Rejection> {
    let usable = |price: Decimal| price > Decimal::ZERO && price <= MOST;
    if !(usable(quote.bid) && usable(quote.ask) && usable(quote.last) && quote.bid <= quote.ask) {
        return Err(Rejection::Quote { symbol: quote.symbol.clone() });
    }
    let half = quote.last * terms.spread / Decimal::TWO;
    let price = match side {
        Side::Buy => quote.ask.max(quote.last + half),
        Side::Sell => quote.bid.min(quote.last - half),
    };
    let price = price.round_dp(PLACES);
    if usable(price) { Ok(price) } else { Err(Rejection::Quote { symbol: quote.symbol.clone() }) }
}

/// The price when it is no worse than `limit`.
fn crosses(side: Side, limit: Decimal, price: Decimal) -> Option<Decimal> {
    let good = match side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    };
    good.then_some(price)
}

fn report(id: &str, order: &Resting) -> Report {
    let state = if order.remaining() <= Decimal::ZERO {
        OrderState::Filled
    } else if order.filled > Decimal::ZERO {
        OrderState::PartiallyFilled
    } else {
        OrderState::Open
    };
    Report {
        broker_order_id: Some(id.to_owned()),
        state,
        quantity: order.quantity,
        filled: order.filled,
        value: Some(order.value),
        average_price: average(order.value, order.filled),
        fee: order.fee,
        message: None,
    }
}
