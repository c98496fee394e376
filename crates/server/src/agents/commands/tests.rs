use serde_json::json;

use super::order::{CancelOrder, PlaceOrder};
use crate::mandates::OrderType;
use crate::trading::Wanted;

#[test]
fn orders_are_read_as_written_or_refused() {
    let order = json!({"symbol": "AAPL", "side": "BUY", "quantity": "5", "order_type": "Limit", "limit_price": 400.5});
    let order = PlaceOrder::read(&order).unwrap();
    assert_eq!(order.side(), Ok(Wanted::Buy));
    assert_eq!(order.order_type(), Ok(Some(OrderType::Limit)));
    assert_eq!(order.quantity.to_string(), "5");
    for bad in [
        json!({"symbol": "AAPL", "side": "buy", "quantity": "NaN"}),
        json!({"symbol": "AAPL", "side": "buy"}),
        json!({"symbol": "AAPL", "side": "buy", "quantity": "1", "stop_price": "3"}),
        json!({"symbol": "AAPL", "side": "buy", "quantity": "1e99"}),
        json!({"symbol": 7, "side": "buy", "quantity": "1"}),
        json!("buy AAPL"),
        json!(null),
    ] {
        let reason = PlaceOrder::read(&bad).unwrap_err();
        assert_eq!(reason.rule, "command", "{bad}");
    }
    let short = json!({"symbol": "AAPL", "side": "short", "quantity": 1});
    assert!(PlaceOrder::read(&short).unwrap().side().is_err());
}

#[test]
fn cancels_name_one_order() {
    let id = "ord_0192f3c4a5b6778899aabbccddeeff00";
    assert_eq!(CancelOrder::read(&json!({ "order_id": id })).unwrap().order_id.to_string(), id);
    assert!(CancelOrder::read(&json!({"order_id": "usr_0192f3c4a5b6778899aabbccddeeff00"})).is_err());
    assert!(CancelOrder::read(&json!({ "order_id": id, "all": true })).is_err());
}
