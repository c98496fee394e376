//! Guard: each slice uses only those before it, and shows others its `mod.rs` alone.
//!
//! INVARIANT: a path `crate::<slice>` in slice A means that the slice stands before A on the ladder. The wiring (`app`,
//! `http`, `cli`, `config`, `console`) uses all, and is used by no slice.

use crate::source::{Source, code_only, root, sources};

const LADDER: &[&str] = &[
    "kernel",
    "audit",
    "notices",
    "accounts",
    "tokens",
    "sessions",
    "federation",
    "authz",
    "vault",
    "market",
    "mandates",
    "trading",
    "agents",
    "privacy",
];
const WIRING: &[&str] = &["app", "http", "cli", "config", "console", "development", "main", "lib", "health"];

/// The slice a file belongs to, as its place on the ladder; `None` is the wiring.
fn rung(path: &str) -> Option<usize> {
    let first = path.strip_prefix("crates/server/src/")?.split('/').next()?.trim_end_matches(".rs");
    LADDER.iter().position(|slice| *slice == first)
}

/// The first segments after every `crate::`, also of grouped imports.
fn used(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` in a macro stands in the kernel and names the kernel
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            names.extend(group_heads(group));
        } else {
            names.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names.retain(|name: &String| !name.is_empty());
    names
}

fn group_heads(group: &str) -> Vec<String> {
    let mut heads = vec![String::new()];
    let (mut depth, mut head) = (1, true);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => {
                heads.push(String::new());
                head = true;
            }
            ':' => head = false,
            c if depth == 1 && head && (c.is_alphanumeric() || c == '_') => {
                if let Some(last) = heads.last_mut() {
                    last.push(c);
                }
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

/// What a file breaks, as sentences.
fn breaches(source: &Source) -> Vec<String> {
    let Some(own) = rung(&source.path) else { return Vec::new() };
    let code = code_only(&source.text);
    let mut found = Vec::new();
    for name in used(&code) {
        if WIRING.contains(&&*name) {
            found.push(format!("{} uses the wiring: crate::{name}", source.path));
        } else if LADDER.iter().position(|slice| *slice == name).is_some_and(|other| other > own) {
            found.push(format!("{} steps up the ladder: {} uses {name}", source.path, LADDER[own]));
        }
    }
    if LADDER[own] != "kernel" {
        for line in code.lines().map(str::trim).filter(|line| line.starts_with("pub mod ")) {
            found.push(format!(
                "{} opens a submodule: `{line}` (write `mod`, and `pub use` what others need)",
                source.path
            ));
        }
    }
    found
}

#[test]
fn no_slice_steps_up() {
    let found: Vec<_> = sources("crates/server/src", &[".rs"]).iter().flat_map(breaches).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_folder_is_on_the_ladder_or_wiring() {
    let folder = root().join("crates/server/src");
    for entry in std::fs::read_dir(folder).expect("the sources") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let name = name.trim_end_matches(".rs");
        assert!(LADDER.contains(&name) || WIRING.contains(&name), "{name} has no place on the ladder");
    }
}

#[test]
fn the_leaf_crates_stay_leaves() {
    let rules: &[(&str, &[&str])] = &[
        ("token", &["sqlx", "mandate ", "mandate-"]),
        ("seal", &["sqlx", "reqwest", "axum", "tokio", "mandate ", "mandate-"]),
        ("brokers", &["sqlx", "axum", "mandate ", "mandate-token", "mandate-llm", "mandate-standins"]),
        ("llm", &["sqlx", "axum", "mandate ", "mandate-token", "mandate-brokers", "mandate-standins"]),
        ("server", &["mandate-standins"]),
    ];
    for (name, banned) in rules {
        let manifest =
            std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).expect("a manifest");
        let normal = manifest.split("[dependencies]").nth(1).unwrap_or_default();
        let normal = normal.split("\n[").next().unwrap_or_default();
        for line in normal.lines() {
            let bad = banned.iter().find(|word| line.starts_with(**word));
            assert!(bad.is_none(), "crates/{name} must not depend on: {line}");
        }
    }
}

#[test]
fn a_step_up_is_seen() {
    let breach = |path: &str, text: &str| {
        breaches(&Source { path: format!("crates/server/src/{path}"), text: text.into() }).len()
    };
    assert_eq!(breach("audit/store.rs", "use crate::kernel::Db;"), 0);
    assert_eq!(breach("audit/store.rs", "use crate::trading::Order;"), 1);
    assert_eq!(breach("market/service.rs", "use crate::{audit, kernel::{Db, x}, agents::Chat};"), 1);
    assert_eq!(breach("vault/mod.rs", "// crate::agents\nlet a = \"crate::agents\";"), 0);
    assert_eq!(breach("vault/routes.rs", "use crate::app::App;"), 1);
    assert_eq!(breach("vault/service.rs", "use crate::app::App;"), 1);
    assert_eq!(breach("vault/mod.rs", "pub mod store;"), 1);
}
