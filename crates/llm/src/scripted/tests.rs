use futures::StreamExt;
use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::{Context, envelope};

const SENTENCES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/scripted.json"));

#[derive(Deserialize)]
struct File {
    context: Context,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    says: String,
    kind: String,
    #[serde(default)]
    commands: Vec<Value>,
    /// What the words must contain.
    #[serde(default)]
    mentions: Vec<String>,
    /// Earlier messages, the person's first.
    #[serde(default)]
    after: Vec<String>,
    #[serde(default)]
    context: Option<Context>,
}

fn request(context: &Context, says: &[&str]) -> Request {
    let role = |index| if index % 2 == 0 { Role::User } else { Role::Assistant };
    let messages = says
        .iter()
        .enumerate()
        .map(|(index, text)| Message { role: role(index), content: (*text).into() })
        .collect();
    Request { instructions: String::new(), messages, context: context.clone() }
}

async fn text(request: Request) -> String {
    let mut events = Scripted::default().stream(request);
    let mut text = String::new();
    while let Some(event) = events.next().await {
        if let Event::Text(piece) = event.expect("scripted never fails") {
            text.push_str(&piece);
        }
    }
    text
}

#[tokio::test]
async fn every_sentence_of_the_conformance_file() {
    let file: File = serde_json::from_str(SENTENCES).expect("the file is valid");
    let questions = file.cases.iter().filter(|case| case.kind == "question").count();
    assert!(file.cases.len() >= 60 && questions >= 15, "{} cases, {questions} unclear", file.cases.len());
    let mut wrong = Vec::new();
    for case in &file.cases {
        let mut says: Vec<&str> = case.after.iter().map(String::as_str).collect();
        says.push(&case.says);
        let request = request(case.context.as_ref().unwrap_or(&file.context), &says);
        let kind = format!("{:?}", answer(&request).kind).to_lowercase();
        let envelope = envelope::parse(&text(request).await);
        let commands: Vec<Value> = envelope
            .commands
            .iter()
            .map(|c| serde_json::json!({"command": c.command, "parameters": c.parameters}))
            .collect();
        let words = &envelope.natural_response;
        let fits = kind == case.kind
            && commands == case.commands
            && case.mentions.iter().all(|part| words.contains(part.as_str()))
            && words.ends_with('?') == (case.kind == "question")
            && !words.is_empty();
        if !fits {
            wrong.push(format!("{:?}: {kind} {} {words:?}", case.says, Value::Array(commands)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), file.cases.len(), wrong.join("\n"));
}

#[tokio::test]
async fn says_once_that_it_is_scripted() {
    let context = Context::default();
    let first = text(request(&context, &["hello"])).await;
    assert!(first.contains(ADMISSION));
    let second = text(request(&context, &["hello", &first, "hello"])).await;
    assert!(!second.contains(ADMISSION));
    let asked = text(request(&context, &["hello", &first, "are you a real AI?"])).await;
    assert!(asked.contains(ADMISSION));
}

proptest::proptest! {
    /// Whatever is written, an order has a positive amount and comes alone.
    #[test]
    fn no_request_panics_or_orders_nonsense(text in "((buy|sell|half|my|all|5|-3|nan|1e9|\\$20|AAPL|IBM|and|at|of|limit|show|weekly|average|cancel|ord_1|\\PC{0,4}) ?){0,9}") {
        let file: File = serde_json::from_str(SENTENCES).expect("the file is valid");
        let reply = answer(&request(&file.context, &[&text]));
        let orders: Vec<&Value> = reply.commands.iter().filter(|(name, _)| *name == "placeOrder").map(|(_, p)| p).collect();
        proptest::prop_assert!(orders.len() <= 1);
        for order in orders {
            let quantity: rust_decimal::Decimal = order["quantity"].as_str().expect("text").parse().expect("decimal");
            proptest::prop_assert!(quantity > rust_decimal::Decimal::ZERO);
        }
        if reply.kind == Kind::Question {
            proptest::prop_assert!(reply.commands.is_empty());
        }
    }
}
