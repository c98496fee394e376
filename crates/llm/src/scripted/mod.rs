//! A deterministic model for demos and tests: fixed rules, no network, no randomness.
//!
//! It understands plain requests about charts, orders and holdings, and answers with a command envelope, streamed
//! word by word. `conformance/scripted.json` lists what it understands.
//!
//! INVARIANT: an order is proposed only when every word of the request was understood and side, symbol and amount
//! are each named exactly once; anything else is asked back with no command (`order::propose`).
//! INVARIANT: it says that it is scripted in its first answer of a conversation and whenever it is asked.

mod chart;
mod names;
mod numbers;
mod order;
mod questions;
mod reply;
mod scan;
#[cfg(test)]
mod tests;
mod words;

use std::time::Duration;

use async_stream::stream;

pub use reply::{Kind, Reply};

use crate::{Event, Events, Message, Model, Request, Role, Stop, Usage};
use words::Words;

/// What it says of itself.
pub const ADMISSION: &str = "I am a scripted model: I follow fixed rules and do not think.";

/// `pace` is the pause between two words; zero in tests.
#[derive(Debug, Clone, Default)]
pub struct Scripted {
    pub pace: Duration,
}

impl Model for Scripted {
    fn stream(&self, request: Request) -> Events {
        let pace = self.pace;
        Box::pin(stream! {
            let answer = answer(&request).to_envelope();
            let words = answer.split_inclusive(' ');
            let mut count = 0;
            for word in words {
                if !pace.is_zero() {
                    tokio::time::sleep(pace).await;
                }
                count += 1;
                yield Ok(Event::Text(word.to_owned()));
            }
            yield Ok(Event::Usage(Usage { input: asked_words(&request), output: count }));
            yield Ok(Event::Stop(Stop::Done));
        })
    }
}

/// The answer to the last message, as a value.
pub fn answer(request: &Request) -> Reply {
    let (last, before) = match request.messages.split_last() {
        Some((last, before)) if last.role == Role::User => (last.content.as_str(), before),
        _ => ("", request.messages.as_slice()),
    };
    let mut reply = follow_up(request, last, before).unwrap_or_else(|| understand(last, request));
    let first = !before.iter().any(|message| message.role == Role::Assistant);
    if first && !reply.words.contains(ADMISSION) {
        reply.words = format!("{ADMISSION} {}", reply.words);
    }
    reply
}

/// A short answer to our own question ("how many?" "5") completes the request that we asked about.
fn follow_up(request: &Request, last: &str, before: &[Message]) -> Option<Reply> {
    let alone = understand(last, request);
    let fragment = match alone.kind {
        Kind::Question => !alone.understood,
        // a symbol alone is a request for its chart, unless we just asked for a symbol
        Kind::Chart => true,
        _ => false,
    };
    if !fragment || last.split_whitespace().count() > 3 {
        return None;
    }
    let earlier = before.iter().rev().find(|message| message.role == Role::User)?;
    let question = understand(&earlier.content, request);
    if question.kind != Kind::Question || !question.open {
        return None;
    }
    let whole = understand(&format!("{} {last}", earlier.content), request);
    (whole.kind == Kind::Trade).then_some(whole)
}

fn understand(text: &str, request: &Request) -> Reply {
    let words = Words::of(text);
    let context = &request.context;
    questions::about_itself(&words, context)
        .or_else(|| order::propose(&words, context))
        .or_else(|| order::cancel(&words))
        .or_else(|| questions::about_money(&words, context))
        .or_else(|| chart::change(&words, context))
        .or_else(|| questions::small_talk(&words))
        .unwrap_or_else(|| questions::unclear(&words, context))
}

fn asked_words(request: &Request) -> u64 {
    request.messages.iter().map(|message| message.content.split_whitespace().count() as u64).sum()
}
