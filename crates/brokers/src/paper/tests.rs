//! The paper exchange by example and by property.

use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

use super::{Quote, Rejection, State, Terms};
use crate::{Kind, NewOrder, Side, State as OrderState};

fn quote(last: Decimal) -> Quote {
    Quote { symbol: "AAPL".into(), bid: last, ask: last, last, size: None }
}

fn terms() -> Terms {
    Terms { spread: dec!(0.01), fee: dec!(0.001) }
}

fn order(reference: &str, side: Side, quantity: Decimal, kind: Kind) -> NewOrder {
    NewOrder { reference: reference.into(), symbol: "AAPL".into(), side, quantity, kind }
}

fn market(side: Side, quantity: Decimal) -> NewOrder {
    order("m", side, quantity, Kind::Market { worst: None })
}

fn limit(reference: &str, side: Side, quantity: Decimal, price: Decimal) -> NewOrder {
    order(reference, side, quantity, Kind::Limit { price })
}

#[test]
fn a_market_order_pays_half_the_spread_and_the_fee() {
    let mut state = State::new(dec!(1000));
    let report = state.place(&terms(), &market(Side::Buy, dec!(2)), &quote(dec!(100))).unwrap();
    assert_eq!(report.state, OrderState::Filled);
    assert_eq!(report.average_price, Some(dec!(100.5)));
    assert_eq!(report.fee, dec!(0.201));
    assert_eq!(state.cash, dec!(798.799));
    let report = state.place(&terms(), &market(Side::Sell, dec!(1)), &quote(dec!(200))).unwrap();
    assert_eq!(report.value, Some(dec!(199)));
    let position = &state.positions["AAPL"];
    assert_eq!((position.quantity, position.realised), (dec!(1), dec!(98.5)));
    assert_eq!(position.average_price(), dec!(100.5));
}

#[test]
fn refusals_name_what_is_missing_and_change_nothing() {
    let mut state = State::new(dec!(100));
    let before = state.clone();
    let quote = quote(dec!(100));
    let refused = |state: &mut State, order: &NewOrder| state.place(&terms(), order, &quote).unwrap_err();
    assert_eq!(
        refused(&mut state, &market(Side::Buy, dec!(1))).to_string(),
        "not enough cash: the order needs 100.600500 and 100 is free"
    );
    assert_eq!(
        refused(&mut state, &market(Side::Sell, dec!(1))).to_string(),
        "not enough shares: the order sells 1 AAPL and 0 is free to sell"
    );
    for quantity in [dec!(0), dec!(-1), dec!(0.0000001), dec!(1000000001)] {
        assert_eq!(refused(&mut state, &market(Side::Buy, quantity)), Rejection::Quantity);
    }
    assert_eq!(refused(&mut state, &limit("l", Side::Buy, dec!(1), dec!(0))), Rejection::Price);
    let moved = order("m", Side::Buy, dec!(0.1), Kind::Market { worst: Some(dec!(100.4)) });
    assert_eq!(refused(&mut state, &moved), Rejection::Moved { worst: dec!(100.4), price: dec!(100.5) });
    let nothing = Quote { ask: dec!(0), ..quote.clone() };
    assert!(matches!(
        state.place(&terms(), &market(Side::Buy, dec!(1)), &nothing),
        Err(Rejection::Quote { .. })
    ));
    assert!(matches!(state.cancel("gone", None), Err(Rejection::UnknownOrder { .. })));
    assert_eq!(state, before);
}

#[test]
fn a_limit_order_rests_holds_cash_and_fills_when_crossed() {
    let mut state = State::new(dec!(100));
    let placed = state.place(&terms(), &limit("a", Side::Buy, dec!(1), dec!(90)), &quote(dec!(100))).unwrap();
    assert_eq!((placed.state, state.free_cash(&terms())), (OrderState::Open, dec!(9.91)));
    assert!(state.place(&terms(), &limit("b", Side::Buy, dec!(1), dec!(10)), &quote(dec!(100))).is_err());
    assert!(state.on_quote(&terms(), &quote(dec!(90))).is_empty(), "the spread keeps it above the limit");
    let reports = state.on_quote(&terms(), &quote(dec!(80)));
    assert_eq!(reports.len(), 1);
    assert_eq!((reports[0].state, reports[0].value), (OrderState::Filled, Some(dec!(80.4))));
    assert!(state.orders.is_empty());
}

