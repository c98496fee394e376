//! A conversation as Markdown. No I/O.

use super::model::{Conversation, Message};

/// The text of messages is kept as it was written; commands and decisions follow as JSON.
pub(super) fn markdown(conversation: &Conversation, messages: &[Message]) -> String {
    let mut out = format!("# {}\n\n{} · {}\n", conversation.title, conversation.id, conversation.created_at);
    for message in messages {
        let who = if message.role == "user" { "You" } else { "Agent" };
        let mut part = format!("\n## {who}, {}\n\n{}\n", message.created_at, message.text);
        for (title, values) in [
            ("Commands", serde_json::to_string_pretty(&message.commands.0)),
            ("Decisions", serde_json::to_string_pretty(&message.decisions.0)),
        ] {
            if let Some(json) = values.ok().filter(|json| json != "[]") {
                part = format!("{part}\n{title}:\n\n```json\n{json}\n```\n");
            }
        }
        if let Some(error) = &message.error {
            part = format!("{part}\n*Ended early: {}*\n", error.0.detail);
        }
        out.push_str(&part);
    }
    out
}
