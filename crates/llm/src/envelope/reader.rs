//! An answer read while it is being written: shows people the natural response as it grows, and nothing of the
//! envelope around it.
//!
//! Prose before an envelope is shown (it is on the screen before anybody can know that an envelope follows), then
//! a blank line, then the natural response; prose after it is not.

use super::scan::{self, Candidate};
use super::{Envelope, object_at, parse};

/// Feed it with [`push`](Self::push), end it with [`finish`](Self::finish). What it yields does not depend on how
/// the text was cut into pieces.
#[derive(Debug, Default)]
pub struct Reader {
    text: String,
    /// How far `text` has been shown as prose.
    shown: usize,
    any_prose: bool,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Prose,
    Object(Object),
    /// The envelope is complete, or broken after some of it was shown: nothing more is for people.
    Silent,
    /// It began like an envelope and is none: the text is what it is.
    Plain,
}

impl Reader {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece; gives what people should see of it, often nothing.
    pub fn push(&mut self, piece: &str) -> String {
        self.text.push_str(piece);
        let mut out = String::new();
        if matches!(self.state, State::Prose) {
            self.prose(&mut out);
        }
        if let State::Object(object) = &mut self.state {
            let natural = object.read(&self.text);
            if !natural.is_empty() {
                // the blank line between prose and natural response
                if self.any_prose && !object.spoke {
                    out.push_str("\n\n");
                }
                object.spoke = true;
                out.push_str(&natural);
            }
            self.state = match (object.done, object.spoke) {
                (None, _) => return out,
                (Some(true), _) if object_at(&self.text[object.start..]).is_some() => State::Silent,
                (Some(_), true) => State::Silent,
                (Some(_), false) => State::Plain,
            };
        }
        if matches!(self.state, State::Plain) {
            self.show(self.text.len(), &mut out);
        }
        out
    }

    /// The end of the text: what is still to be shown, and the envelope, equal to [`parse`] of the whole.
    pub fn finish(mut self) -> (String, Envelope) {
        let mut out = String::new();
        let quiet = match &self.state {
            State::Prose | State::Plain => false,
            State::Object(object) => object.spoke,
            State::Silent => true,
        };
        if !quiet {
            self.show(self.text.len(), &mut out);
        }
        (out, parse(&self.text))
    }

    /// The text as the model wrote it so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn prose(&mut self, out: &mut String) {
        // a `{` that was ruled out lies before `shown` or is shown with the prose around it
        match scan::candidate(&self.text[self.shown..]) {
            Candidate::At(offset) => {
                let start = self.shown + offset;
                let until = self.shown + scan::without_wrapping(&self.text[self.shown..start]);
                self.show(until, out);
                self.state = State::Object(Object::new(start));
            }
            Candidate::Undecided(offset) => {
                let until = self.shown + scan::surely_prose(&self.text[self.shown..self.shown + offset]);
                self.show(until, out);
            }
            Candidate::None => {
                let until = self.shown + scan::surely_prose(&self.text[self.shown..]);
                self.show(until, out);
            }
        }
    }

    fn show(&mut self, until: usize, out: &mut String) {
        let piece = &self.text[self.shown..until];
        self.any_prose |= !piece.trim().is_empty();
        out.push_str(piece);
        self.shown = until;
    }
}

/// Follows an object just closely enough to find its end and the string under its own `naturalResponse` key.
#[derive(Debug)]
struct Object {
    start: usize,
    at: usize,
    depth: u32,
    spoke: bool,
    /// `Some(true)` at the closing brace, `Some(false)` when it can no longer be JSON.
    done: Option<bool>,
    string: Option<Text>,
    key: String,
    /// After a colon at depth 1: the value of `key` comes.
    value: bool,
    natural_seen: bool,
}

/// A string being read.
#[derive(Debug)]
enum Text {
    Key(String),
    Natural,
    Other,
}

