//! An answer as it grows, and the events that tell of it. No I/O.

use mandate_llm::Event as Said;
use mandate_llm::envelope::{Command, Envelope, Kind, Reader};
use serde_json::{Value, json};

use super::model::RunEvent;

/// Most that a model may say in one answer, in bytes.
const LONGEST: usize = 256 * 1024;

/// What was said, and which of it is not written down yet.
pub(super) struct Answer {
    reader: Option<Reader>,
    pub text: String,
    pub reasoning: String,
    pub commands: Vec<Command>,
    pub decisions: Vec<Value>,
    said: usize,
    seq: i64,
    pending: Vec<RunEvent>,
}

impl Answer {
    /// `seq` is the number of the last event that is written down.
    pub fn new(seq: i64) -> Self {
        Self {
            reader: Some(Reader::new()),
            text: String::new(),
            reasoning: String::new(),
            commands: Vec::new(),
            decisions: Vec::new(),
            said: 0,
            seq,
            pending: Vec::new(),
        }
    }

    /// Takes what the model said. False: it says too much.
    pub fn hear(&mut self, said: &Said) -> bool {
        match said {
            Said::Text(piece) => {
                self.said += piece.len();
                let shown = self.reader.as_mut().map(|reader| reader.push(piece)).unwrap_or_default();
                self.show(&shown);
            }
            Said::Reasoning(piece) => {
                self.said += piece.len();
                self.reasoning.push_str(piece);
                self.add("reasoning", piece);
            }
            Said::ToolCall(call) => {
                self.said += call.arguments.len();
                self.event("tool", &json!({"id": call.id, "name": call.name, "arguments": call.arguments}));
            }
            Said::Usage(_) | Said::Stop(_) => {}
        }
        self.said <= LONGEST
    }

    /// The model is done: what it wants, told as `commands` where it wants anything.
    pub fn close(&mut self) -> Vec<Command> {
        let Some(reader) = self.reader.take() else { return Vec::new() };
        let (rest, envelope) = reader.finish();
        self.show(&rest);
        let Envelope { commands, confidence, .. } = envelope;
        let wanted: Vec<Command> =
            commands.into_iter().filter(|command| command.kind() != Kind::Nothing).collect();
        if !wanted.is_empty() {
            let unknown: Vec<&str> =
                wanted.iter().filter(|c| c.kind() == Kind::Unknown).map(|c| c.command.as_str()).collect();
            self.event(
                "commands",
                &json!({"commands": wanted, "confidence": confidence, "unknown": unknown}),
            );
        }
        self.commands.clone_from(&wanted);
        wanted
    }

    /// A sentence of ours after what the model said.
    pub fn sentence(&mut self, sentence: &str) {
        let gap = if self.text.is_empty() { "" } else { "\n\n" };
        self.show(&format!("{gap}{sentence}"));
    }

    pub fn decision(&mut self, decision: Value) {
        self.event("decision", &decision);
        self.decisions.push(decision);
    }

    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The events that are not written down yet, numbered.
    pub fn take(&mut self) -> Vec<RunEvent> {
        std::mem::take(&mut self.pending)
    }

    pub fn event(&mut self, event: &str, data: &Value) {
        self.push(event, data.to_string());
    }

    pub fn push(&mut self, event: &str, data: String) {
        self.seq += 1;
        self.pending.push(RunEvent { seq: self.seq, event: event.to_owned(), data });
    }

    fn show(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.text.push_str(piece);
            self.add("delta", piece);
        }
    }

    /// Text joins the text before it while that is not written down.
    fn add(&mut self, event: &str, piece: &str) {
        if let Some(last) = self.pending.last_mut().filter(|last| last.event == event)
            && let Ok(mut data) = serde_json::from_str::<Value>(&last.data)
            && let Some(before) = data["text"].as_str()
        {
            data["text"] = Value::String(format!("{before}{piece}"));
            last.data = data.to_string();
            return;
        }
        self.event(event, &json!({ "text": piece }));
    }
}

/// What a stored run said, for the message of a run whose node is gone.
pub(super) fn replay(events: &[RunEvent]) -> Answer {
    let mut answer = Answer::new(events.last().map_or(0, |last| last.seq));
    answer.reader = None;
    for event in events {
        let Ok(data) = serde_json::from_str::<Value>(&event.data) else { continue };
        let text = data["text"].as_str().unwrap_or_default();
        match event.event.as_str() {
            "delta" => answer.text.push_str(text),
            "reasoning" => answer.reasoning.push_str(text),
            "commands" => {
                answer.commands = serde_json::from_value(data["commands"].clone()).unwrap_or_default();
            }
            "decision" => answer.decisions.push(data),
            _ => {}
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_join_until_they_are_taken() {
        let mut answer = Answer::new(1);
        for piece in ["Hel", "lo ", "you"] {
            assert!(answer.hear(&Said::Text(piece.into())));
        }
        let events = answer.take();
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].seq, events[0].data.as_str()), (2, r#"{"text":"Hello you"}"#));
        answer.hear(&Said::Text("!".into()));
        assert_eq!(answer.take()[0].seq, 3);
        assert_eq!(answer.text, "Hello you!");
    }

    #[test]
    fn commands_are_told_once_and_survive_a_replay() {
        let mut answer = Answer::new(1);
        answer.hear(&Said::Text(r#"{"commands":[{"command":"placeOrder"},{"command":"none"},{"command":"x"}],"naturalResponse":"ok"}"#.into()));
        let wanted = answer.close();
        answer.decision(json!({"status": "rejected"}));
        answer.sentence("Refused.");
        assert_eq!(wanted.len(), 2);
        let events = answer.take();
        let names: Vec<&str> = events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(names, ["delta", "commands", "decision", "delta"]);
        let again = replay(&events);
        assert_eq!(
            (again.text.as_str(), again.commands, again.decisions.len()),
            ("ok\n\nRefused.", wanted, 1)
        );
        assert_eq!(again.seq, events[3].seq);
    }

    #[test]
    fn a_model_that_never_stops_is_stopped() {
        let mut answer = Answer::new(1);
        let piece = Said::Text("x".repeat(LONGEST / 2));
        assert!(answer.hear(&piece) && answer.hear(&piece));
        assert!(!answer.hear(&piece));
    }
}
