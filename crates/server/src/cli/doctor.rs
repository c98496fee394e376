//! `mandate doctor`: what is wrong with a configuration, and what to do about it.
//!
//! It changes nothing and may run beside a server. Exit code 0: nothing fails (a warning may remain).

mod checks;
mod host;

use std::process::ExitCode;

use serde::Serialize;

use super::{Failure, Source, say};

#[derive(clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    source: Source,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warn,
    Fail,
}

/// One check's outcome, in plain words.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    status: Status,
    found: String,
    /// What to do; empty when all is well.
    #[serde(skip_serializing_if = "str::is_empty")]
    remedy: String,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, found: found.into(), remedy: String::new() }
    }
    fn warn(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, status: Status::Warn, found: found.into(), remedy: remedy.into() }
    }
    fn fail(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, status: Status::Fail, found: found.into(), remedy: remedy.into() }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: &'static str,
    healthy: bool,
    findings: &'a [Finding],
}

impl Doctor {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let findings = match self.source.load(toml::Table::new()) {
            Ok(config) => checks::all(&config, &self.source).await,
            Err(error) => {
                let remedy =
                    "docs/generated/config.md lists every key; correct the file or the variable it names";
                vec![Finding::fail("configuration", error.to_string(), remedy)]
            }
        };
        let healthy = findings.iter().all(|finding| finding.status != Status::Fail);
        if self.json {
            let report = Report { version: env!("CARGO_PKG_VERSION"), healthy, findings: &findings };
            say(&serde_json::to_string_pretty(&report)?);
        } else {
            tell(&findings);
        }
        Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn tell(findings: &[Finding]) {
    for finding in findings {
        let mark = match finding.status {
            Status::Ok => "ok  ",
            Status::Warn => "warn",
            Status::Fail => "FAIL",
        };
        say(&format!("{mark}  {:<15} {}", finding.check, finding.found));
        if !finding.remedy.is_empty() {
            say(&format!("{:21} -> {}", "", finding.remedy));
        }
    }
    let count = |status| findings.iter().filter(|finding| finding.status == status).count();
    say(&format!(
        "\n{} fine, {} to look at, {} failing",
        count(Status::Ok),
        count(Status::Warn),
        count(Status::Fail)
    ));
}
