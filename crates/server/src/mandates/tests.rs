//! The checks, one rule at a time, with the words of their refusals.

use sqlx::types::Json;
use uuid::Uuid;

use super::{
    act::{Act, Action, Facts, OrderType, Price, Reason},
    checks::{self, Worth},
    hours::Hours,
    instruments::Instruments,
    model::{Budget, Config, Limits, Mandate, MandateId, Terms},
};
use crate::kernel::{AgentId, At, Micros, Num, TradingAccountId, UserId};

fn num(text: &str) -> Num {
    text.parse().unwrap()
}

fn terms() -> Terms {
    Terms {
        account_ids: vec![TradingAccountId(Uuid::nil())],
        actions: vec![Action::Buy, Action::Sell],
        instruments: Instruments { allow: vec!["AAPL".into(), "IBM".into()], deny: vec![] },
        limits: Limits {
            max_order_value: num("1000"),
            max_daily_value: num("1500"),
            max_daily_orders: 10,
            max_position_value: None,
            max_daily_loss: None,
            currency: "USD".into(),
        },
        approval_above: Some(num("500")),
        min_confidence: None,
        hours: None,
        dry_run: false,
    }
}

fn mandate(terms: Terms) -> Mandate {
    Mandate {
        user_id: UserId(Uuid::nil()),
        id: MandateId(Uuid::nil()),
        agent_id: AgentId(Uuid::nil()),
        terms: Json(terms),
        zone: "America/New_York".into(),
        live: false,
        created_at: At(0),
        updated_at: At(0),
        expires_at: None,
        revoked_at: None,
    }
}

fn act(action: Action, quantity: &str) -> Act {
    Act {
        user: UserId(Uuid::nil()),
        agent: Some(AgentId(Uuid::nil())),
        account: TradingAccountId(Uuid::nil()),
        decision: Uuid::nil(),
        decision_id: "one".into(),
        action,
        symbol: "AAPL".into(),
        quantity: num(quantity),
        order_type: OrderType::Market,
        limit_price: None,
        confidence: Some(0.9),
        reason: None,
        dry_run: false,
        facts: Facts {
            price: Some(Price { last: num("407.16"), currency: "USD".into() }),
            position: Num::ZERO,
            open_buys: Num::ZERO,
            open_sells: Num::ZERO,
            account_currency: "USD".into(),
            live: false,
            lot: num("1"),
            tick: num("0.01"),
            loss_today: Some(Num::ZERO),
            twin: None,
        },
    }
}

fn limit(mut act: Act, price: &str) -> Act {
    act.order_type = OrderType::Limit;
    act.limit_price = Some(num(price));
    act
}

fn sane(act: &Act) -> Worth {
    checks::sanity(act, &Config::default()).unwrap()
}

#[track_caller]
fn refuses<T: std::fmt::Debug>(result: Result<T, Reason>, rule: &str, detail: &str) {
    let reason = result.unwrap_err();
    assert_eq!((reason.rule.as_str(), reason.detail.as_str()), (rule, detail));
}

#[test]
fn a_market_order_counts_at_the_last_price_and_one_per_cent() {
    let worth = sane(&act(Action::Buy, "3"));
    assert_eq!(worth.worst_price, num("411.2316"));
    assert_eq!(worth.worst_case, num("1233.6948"));
    refuses(
        checks::values(&act(Action::Buy, "3"), &terms(), &worth),
        "order_value",
        "order value 1,233.69 USD is above this mandate's limit of 1,000.00 USD per order",
    );
    assert_eq!(checks::values(&act(Action::Buy, "2"), &terms(), &sane(&act(Action::Buy, "2"))), Ok(()));
}

#[test]
fn a_limit_order_counts_at_its_limit() {
    assert_eq!(sane(&limit(act(Action::Buy, "2"), "400")).worst_case, num("800"));
}

