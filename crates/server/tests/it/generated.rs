//! Guard: the references under `docs/generated` say what the code says. `UPDATE_SNAPSHOTS=1` (or `make snapshots`)
//! rewrites them; a difference without it is a failure that names the first line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;

use mandate::config::Config;

use crate::source::{Source, root, sources};

fn snapshot(name: &str, text: &str) {
    let path = root().join("docs/generated").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).expect("docs/generated is writable");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some((line, (now, before))) =
        text.lines().zip(kept.lines().chain(std::iter::repeat(""))).enumerate().find(|(_, (a, b))| a != b)
    {
        panic!(
            "docs/generated/{name}:{} is not what the code says; `make snapshots`\n now: {now}\nkept: {before}",
            line + 1
        );
    }
    assert_eq!(
        text.lines().count(),
        kept.lines().count(),
        "docs/generated/{name} has lines too many; `make snapshots`"
    );
}

#[tokio::test]
async fn openapi() {
    let app = crate::harness::TestApp::start().await;
    let document = mandate::http::api(&app.app).into_openapi();
    let mut text = document.to_pretty_json().expect("the document is JSON");
    text.push('\n');
    snapshot("openapi.json", &text);
}

#[test]
fn command_line() {
    let mut text = String::from("# Command line\n\nWhat `--help` prints.\n");
    let mut open = vec![Vec::<String>::new()];
    while let Some(path) = open.pop() {
        let output = Command::new(env!("CARGO_BIN_EXE_mandate"))
            .args(&path)
            .arg("--help")
            .output()
            .expect("the binary");
        let help = String::from_utf8(output.stdout).expect("help is UTF-8");
        assert!(output.status.success() && !help.is_empty(), "mandate {} --help", path.join(" "));
        let _ = write!(text, "\n## mandate {}\n\n```text\n{}\n```\n", path.join(" "), help.trim_end());
        let commands = help.split("Commands:\n").nth(1).unwrap_or_default();
        let mut below: Vec<_> = commands
            .lines()
            .take_while(|line| !line.is_empty())
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .map(|name| [path.as_slice(), &[name.to_owned()]].concat())
            .collect();
        below.reverse();
        open.extend(below);
    }
    snapshot("cli.md", &text.replace("## mandate \n", "## mandate\n"));
}

/// One setting as the source documents it.
struct Setting {
    name: String,
    kind: String,
    meaning: String,
}

/// The fields of `pub struct <name>` in a file, with their doc comments.
fn settings(text: &str, name: &str) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut meaning = String::new();
    let body = text.split(&format!("pub struct {name} {{\n")).nth(1).unwrap_or_default();
    for line in body.lines().take_while(|line| *line != "}") {
        let line = line.trim();
        if let Some(doc) = line.strip_prefix("///") {
            meaning.push_str(doc);
        } else if let Some((name, kind)) = line.strip_prefix("pub ").and_then(|field| field.split_once(": "))
        {
            let setting = Setting {
                name: name.to_owned(),
                kind: kind.trim_end_matches(',').to_owned(),
                meaning: std::mem::take(&mut meaning).trim().to_owned(),
            };
            found.push(setting);
        }
    }
    found
}

/// The file in which a section's struct stands: `sessions::Config` in the slice's folder, `Log` beside its parent.
fn section<'a>(files: &'a [Source], kind: &str, parent: &'a Source) -> Option<(&'a Source, String)> {
    let (slice, name) = kind.rsplit_once("::").unwrap_or(("", kind));
    let declares = format!("pub struct {name} {{\n");
    let folder = format!("crates/server/src/{slice}");
    let file = match slice {
        "" => Some(parent).filter(|file| file.text.contains(&declares)),
        _ => files.iter().find(|file| file.path.starts_with(&folder) && file.text.contains(&declares)),
    };
    Some((file?, name.to_owned()))
}

/// Where in the configuration a section stands, and what is set there by default.
struct Place<'a> {
    prefix: String,
    defaults: &'a toml::Table,
}

fn describe(files: &[Source], file: &Source, name: &str, place: &Place, out: &mut String) {
    let all = settings(&file.text, name);
    let (inner, own): (Vec<_>, Vec<_>) =
        all.iter().partition(|setting| section(files, &setting.kind, file).is_some());
    if !own.is_empty() {
        let title = if place.prefix.is_empty() { "Top level" } else { place.prefix.trim_end_matches('.') };
        let _ = write!(out, "\n## {title}\n\n| key | default | meaning |\n|---|---|---|\n");
    }
    for setting in own {
        let key = format!("{}{}", place.prefix, setting.name);
        assert!(!setting.meaning.is_empty(), "{key} has no doc comment");
        let default = place.defaults.get(&setting.name);
        let default = default.map_or_else(|| "unset".to_owned(), |value| format!("`{value}`"));
        let variable = format!("MANDATE_{}", key.replace('.', "__").to_uppercase());
        let meaning = setting.meaning.replace('|', "\\|");
        let _ = writeln!(out, "| `{key}`<br>`{variable}` | {default} | {meaning} |");
    }
    let empty = toml::Table::new();
    for setting in inner {
        let (file, name) = section(files, &setting.kind, file).expect("found above");
        let defaults = place.defaults.get(&setting.name).and_then(|value| value.as_table()).unwrap_or(&empty);
        let below = Place { prefix: format!("{}{}.", place.prefix, setting.name), defaults };
        describe(files, file, &name, &below, out);
    }
}

