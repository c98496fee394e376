//! The command envelope: how a model says what it wants done.
//!
//! `{"commands":[{"command","parameters","confidence"}],"naturalResponse","confidence"}` somewhere in its text,
//! in prose or a code fence. The first `{` that begins like a JSON object (a quoted key or `}` follows) decides:
//! if a whole object parses from there it is the envelope, whatever stands around it; if not, there is no envelope
//! and the whole text is natural.
//!
//! INVARIANT: a broken or cut envelope yields no command ([`parse`]).
//! INVARIANT: reading piece by piece ends with exactly what [`parse`] says of the whole text ([`Reader`]).

mod reader;
mod scan;
#[cfg(test)]
mod tests;

pub use reader::Reader;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The confidence of an envelope that names none.
pub const DEFAULT_CONFIDENCE: f64 = 0.8;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    pub commands: Vec<Command>,
    /// What people see.
    pub natural_response: String,
    /// Between 0 and 1.
    pub confidence: f64,
}

/// Kept as the model wrote it, also when nobody knows it: unknown commands are reported, never executed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Empty if the model's entry was not an object with a `command`; `parameters` then holds the entry.
    pub command: String,
    pub parameters: Value,
    /// Between 0 and 1; the envelope's where the command names none.
    pub confidence: f64,
}

/// What a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Changes what the person sees, nothing else.
    Chart,
    /// Becomes a decision.
    Trading,
    /// `none`: the model says that nothing is to be done.
    Nothing,
    Unknown,
}

impl Command {
    pub fn kind(&self) -> Kind {
        match self.command.as_str() {
            "changeSymbol" | "setTimeframe" | "addIndicator" | "removeIndicator" => Kind::Chart,
            "placeOrder" | "cancelOrder" | "createAlert" => Kind::Trading,
            "none" => Kind::Nothing,
            _ => Kind::Unknown,
        }
    }
}

impl Envelope {
    fn natural(text: &str) -> Self {
        Self { commands: Vec::new(), natural_response: text.to_owned(), confidence: DEFAULT_CONFIDENCE }
    }

    fn from_object(mut object: Map<String, Value>) -> Self {
        let confidence = confidence(object.get("confidence"), DEFAULT_CONFIDENCE);
        let commands = match object.remove("commands") {
            Some(Value::Array(entries)) => {
                entries.into_iter().map(|entry| command(entry, confidence)).collect()
            }
            _ => Vec::new(),
        };
        let natural_response = match object.remove("naturalResponse") {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        Self { commands, natural_response, confidence }
    }
}

/// Reads a whole answer.
pub fn parse(text: &str) -> Envelope {
    match scan::candidate(text) {
        scan::Candidate::At(start) => {
            object_at(&text[start..]).map_or_else(|| Envelope::natural(text), Envelope::from_object)
        }
        scan::Candidate::Undecided(_) | scan::Candidate::None => Envelope::natural(text),
    }
}

/// The object that begins `text`; what follows it does not matter.
fn object_at(text: &str) -> Option<Map<String, Value>> {
    serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>().next()?.ok()
}

fn command(entry: Value, inherited: f64) -> Command {
    let name = entry.get("command").and_then(Value::as_str).map(str::to_owned);
    match (name, entry) {
        (Some(command), Value::Object(mut entry)) => Command {
            command,
            confidence: confidence(entry.get("confidence"), inherited),
            parameters: entry.remove("parameters").unwrap_or_else(|| Value::Object(Map::new())),
        },
        (_, parameters) => Command { command: String::new(), parameters, confidence: inherited },
    }
}

/// Missing or null: `missing`. Anything that is not a number counts as no confidence at all.
fn confidence(value: Option<&Value>, missing: f64) -> f64 {
    match value {
        None | Some(Value::Null) => missing,
        Some(value) => value.as_f64().unwrap_or(0.0).clamp(0.0, 1.0),
    }
}