#[test]
fn reducing_sells_weigh_nothing_and_opening_ones_do() {
    let mut sell = act(Action::Sell, "5");
    sell.facts.position = num("5");
    assert!(checks::reduces(&sell));
    assert_eq!(sane(&sell).counted, Micros(0));
    assert_eq!(checks::values(&sell, &terms(), &sane(&sell)), Ok(()));
    assert_eq!(checks::approval_line(&terms(), &sane(&sell)), None);
    sell.facts.open_sells = num("1");
    assert!(!checks::reduces(&sell), "one share is being sold already");
    assert_eq!(sane(&sell).counted.num(), num("411.2316"), "four close, one opens");
}

#[test]
fn a_covering_buy_reduces_but_counts() {
    let mut buy = act(Action::Buy, "2");
    buy.facts.position = num("-2");
    assert!(checks::reduces(&buy));
    assert_eq!(sane(&buy).counted.num(), num("822.4632"));
}

#[test]
fn nonsense_is_refused_by_name() {
    let config = Config::default();
    let check = |act: Act| checks::sanity(&act, &config);
    refuses(check(act(Action::Buy, "0")), "sanity", "the quantity must be above zero, not 0");
    refuses(check(act(Action::Buy, "-1")), "sanity", "the quantity must be above zero, not -1");
    refuses(check(act(Action::Buy, "1.5")), "sanity", "the quantity 1.5 is not a multiple of 1");
    refuses(
        check(limit(act(Action::Buy, "1"), "-3")),
        "sanity",
        "the limit price must be above zero, not -3",
    );
    refuses(
        check(limit(act(Action::Buy, "1"), "1.001")),
        "sanity",
        "the limit price 1.001 is not a multiple of 0.01",
    );
    let unpriced =
        Act { facts: Facts { price: None, ..act(Action::Buy, "1").facts }, ..act(Action::Buy, "1") };
    refuses(check(unpriced), "sanity", "there is no price for AAPL");
    let abroad = Act {
        facts: Facts { account_currency: "EUR".into(), ..act(Action::Buy, "1").facts },
        ..act(Action::Buy, "1")
    };
    refuses(check(abroad), "sanity", "AAPL is priced in USD, the account is in EUR");
    refuses(
        check(Act { symbol: "A B".into(), ..act(Action::Buy, "1") }),
        "sanity",
        "A B is not the name of an instrument",
    );
    refuses(
        check(Act { order_type: OrderType::Limit, ..act(Action::Buy, "1") }),
        "sanity",
        "a limit order needs a limit price",
    );
    let vast = Act { quantity: num("999999999999999"), ..act(Action::Buy, "1") };
    refuses(check(vast), "sanity", "the value of the order is out of range");
}

#[test]
fn a_limit_may_be_better_than_the_last_price_but_not_far_worse() {
    let config = Config::default();
    let check = |act: Act| checks::sanity(&act, &config);
    refuses(
        check(limit(act(Action::Buy, "1"), "450")),
        "price_collar",
        "a limit of 450.00 USD is more than 10 % worse than the last price of 407.16 USD",
    );
    assert!(check(limit(act(Action::Buy, "1"), "447.87")).is_ok());
    assert!(check(limit(act(Action::Buy, "1"), "1")).is_ok(), "it rests");
    assert!(check(limit(act(Action::Sell, "1"), "4000")).is_ok(), "it rests");
    assert!(check(limit(act(Action::Sell, "1"), "366")).is_err());
}

