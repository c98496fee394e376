//! Reading the repository's own source: what the guards `ladder`, `tidy` and `generated` share.
//!
//! The code is formatted by rustfmt and Biome, so that a function ends at the first closing brace with the
//! indentation of its first line. That is what `functions` relies on; `make check` keeps it true.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("crates/server has a grandparent")
        .to_owned()
}

/// One file: its path from the root with `/`, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }

    pub fn generated(&self) -> bool {
        self.text.lines().take(5).any(|line| line.contains("@generated"))
    }

    /// Tests and what only tests use.
    pub fn test(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "tests" | "test" | "tests.rs" | "e2e" | "fuzz"))
            || self.path.contains(".test.")
    }
}

/// The files under `folder` whose names end in one of `endings`; build output and dependencies are left out.
pub fn sources(folder: &str, endings: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.join(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                let output = matches!(name.as_str(), "target" | "node_modules" | "dist" | "artifacts");
                if !output && !name.starts_with('.') {
                    open.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(&path).expect("source is UTF-8");
                let path =
                    path.strip_prefix(&root).expect("under the root").to_string_lossy().replace('\\', "/");
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// A function as it stands in a file.
pub struct Function {
    pub name: String,
    /// 1 is the first line of the file.
    pub line: usize,
    pub lines: usize,
    pub parameters: usize,
    /// It returns an object of functions (TypeScript): a class by another name.
    pub factory: bool,
}

/// The functions of a Rust file, nested ones too.
pub fn rust_functions(text: &str) -> Vec<Function> {
    functions(text, |line| {
        let code = line.trim_start();
        let at = code.find("fn ")?;
        let before = &code[..at];
        let modifiers = ["pub", "pub(super)", "pub(crate)", "async", "const", "unsafe", "default", "extern"];
        if !before.split_whitespace().all(|word| modifiers.contains(&word)) {
            return None;
        }
        Some(identifier(&code[at + 3..]))
    })
}

/// The functions of a TypeScript file that have a name: declarations, and constants that hold an arrow function.
pub fn typescript_functions(text: &str) -> Vec<Function> {
    functions(text, |line| {
        let code = line.trim_start();
        let code = code.strip_prefix("export ").unwrap_or(code);
        let code = code.strip_prefix("default ").unwrap_or(code);
        let code = code.strip_prefix("async ").unwrap_or(code);
        if let Some(rest) = code.strip_prefix("function ") {
            return Some(identifier(rest.trim_start_matches('*')));
        }
        let rest = code.strip_prefix("const ")?;
        (rest.ends_with('{') && rest.contains("=>") || rest.ends_with("= (")).then(|| identifier(rest))
    })
}

fn functions(text: &str, name_of: impl Fn(&str) -> Option<String>) -> Vec<Function> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = name_of(line).filter(|name| !name.is_empty()) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let closes = |line: &&&str| {
            line.strip_prefix(indent)
                .is_some_and(|rest| matches!(rest, "}" | "};" | "})," | "});" | ");" | ")"))
        };
        let one_line = line.ends_with('}') || line.ends_with(';');
        let length = if one_line {
            1
        } else {
            lines[index + 1..].iter().position(|line| closes(&line)).map_or(1, |offset| offset + 2)
        };
        let signature = lines[index..(index + length).min(lines.len())].join("\n");
        let returns = format!("{indent}  return {{");
        let factory = signature.lines().any(|line| line == returns);
        found.push(Function {
            name,
            line: index + 1,
            lines: length,
            parameters: parameters(&signature),
            factory,
        });
    }
    found
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// How many parameters the first parenthesis of a signature holds; `self` is none.
fn parameters(signature: &str) -> usize {
    let Some(open) = opening(signature) else { return 0 };
    let mut depth = 0_i32;
    let mut current = String::new();
    let mut all = Vec::new();
    let mut before = ' ';
    for c in signature[open..].chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            // the arrow of a function type closes nothing
            '>' if matches!(before, '-' | '=') => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if c == ',' && depth == 1 {
            all.push(std::mem::take(&mut current));
        } else if !(c == '(' && depth == 1 && all.is_empty() && current.is_empty()) {
            current.push(c);
        }
        before = c;
    }
    all.push(current);
    all.iter()
        .map(|one| one.trim())
        .filter(|one| !one.is_empty() && !matches!(*one, "self" | "&self" | "&mut self" | "mut self"))
        .count()
}

/// Where the parameter list begins: the first parenthesis outside the generics.
fn opening(signature: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut before = ' ';
    for (at, c) in signature.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if !matches!(before, '-' | '=') => depth -= 1,
            '(' if depth == 0 => return Some(at),
            _ => {}
        }
        before = c;
    }
    None
}

/// The text without comments and without what is between quotes: what is left is code.
pub fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mut quoted = false;
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if quoted => {
                    chars.next();
                }
                '"' => quoted = !quoted,
                '/' if !quoted && chars.peek() == Some(&'/') => break,
                _ if !quoted => out.push(c),
                _ => {}
            }
        }
        out.push('\n');
    }
    out
}

#[test]
fn functions_are_measured() {
    let text = "impl A {\n    pub async fn one<F: Fn(u8, u8) -> u8>(&self, a: Vec<(u8, u8)>, b: F) -> u8 {\n        1\n    }\n\n    fn two(\n        a: u8,\n        b: u8,\n        c: HashMap<u8, u8>,\n    ) {\n    }\n}\n";
    let found = rust_functions(text);
    assert_eq!(
        found.iter().map(|f| (&*f.name, f.lines, f.parameters)).collect::<Vec<_>>(),
        [("one", 3, 2), ("two", 6, 3)]
    );
    let text = "export function Screen({ a, b }: Props) {\n  return null;\n}\nconst f = async (a: string, b: () => void, c = 1) => {\n  x();\n};\n";
    let found = typescript_functions(text);
    assert_eq!(
        found.iter().map(|f| (&*f.name, f.lines, f.parameters)).collect::<Vec<_>>(),
        [("Screen", 3, 1), ("f", 3, 3)]
    );
}

#[test]
fn comments_and_strings_are_not_code() {
    assert_eq!(code_only("a(\"crate::x // \\\" y\"); // crate::z\nb"), "a();  \nb\n".replace("  ", " "));
}
