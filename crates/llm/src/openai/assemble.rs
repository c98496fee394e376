//! Chunks in, events out. No I/O.

use crate::{Error, Event, Stop, ToolCall, Usage};

use super::event_text;
use super::wire::{Chunk, ToolPiece, words_in};

/// More tool calls than this in one answer are an error, so that an index cannot make us allocate.
const TOOLS: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Assembly {
    tools: Vec<ToolCall>,
    stopped: bool,
}

impl Assembly {
    /// One frame's data.
    pub(super) fn take(&mut self, data: &str) -> Result<Vec<Event>, Error> {
        let chunk: Chunk = serde_json::from_str(data).map_err(|error| Error::Malformed(error.to_string()))?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(Error::Provider(words_in(&error).unwrap_or_else(|| error.to_string())));
        }
        let mut events = Vec::new();
        // only the first choice: we never ask for more
        if let Some(choice) = chunk.choices.into_iter().next() {
            let delta = choice.delta.unwrap_or_default();
            let reasoning = delta.reasoning_content.or_else(|| Some(delta.reasoning?.as_str()?.to_owned()));
            events.extend(event_text(reasoning, Event::Reasoning));
            events.extend(event_text(delta.content, Event::Text));
            for piece in delta.tool_calls.into_iter().flatten() {
                self.tool(piece)?;
            }
            if let Some(reason) = choice.finish_reason.filter(|_| !self.stopped) {
                self.stopped = true;
                events.extend(self.tools.drain(..).map(Event::ToolCall));
                events.push(Event::Stop(stop(reason)));
            }
        }
        if let Some(usage) = chunk.usage {
            events.push(Event::Usage(Usage { input: usage.prompt_tokens, output: usage.completion_tokens }));
        }
        Ok(events)
    }

    fn tool(&mut self, piece: ToolPiece) -> Result<(), Error> {
        if piece.index >= TOOLS {
            return Err(Error::Malformed(format!("tool call number {}", piece.index)));
        }
        while self.tools.len() <= piece.index {
            self.tools.push(ToolCall { id: String::new(), name: String::new(), arguments: String::new() });
        }
        let tool = &mut self.tools[piece.index];
        if let Some(id) = piece.id {
            tool.id = id;
        }
        if let Some(function) = piece.function {
            tool.name.push_str(&function.name.unwrap_or_default());
            tool.arguments.push_str(&function.arguments.unwrap_or_default());
        }
        Ok(())
    }

    /// The end of the stream.
    pub(super) fn finish(self) -> Result<Vec<Event>, Error> {
        if self.stopped { Ok(Vec::new()) } else { Err(Error::Interrupted) }
    }
}

fn stop(reason: String) -> Stop {
    match reason.as_str() {
        "stop" => Stop::Done,
        "length" => Stop::Length,
        "tool_calls" | "function_call" => Stop::ToolCalls,
        "content_filter" => Stop::Filtered,
        _ => Stop::Other(reason),
    }
}