#[test]
fn permission_is_side_instrument_hours_and_confidence() {
    let config = Config::default();
    // a Tuesday, 10:31 in New York
    let now = At::from_unix(1_325_604_660);
    let check = |act: Act, terms: Terms| checks::permission(&act, &mandate(terms), now, &config);
    assert_eq!(check(act(Action::Buy, "1"), terms()), Ok(()));
    let only_sell = Terms { actions: vec![Action::Sell], ..terms() };
    refuses(check(act(Action::Buy, "1"), only_sell), "action", "this mandate does not allow to buy");
    let goog = Act { symbol: "GOOG".into(), ..act(Action::Buy, "1") };
    refuses(check(goog, terms()), "instrument", "this mandate does not cover GOOG");
    let hours = Hours { days: vec!["tue".into()], from: "11:00".into(), to: "12:00".into(), zone: None };
    let late = Terms { hours: Some(hours), ..terms() };
    refuses(
        check(act(Action::Buy, "1"), late),
        "hours",
        "this mandate holds tue 11:00 to 12:00 America/New_York",
    );
    for confidence in [None, Some(0.69), Some(f64::NAN), Some(f64::NEG_INFINITY)] {
        let unsure = Act { confidence, ..act(Action::Buy, "1") };
        assert_eq!(check(unsure, terms()).unwrap_err().rule, "confidence", "{confidence:?}");
    }
    let lax = Terms { min_confidence: Some(0.0), ..terms() };
    assert_eq!(check(Act { confidence: None, ..act(Action::Buy, "1") }, lax), Ok(()));
}

#[test]
fn the_position_counts_what_is_in_flight() {
    let terms =
        Terms { limits: Limits { max_position_value: Some(num("1000")), ..terms().limits }, ..terms() };
    let mut buy = act(Action::Buy, "1");
    buy.facts.position = num("1");
    assert_eq!(checks::values(&buy, &terms, &sane(&buy)), Ok(()));
    buy.facts.open_buys = num("1");
    refuses(
        checks::values(&buy, &terms, &sane(&buy)),
        "position_value",
        "a position in AAPL of 1,233.69 USD is above this mandate's limit of 1,000.00 USD per instrument",
    );
}

#[test]
fn the_day_names_what_is_left() {
    let used = Budget { reserved: Micros(0), committed: Micros(1_233_690_000), orders: 3 };
    let worth = sane(&act(Action::Buy, "1"));
    refuses(
        checks::day(used, &terms(), &worth),
        "daily_value",
        "order value 411.23 USD is above the 266.31 USD that are left today of this mandate's limit of 1,500.00 USD per day",
    );
    let many = Budget { orders: 10, ..Budget::default() };
    refuses(
        checks::day(many, &terms(), &worth),
        "daily_orders",
        "all 10 orders that this mandate allows per day are used",
    );
    let mut sell = act(Action::Sell, "1");
    sell.facts.position = num("1");
    assert_eq!(checks::day(used, &terms(), &sane(&sell)), Ok(()), "it only reduces");
    refuses(
        checks::day(many, &terms(), &sane(&sell)),
        "daily_orders",
        "all 10 orders that this mandate allows per day are used",
    );
}

#[test]
fn after_the_loss_limit_only_reducing_orders_pass() {
    let terms = Terms { limits: Limits { max_daily_loss: Some(num("50")), ..terms().limits }, ..terms() };
    let mut buy = act(Action::Buy, "1");
    assert_eq!(checks::loss(&buy, &terms), Ok(()));
    buy.facts.loss_today = Some(num("50"));
    refuses(
        checks::loss(&buy, &terms),
        "daily_loss",
        "today's loss of 50.00 USD has reached this mandate's limit of 50.00 USD: only reducing orders pass",
    );
    buy.facts.loss_today = None;
    assert!(checks::loss(&buy, &terms).is_err(), "not knowing fails closed");
    let mut sell = act(Action::Sell, "1");
    (sell.facts.position, sell.facts.loss_today) = (num("1"), None);
    assert_eq!(checks::loss(&sell, &terms), Ok(()));
}

#[test]
fn the_approval_line_is_passed_only_from_above() {
    let reason = checks::approval_line(&terms(), &sane(&act(Action::Buy, "2"))).unwrap();
    assert_eq!(
        reason.detail,
        "order value 822.46 USD is above 500.00 USD, from where on this mandate asks for approval"
    );
    assert_eq!(checks::approval_line(&terms(), &sane(&limit(act(Action::Buy, "1"), "400"))), None);
    let exact = Terms { approval_above: Some(num("400")), ..terms() };
    assert_eq!(checks::approval_line(&exact, &sane(&limit(act(Action::Buy, "1"), "400"))), None);
}

