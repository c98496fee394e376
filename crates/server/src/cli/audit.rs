//! `mandate audit …`

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::{Failure, Source, say};
use crate::audit::{Audit, Head, Report};
use crate::kernel::{Kernel, SystemClock};

#[derive(clap::Subcommand)]
pub enum AuditCommand {
    /// Check every row's MAC, the chain and its signed head. Exit code 1 when something is wrong.
    Verify(Verify),
    /// Print the newest signed head, to be kept elsewhere: it proves a later truncation.
    Head(HeadCommand),
}

#[derive(clap::Args)]
pub struct Verify {
    #[command(flatten)]
    source: Source,
    /// A head that was kept (a file made by `mandate audit head`)
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub struct HeadCommand {
    #[command(flatten)]
    source: Source,
}

async fn open(source: &Source) -> Result<(Kernel, Audit), Failure> {
    let config = source.load(toml::Table::new())?;
    // reading a log must leave no trace: a new key file would call every row forged
    let kernel = Kernel::open_existing(&config, Arc::new(SystemClock)).await?;
    let audit = Audit::new(kernel.clone())?;
    Ok((kernel, audit))
}

impl AuditCommand {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Verify(verify) => verify.run().await,
            Self::Head(head) => {
                let (kernel, audit) = open(&head.source).await?;
                let head = audit.head().await?.ok_or("the log has no signed head yet")?;
                say(&serde_json::to_string_pretty(&head)?);
                kernel.db.close().await;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Verify {
    async fn run(self) -> Result<ExitCode, Failure> {
        let kept: Option<Head> = match &self.head {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                Some(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
            }
            None => None,
        };
        let (kernel, audit) = open(&self.source).await?;
        let shows_progress = std::io::stderr().is_terminal() && !self.json;
        let report = audit
            .verify(kept.as_ref(), |rows| {
                if shows_progress {
                    let _ = write!(std::io::stderr(), "\r{rows} rows read");
                }
            })
            .await?;
        if shows_progress {
            let _ = writeln!(std::io::stderr());
        }
        kernel.db.close().await;
        if self.json {
            say(&serde_json::to_string_pretty(&report)?);
        } else {
            tell(&report);
        }
        Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn tell(report: &Report) {
    if report.findings.is_empty() {
        say(&format!(
            "the audit log is whole: {} rows, {} of them not linked yet",
            report.rows, report.unlinked
        ));
        if let Some(head) = &report.head {
            say(&format!("signed head: link {} at {}, {}", head.link, head.at, head.hash));
        }
        return;
    }
    say(&format!("the audit log is NOT whole: {} findings in {} rows", report.findings.len(), report.rows));
    for finding in &report.findings {
        let row = finding.event_id.as_deref().unwrap_or("-");
        let link = finding.link.map_or(String::new(), |link| format!(" at link {link}"));
        say(&format!("  {}: {row}{link}: {}", finding.kind, finding.detail));
    }
}
