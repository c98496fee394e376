//! Trading over HTTP: decisions, orders, positions, races and crashes.

mod accounts;
mod crash;
mod decisions;
mod ndollar;
mod orders;
mod races;

use serde_json::{Value, json};

use crate::harness::Person;

/// The demo agent, which everybody may use (`mandate::agents::DEMO_AGENT`).
pub const AGENT: &str = "agt_01900000000070008000000000000001";

/// A paper account with this much cash; its id.
pub async fn paper(person: &Person, cash: &str) -> String {
    let body = json!({ "broker": "paper", "cash": cash });
    let account = person.post("/v1/trading-accounts", body).await.expect(201);
    assert_eq!(account["status"], "active");
    account["account_id"].as_str().unwrap().to_owned()
}

/// A mandate for `AGENT` with limits on order value, daily value and daily orders.
pub async fn mandate(
    person: &Person,
    account: &str,
    limits: (&str, &str, u32),
    above: Option<&str>,
) -> String {
    let body = json!({
        "agent_id": AGENT,
        "account_ids": [account],
        "actions": ["buy", "sell"],
        "instruments": { "allow": ["AAPL", "IBM"] },
        "limits": {
            "max_order_value": limits.0, "max_daily_value": limits.1, "max_daily_orders": limits.2,
            "currency": "USD"
        },
        "approval_above": above,
    });
    let mandate = person.post("/v1/mandates", body).await.expect(201);
    mandate["mandate_id"].as_str().unwrap().to_owned()
}

/// The agent wants to trade.
pub fn wish(account: &str, id: &str, action: &str, symbol: &str, quantity: &str) -> Value {
    json!({
        "decision_id": id, "agent_id": AGENT, "account_id": account, "action": action, "symbol": symbol,
        "quantity": quantity, "confidence": 0.9
    })
}

/// The same by the person.
pub fn own_wish(account: &str, id: &str, action: &str, symbol: &str, quantity: &str) -> Value {
    json!({
        "decision_id": id, "account_id": account, "action": action, "symbol": symbol, "quantity": quantity
    })
}

pub async fn decide(person: &Person, wish: Value) -> Value {
    person.post("/v1/decisions", wish).await.expect(200)
}

/// Status and the rule that refused.
pub fn outcome(decision: &Value) -> (&str, &str) {
    (decision["status"].as_str().unwrap(), decision["reasons"][0]["rule"].as_str().unwrap_or_default())
}

pub fn number(value: &Value) -> rust_decimal::Decimal {
    value.as_str().unwrap_or_else(|| panic!("not a number: {value}")).parse().unwrap()
}

/// All of one's orders.
pub async fn orders(person: &Person) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = person.get(&format!("/v1/orders?limit=200&cursor={cursor}")).await.expect(200);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return all,
        }
    }
}