#[test]
fn configuration() {
    let defaults = toml::Table::try_from(Config::default()).expect("the defaults are a table");
    let files = sources("crates/server/src", &[".rs"]);
    let mut text = String::from(
        "# Configuration reference\n\nEvery key, its environment variable, its default. How they are read: \
         [configuration](../guide/configuration.md).\n",
    );
    let whole = files.iter().find(|file| file.path.ends_with("src/config.rs")).expect("config.rs");
    describe(&files, whole, "Config", &Place { prefix: String::new(), defaults: &defaults }, &mut text);
    snapshot("config.md", &text);
}

/// The first string literal after `from`, when it comes before the call's end.
fn literal(text: &str, from: usize) -> Option<&str> {
    let rest = &text[from..];
    let open = rest.find('"')?;
    let statement_ends = rest.find([';', '{']).unwrap_or(usize::MAX);
    if open > statement_ends {
        return None;
    }
    rest[open + 1..].split('"').next()
}

#[test]
fn error_codes() {
    let constructors = [
        ("bad_request(", 400),
        ("unauthorized(", 401),
        ("forbidden(", 403),
        ("conflict(", 409),
        ("unprocessable(", 422),
        ("too_many(", 429),
    ];
    // constructors of the kernel that fix their code
    let fixed = [
        ("insufficient_user_authentication", 401),
        ("not_found", 404),
        ("invalid_field", 422),
        ("internal", 500),
        ("method_not_allowed", 405),
        ("timeout", 408),
        ("unavailable", 503),
    ];
    let mut codes: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for (code, status) in fixed {
        codes.entry(code.into()).or_default().insert(status);
    }
    for file in sources("crates/server/src", &[".rs"]).iter().filter(|file| !file.test()) {
        for owner in ["Problem::", "Self::"] {
            for (constructor, status) in constructors {
                for (at, found) in file.text.match_indices(&format!("{owner}{constructor}")) {
                    if let Some(code) = literal(&file.text, at + found.len()).filter(|code| is_code(code)) {
                        codes.entry(code.to_owned()).or_default().insert(status);
                    }
                }
            }
        }
        for (at, found) in file
            .text
            .match_indices("Problem::new(StatusCode::")
            .chain(file.text.match_indices("StatusCode::"))
        {
            let rest = &file.text[at + found.len()..];
            let name: String = rest.chars().take_while(|c| c.is_uppercase() || *c == '_').collect();
            let after = rest[name.len()..].trim_start_matches([',', '\n', ' ']);
            let code = after.strip_prefix('"').and_then(|text| text.split('"').next()).unwrap_or_default();
            if let (Some(status), true) = (status_of(&name), is_code(code)) {
                codes.entry(code.to_owned()).or_default().insert(status);
            }
        }
    }
    let mut text = String::from(
        "# Error codes\n\nThe `code` of a problem body (RFC 9457). Codes are stable; the sentence in `detail` says what to do.\n\n\
         | code | status |\n|---|---|\n",
    );
    for (code, statuses) in codes {
        let statuses: Vec<_> = statuses.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "| `{code}` | {} |", statuses.join(", "));
    }
    snapshot("errors.md", &text);
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_event(text: &str) -> bool {
    text.split_once('.').is_some_and(|(noun, verb)| is_code(noun) && is_code(verb))
}

fn status_of(name: &str) -> Option<u16> {
    (400..600).find(|code| {
        let reason = http::StatusCode::from_u16(*code).ok().and_then(|status| status.canonical_reason());
        reason.is_some_and(|reason| reason.to_uppercase().replace([' ', '-'], "_").replace('\'', "") == name)
    })
}

#[test]
fn audit_events() {
    let mut events = BTreeSet::new();
    for file in sources("crates/server/src", &[".rs"]).iter().filter(|file| !file.test()) {
        for (at, found) in file.text.match_indices("Event::new(") {
            // the stream's own events are built by `Event::default`
            let rest = file.text[at + found.len()..].trim_start();
            if let Some(name) = rest.strip_prefix('"').and_then(|text| text.split('"').next()) {
                events.insert(name.to_owned());
            }
        }
        // names that reach `Event::new` as an argument are chosen where they are passed to `create`
        for (at, found) in file.text.match_indices(".create(") {
            let call = file.text[at + found.len()..].split(';').next().unwrap_or_default();
            events
                .extend(call.split('"').skip(1).step_by(2).filter(|name| is_event(name)).map(str::to_owned));
        }
    }
    let mut text = String::from("# Audit events\n\nThe stable names in the audit log.\n\n");
    for event in events {
        let _ = writeln!(text, "* `{event}`");
    }
    snapshot("audit-events.md", &text);
}