impl Object {
    fn new(start: usize) -> Self {
        Self {
            start,
            at: start,
            depth: 0,
            spoke: false,
            done: None,
            string: None,
            key: String::new(),
            value: false,
            natural_seen: false,
        }
    }

    /// Reads on to the end of `text`; gives the new characters of the natural response.
    fn read(&mut self, text: &str) -> String {
        let mut out = String::new();
        while self.done.is_none() {
            let rest = &text[self.at..];
            let Some(c) = rest.chars().next() else { break };
            if self.string.is_some() {
                match unescape(rest) {
                    Unescaped::More => break,
                    Unescaped::Broken => self.done = Some(false),
                    Unescaped::End => {
                        self.at += 1;
                        if let Some(Text::Key(key)) = self.string.take() {
                            self.key = key;
                        }
                    }
                    Unescaped::Char(c, length) => {
                        self.at += length;
                        match &mut self.string {
                            Some(Text::Key(key)) => key.push(c),
                            Some(Text::Natural) => out.push(c),
                            _ => {}
                        }
                    }
                }
            } else {
                self.at += c.len_utf8();
                self.structure(c);
            }
        }
        out
    }

    fn structure(&mut self, c: char) {
        match c {
            '{' | '[' => {
                self.depth += 1;
                self.value = false;
            }
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.done = Some(true);
                }
            }
            '"' => self.string = Some(self.kind_of_string()),
            ':' if self.depth == 1 => self.value = true,
            ',' if self.depth == 1 => self.value = false,
            _ => {}
        }
    }

    fn kind_of_string(&mut self) -> Text {
        match (self.depth, self.value) {
            (1, false) => Text::Key(String::new()),
            // a second key of the same name is not shown: only the first can have been streamed
            (1, true) if self.key == "naturalResponse" && !self.natural_seen => {
                self.natural_seen = true;
                Text::Natural
            }
            _ => Text::Other,
        }
    }
}

enum Unescaped {
    /// The closing quote.
    End,
    /// A character and how many bytes of the text it took.
    Char(char, usize),
    /// An escape that is not whole yet.
    More,
    Broken,
}

/// The next character of a JSON string (RFC 8259 section 7).
fn unescape(rest: &str) -> Unescaped {
    let mut chars = rest.chars();
    match chars.next() {
        None => Unescaped::More,
        Some('"') => Unescaped::End,
        Some('\\') => match chars.next() {
            None => Unescaped::More,
            Some('u') => unicode(rest),
            Some(c) => match "\"\\/bfnrt".find(c) {
                Some(index) => {
                    Unescaped::Char(['"', '\\', '/', '\u{8}', '\u{c}', '\n', '\r', '\t'][index], 2)
                }
                None => Unescaped::Broken,
            },
        },
        Some(c) if c < ' ' => Unescaped::Broken,
        Some(c) => Unescaped::Char(c, c.len_utf8()),
    }
}

fn unicode(rest: &str) -> Unescaped {
    let high = match unit(rest) {
        Ok(unit) => unit,
        Err(other) => return other,
    };
    if !(0xD800..0xDC00).contains(&high) {
        return char::from_u32(high).map_or(Unescaped::Broken, |c| Unescaped::Char(c, 6));
    }
    let low = match unit(&rest[6..]) {
        Ok(unit) => unit,
        Err(other) => return other,
    };
    if !(0xDC00..0xE000).contains(&low) {
        return Unescaped::Broken;
    }
    let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    char::from_u32(code).map_or(Unescaped::Broken, |c| Unescaped::Char(c, 12))
}

/// One `\uXXXX`.
fn unit(rest: &str) -> Result<u32, Unescaped> {
    let mut value = 0;
    for (index, expected) in (0..6).zip("\\uXXXX".chars()) {
        let Some(c) = rest[index..].chars().next() else { return Err(Unescaped::More) };
        if expected == 'X' {
            value = value * 16 + c.to_digit(16).ok_or(Unescaped::Broken)?;
        } else if c != expected {
            return Err(Unescaped::Broken);
        }
    }
    Ok(value)
}