#[test]
fn money_reads_like_money() {
    for (value, text) in [
        ("1233.69", "1,233.69 USD"),
        ("1000", "1,000.00 USD"),
        ("0.5", "0.50 USD"),
        ("0.000004", "0.000004 USD"),
        ("1234567.891", "1,234,567.89 USD"),
        ("-1234.5", "-1,234.50 USD"),
        ("999", "999.00 USD"),
    ] {
        assert_eq!(checks::money(num(value), "USD"), text);
    }
}

#[test]
fn terms_that_break_rules_are_named_field_by_field() {
    assert_eq!(terms().check(), []);
    let wrong = Terms {
        account_ids: vec![],
        actions: vec![],
        instruments: Instruments { allow: vec!["A*".into()], deny: vec![] },
        limits: Limits {
            max_order_value: num("0"),
            max_daily_value: num("0.0000001"),
            max_daily_orders: 0,
            max_position_value: Some(num("-1")),
            max_daily_loss: Some(num("0")),
            currency: "usd".into(),
        },
        approval_above: Some(num("-1")),
        min_confidence: Some(1.1),
        hours: None,
        dry_run: false,
    };
    let fields: Vec<String> = wrong.check().into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        fields,
        [
            "account_ids",
            "actions",
            "instruments.allow",
            "limits.max_order_value",
            "limits.max_daily_value",
            "limits.max_position_value",
            "limits.max_daily_loss",
            "limits.max_daily_orders",
            "limits.currency",
            "approval_above",
            "min_confidence",
        ]
    );
}

#[test]
fn each_wider_field_widens_and_its_opposite_does_not() {
    let config = Config::default();
    let base = Terms {
        min_confidence: Some(0.8),
        dry_run: true,
        actions: vec![Action::Buy],
        limits: Limits {
            max_position_value: Some(num("10")),
            max_daily_loss: Some(num("10")),
            ..terms().limits
        },
        ..terms()
    };
    let limits = |change: fn(&mut Limits)| {
        let mut changed = base.clone();
        change(&mut changed.limits);
        changed
    };
    let wider = [
        Terms { account_ids: vec![TradingAccountId(Uuid::from_u128(7))], ..base.clone() },
        Terms { actions: vec![Action::Buy, Action::Sell], ..base.clone() },
        Terms { instruments: Instruments { allow: vec!["*".into()], deny: vec![] }, ..base.clone() },
        Terms { approval_above: None, ..base.clone() },
        Terms { approval_above: Some(num("501")), ..base.clone() },
        Terms { min_confidence: None, ..base.clone() },
        Terms { dry_run: false, ..base.clone() },
        limits(|limits| limits.max_order_value = Num(1001.into())),
        limits(|limits| limits.max_daily_value = Num(1501.into())),
        limits(|limits| limits.max_daily_orders = 11),
        limits(|limits| limits.max_position_value = None),
        limits(|limits| limits.max_daily_loss = Some(Num(11.into()))),
        limits(|limits| limits.currency = "EUR".into()),
    ];
    for (index, wide) in wider.iter().enumerate() {
        assert!(base.is_widened_by(wide, (None, None), &config), "change {index} widens");
    }
    // the opposite of each; other accounts and another currency widen both ways
    for (index, wide) in wider.iter().enumerate().filter(|(index, _)| ![0, 12].contains(index)) {
        assert!(!wide.is_widened_by(&base, (None, None), &config), "undoing change {index} tightens");
    }
    assert!(!base.is_widened_by(&base, (None, Some(At(5))), &config));
    assert!(base.is_widened_by(&base, (Some(At(5)), None), &config));
    assert!(base.is_widened_by(&base, (Some(At(5)), Some(At(6))), &config));
}