#[test]
fn a_quotes_size_fills_in_part_and_the_rest_can_be_cancelled_in_part() {
    let mut state = State::new(dec!(1000));
    let thin = Quote { size: Some(dec!(2)), ..quote(dec!(10)) };
    let report = state.place(&terms(), &limit("a", Side::Buy, dec!(10), dec!(11)), &thin).unwrap();
    assert_eq!((report.state, report.filled), (OrderState::PartiallyFilled, dec!(2)));
    let report = state.cancel("a", Some(dec!(3))).unwrap();
    assert_eq!((report.state, report.quantity), (OrderState::PartiallyFilled, dec!(7)));
    let report = state.cancel("a", None).unwrap();
    assert_eq!((report.state, report.filled), (OrderState::Cancelled, dec!(2)));
    assert_eq!(state.free_cash(&terms()), state.cash);
    let report = state.place(&terms(), &market(Side::Buy, dec!(5)), &thin).unwrap();
    assert_eq!((report.state, report.filled), (OrderState::Cancelled, dec!(2)));
}

#[test]
fn a_split_keeps_the_money() {
    let mut state = State::new(dec!(1000));
    state.place(&terms(), &market(Side::Buy, dec!(2)), &quote(dec!(100))).unwrap();
    state.place(&terms(), &limit("s", Side::Sell, dec!(1), dec!(210)), &quote(dec!(100))).unwrap();
    let cost = state.positions["AAPL"].cost;
    state.split("AAPL", 7);
    assert_eq!((state.positions["AAPL"].quantity, state.positions["AAPL"].cost), (dec!(14), cost));
    assert_eq!((state.orders["s"].quantity, state.orders["s"].limit), (dec!(7), dec!(30)));
}

#[derive(Clone, Debug)]
enum Step {
    Place(NewOrder),
    Quote(Decimal, Option<Decimal>),
    Cancel(u8, Option<Decimal>),
    Split,
}

fn decimal(range: std::ops::Range<i64>, scale: u32) -> impl Strategy<Value = Decimal> {
    range.prop_map(move |digits| Decimal::new(digits, scale))
}

fn step() -> impl Strategy<Value = Step> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let kind = prop_oneof![
        Just(Kind::Market { worst: None }),
        decimal(-10..300_000_000, 6).prop_map(|price| Kind::Limit { price })
    ];
    let place = (side, decimal(-5..20_000_000, 6), kind, 0..12_u8)
        .prop_map(|(side, quantity, kind, id)| Step::Place(order(&id.to_string(), side, quantity, kind)));
    let quotes = (decimal(1..300_000_000, 6), proptest::option::of(decimal(0..5_000_000, 6)));
    prop_oneof![
        6 => place,
        6 => quotes.prop_map(|(last, size)| Step::Quote(last, size)),
        2 => (0..12_u8, proptest::option::of(decimal(-1..3_000_000, 6))).prop_map(|(id, p)| Step::Cancel(id, p)),
        1 => Just(Step::Split),
    ]
}

fn run(cash: Decimal, terms: &Terms, steps: &[Step]) -> State {
    let mut state = State::new(cash);
    let mut now = quote(dec!(100));
    for step in steps {
        let before = state.clone();
        let refused = match step {
            Step::Place(order) => state.place(terms, order, &now).is_err(),
            Step::Quote(last, size) => {
                now = Quote { size: *size, ..quote(*last) };
                state.on_quote(terms, &now);
                false
            }
            Step::Cancel(id, part) => state.cancel(&id.to_string(), *part).is_err(),
            Step::Split => {
                state.split("AAPL", 2);
                now.last /= dec!(2);
                now = Quote { size: now.size, ..quote(now.last.max(dec!(0.000001)).round_dp(6)) };
                false
            }
        };
        if refused {
            assert_eq!(state, before, "a refusal changes nothing");
        }
        let cost: Decimal = state.positions.values().map(|p| p.cost).sum();
        let realised: Decimal = state.positions.values().map(|p| p.realised).sum();
        assert_eq!(state.cash + cost - realised + state.fees, cash, "conserved after {step:?}");
        assert!(state.free_cash(terms) >= Decimal::ZERO, "cash after {step:?}: {state:?}");
        assert!(state.free_quantity("AAPL") >= Decimal::ZERO, "shares after {step:?}: {state:?}");
        assert!(state.positions.values().all(|p| p.cost >= Decimal::ZERO && p.quantity >= Decimal::ZERO));
    }
    state
}

proptest! {
    #[test]
    fn money_and_shares_are_conserved_and_never_negative(
        cash in decimal(0..2_000_000_000, 6),
        fee in decimal(0..10_000, 6),
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let terms = Terms { fee, ..terms() };
        let state = run(cash, &terms, &steps);
        prop_assert_eq!(&run(cash, &terms, &steps), &state, "deterministic");
        let text = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state, "stored and read back");
    }
}
