//! The hash binds to every field of the order.

use proptest::prelude::*;
use uuid::Uuid;

use super::{OrderView, order_hash};
use crate::{
    kernel::{Num, TradingAccountId},
    mandates::{
        act::{Action, OrderType},
        model::MandateId,
    },
};

fn order() -> impl Strategy<Value = OrderView> {
    let money = || (1_i64..1_000_000).prop_map(|units| Num(rust_decimal::Decimal::new(units, 2)));
    (any::<u128>(), "[A-C]{1,2}", any::<bool>(), money(), prop::option::of(money()), money(), "(USD|EUR)")
        .prop_map(|(account, symbol, buys, quantity, limit_price, worst_case_value, currency)| OrderView {
            account_id: TradingAccountId(Uuid::from_u128(account)),
            symbol,
            side: if buys { Action::Buy } else { Action::Sell },
            quantity,
            order_type: if limit_price.is_some() { OrderType::Limit } else { OrderType::Market },
            limit_price,
            worst_case_value,
            currency,
        })
}

const DECISION: Uuid = Uuid::from_u128(1);
const MANDATE: MandateId = MandateId(Uuid::from_u128(2));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn two_orders_have_one_hash_only_when_they_are_one(one in order(), other in order()) {
        prop_assert_eq!(one == other, order_hash(DECISION, MANDATE, &one) == order_hash(DECISION, MANDATE, &other));
    }

    #[test]
    fn changing_any_field_changes_the_hash(one in order(), other in order(), field in 0_usize..8) {
        let mut changed = one.clone();
        match field {
            0 => changed.account_id = other.account_id,
            1 => changed.symbol = other.symbol,
            2 => changed.side = other.side,
            3 => changed.quantity = other.quantity,
            4 => changed.order_type = other.order_type,
            5 => changed.limit_price = other.limit_price,
            6 => changed.worst_case_value = other.worst_case_value,
            _ => changed.currency = other.currency,
        }
        prop_assert_eq!(one == changed, order_hash(DECISION, MANDATE, &one) == order_hash(DECISION, MANDATE, &changed));
    }

    #[test]
    fn it_binds_to_decision_and_mandate(one in order()) {
        let hash = order_hash(DECISION, MANDATE, &one);
        prop_assert_ne!(&hash, &order_hash(Uuid::from_u128(9), MANDATE, &one));
        prop_assert_ne!(&hash, &order_hash(DECISION, MandateId(Uuid::from_u128(9)), &one));
        prop_assert_eq!(hash.len(), 64);
    }
}

#[test]
fn numbers_that_are_equal_hash_alike() {
    let order = |quantity: &str| OrderView {
        account_id: TradingAccountId(Uuid::nil()),
        symbol: "AAPL".into(),
        side: Action::Buy,
        quantity: quantity.parse().unwrap(),
        order_type: OrderType::Market,
        limit_price: None,
        worst_case_value: Num(1.into()),
        currency: "USD".into(),
    };
    assert_eq!(order_hash(DECISION, MANDATE, &order("2")), order_hash(DECISION, MANDATE, &order("2.00")));
    assert_eq!(
        order_hash(DECISION, MANDATE, &order("2")),
        "6f1742122e474e93e9a633831ec9e54ee61450f20f26ff4b62ade3832578d00f",
        "the hash is part of what people and systems may keep"
    );
}
