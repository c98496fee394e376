//! What the scripted model answers, before it becomes an envelope.

use serde_json::{Map, Value, json};

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Chart commands.
    Chart,
    /// One trading command.
    Trade,
    /// Words only.
    Answer,
    /// Words only, and they end with a question mark: nothing is done until the person says more.
    Question,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub kind: Kind,
    /// `command` and `parameters` of each.
    pub commands: Vec<(&'static str, Value)>,
    pub words: String,
    /// A question that a quantity or a symbol alone can answer.
    pub open: bool,
    /// The request itself was understood, also when it is refused.
    pub understood: bool,
}

impl Reply {
    pub(super) fn chart(commands: Vec<(&'static str, Value)>, words: String) -> Self {
        Self { kind: Kind::Chart, commands, words, open: false, understood: true }
    }

    pub(super) fn trade(command: &'static str, parameters: Map<String, Value>, words: String) -> Self {
        let commands = vec![(command, Value::Object(parameters))];
        Self { kind: Kind::Trade, commands, words, open: false, understood: true }
    }

    pub(super) fn answer(words: impl Into<String>) -> Self {
        Self { kind: Kind::Answer, commands: Vec::new(), words: words.into(), open: false, understood: true }
    }

    pub(super) fn question(words: impl Into<String>) -> Self {
        Self {
            kind: Kind::Question,
            commands: Vec::new(),
            words: words.into(),
            open: false,
            understood: true,
        }
    }

    /// A question because something was not named.
    pub(super) fn missing(words: impl Into<String>) -> Self {
        Self { open: true, ..Self::question(words) }
    }

    /// A question because the request was not understood at all.
    pub(super) fn lost(words: impl Into<String>) -> Self {
        Self { understood: false, ..Self::question(words) }
    }

    fn confidence(&self) -> f64 {
        match self.kind {
            Kind::Question => 0.2,
            _ => 0.95,
        }
    }

    /// The envelope as text, its keys in the order in which people need them.
    pub fn to_envelope(&self) -> String {
        let confidence = self.confidence();
        let commands: Vec<Value> = self
            .commands
            .iter()
            .map(|(name, parameters)| json!({"command": name, "parameters": parameters, "confidence": confidence}))
            .collect();
        let (commands, words) = (Value::Array(commands), Value::String(self.words.clone()));
        format!(r#"{{"commands":{commands},"naturalResponse":{words},"confidence":{confidence}}}"#)
    }
}
