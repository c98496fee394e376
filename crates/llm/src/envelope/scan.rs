//! Where in a text an envelope begins, and what of the prose before it is only wrapping.

/// Where the first thing that begins like a JSON object stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    At(usize),
    /// A `{` at this place is the last thing but spaces: more text is needed to tell.
    Undecided(usize),
    None,
}

pub(super) fn candidate(text: &str) -> Candidate {
    let mut from = 0;
    while let Some(offset) = text[from..].find('{') {
        let at = from + offset;
        match text[at + 1..].chars().find(|c| !is_space(*c)) {
            Some('"' | '}') => return Candidate::At(at),
            None => return Candidate::Undecided(at),
            Some(_) => from = at + 1,
        }
    }
    Candidate::None
}

/// JSON's own white space.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\r' | '\t')
}

/// How much of `prose` is meant for people when an object follows it: all but a code fence's opening and the
/// white space around it.
pub(super) fn without_wrapping(prose: &str) -> usize {
    let trimmed = prose.trim_end();
    let word = trimmed.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    word.strip_suffix("```").map_or(trimmed, str::trim_end).len()
}

/// How much of `prose` can be shown although an object may still follow: holds back what could turn out to be
/// wrapping.
pub(super) fn surely_prose(prose: &str) -> usize {
    let without = without_wrapping(prose);
    // one or two backticks may be the beginning of a fence
    prose[..without].trim_end_matches('`').trim_end().len()
}
