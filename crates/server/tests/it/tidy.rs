//! Guard: sizes, names and openings of source files, as CONTRIBUTING.md says them.
//!
//! Files marked `@generated` are exempt.

use crate::source::{Function, Source, rust_functions, sources, typescript_functions};

const FILE_LINES: usize = 400;
const TEST_FILE_LINES: usize = 600;
const MEDIAN_LINES: usize = 120;
const NINE_IN_TEN_LINES: usize = 300;
const FUNCTION_LINES: usize = 60;
/// A test tells a story from top to bottom; clippy's own limit holds it.
const TEST_FUNCTION_LINES: usize = 100;
/// React components; also hooks, and functions that return an object of functions.
const COMPONENT_LINES: usize = 200;
const PARAMETERS: usize = 5;
const NAMES: &[&str] = &["util", "utils", "common", "manager", "helper", "helpers", "core"];

fn rust() -> Vec<Source> {
    let mut all = sources("crates", &[".rs"]);
    all.extend(sources("bench", &[".rs"]));
    all.retain(|source| !source.generated());
    all
}

fn typescript() -> Vec<Source> {
    let mut all = sources("sdks", &[".ts", ".tsx"]);
    all.extend(sources("console", &[".ts", ".tsx"]));
    all.retain(|source| !source.generated());
    all
}

fn assert_none(found: Vec<String>) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_are_short() {
    let mut found = Vec::new();
    let mut lengths = Vec::new();
    for source in rust().iter().chain(&typescript()) {
        let limit = if source.test() { TEST_FILE_LINES } else { FILE_LINES };
        if source.lines() > limit {
            found.push(format!("{} has {} lines, more than {limit}", source.path, source.lines()));
        }
        if !source.test() {
            lengths.push(source.lines());
        }
    }
    lengths.sort_unstable();
    let at = |tenths: usize| lengths[(lengths.len() - 1) * tenths / 10];
    if at(5) > MEDIAN_LINES {
        found.push(format!("the median file has {} lines, more than {MEDIAN_LINES}", at(5)));
    }
    if at(9) > NINE_IN_TEN_LINES {
        found.push(format!("one file in ten has {} lines or more, more than {NINE_IN_TEN_LINES}", at(9)));
    }
    assert_none(found);
}

#[test]
fn functions_are_short_and_take_few_parameters() {
    let mut found = Vec::new();
    let mut measure = |source: &Source, function: &Function, limit: usize| {
        let place = format!("{}:{} {}", source.path, function.line, function.name);
        if function.lines > limit {
            found.push(format!("{place} has {} lines, more than {limit}", function.lines));
        }
        // a property test names one parameter for each of its inputs
        if function.parameters > PARAMETERS && !source.test() {
            found.push(format!("{place} takes {} parameters, more than {PARAMETERS}", function.parameters));
        }
    };
    for source in rust() {
        // unit tests stand below the code they test
        let tests_from = source.text.lines().position(|line| line == "mod tests {").unwrap_or(usize::MAX);
        for function in rust_functions(&source.text) {
            let test = source.test() || function.line > tests_from;
            measure(&source, &function, if test { TEST_FUNCTION_LINES } else { FUNCTION_LINES });
        }
    }
    for source in typescript() {
        for function in typescript_functions(&source.text) {
            let component = source.path.ends_with(".tsx") && function.name.starts_with(char::is_uppercase);
            let hook =
                function.name.strip_prefix("use").is_some_and(|rest| rest.starts_with(char::is_uppercase));
            let limit = match (component || hook || function.factory, source.test()) {
                (true, _) => COMPONENT_LINES,
                (false, true) => TEST_FUNCTION_LINES,
                (false, false) => FUNCTION_LINES,
            };
            measure(&source, &function, limit);
        }
    }
    assert_none(found);
}

#[test]
fn names_say_what_things_are() {
    let mut found = Vec::new();
    for source in rust().iter().chain(&typescript()) {
        for part in source.path.split('/') {
            if forbidden(part.split('.').next().unwrap_or(part)) {
                found.push(format!("{}: `{part}` says nothing", source.path));
            }
        }
        for name in declared(&source.text) {
            if forbidden(&name) {
                found.push(format!("{}: `{name}` says nothing", source.path));
            }
        }
    }
    assert_none(found);
}

/// Names that a file declares: functions, types, modules.
fn declared(text: &str) -> Vec<String> {
    let keywords = ["fn", "struct", "enum", "trait", "mod", "type", "function", "class", "interface"];
    let mut names = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let mut words =
            line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let first: Vec<_> = words.by_ref().take(5).collect();
        if let Some(at) = first.iter().position(|word| keywords.contains(word)) {
            let leading = first[..at].iter().all(|word| {
                matches!(
                    *word,
                    "pub" | "super" | "crate" | "async" | "const" | "export" | "default" | "abstract"
                )
            });
            if leading && let Some(name) = first.get(at + 1) {
                names.push((*name).to_owned());
            }
        }
    }
    names
}

/// Whether one of the words of a snake, kebab or camel name is on the list.
fn forbidden(name: &str) -> bool {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    words.iter().any(|word| NAMES.contains(&&**word))
}

#[test]
fn rust_files_open_with_what_they_are_for() {
    let found = rust()
        .iter()
        // what a `tests.rs` is for stands in the module beside it
        .filter(|source| !source.text.starts_with("//!") && !source.path.ends_with("/tests.rs"))
        .map(|source| format!("{} does not open with `//!`", source.path))
        .collect();
    assert_none(found);
}

#[test]
fn nothing_is_left_for_later() {
    // written apart, so that this file does not find itself
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    let homes = [concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut texts = rust();
    texts.extend(typescript());
    texts.extend(sources("docs", &[".md"]));
    texts.extend(sources("scripts", &[""]));
    let mut found = Vec::new();
    for source in &texts {
        for (index, line) in source.text.lines().enumerate() {
            let word = |mark: &&str| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == *mark);
            if marks.iter().any(word) || homes.iter().any(|home| begins(line, home)) {
                found.push(format!("{}:{}: {}", source.path, index + 1, line.trim()));
            }
        }
    }
    assert_none(found);
}

/// Whether an absolute path under `home` stands in the line; `./home/page` is none.
fn begins(line: &str, home: &str) -> bool {
    line.match_indices(home).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '~' | '}'))
    })
}

#[test]
fn names_are_split_into_words() {
    assert!(forbidden("string_utils") && forbidden("SessionManager") && forbidden("core"));
    assert!(!forbidden("score") && !forbidden("commonwealth") && !forbidden("Score"));
    assert_eq!(declared("pub(super) async fn spend(x: u8)\n    // fn nothing\nlet mode = 1;"), ["spend"]);
}
