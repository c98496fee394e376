//! The command line: one file per command.

mod audit;
mod doctor;
mod keys;
mod log;
mod serve;
mod setup;
mod users;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::kernel::config as loader;

/// Identity, tokens and mandates for applications in which AI agents act for people.
#[derive(Parser)]
#[command(name = "mandate", version, about, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server.
    Serve(serve::Serve),
    /// Manage people's accounts.
    #[command(subcommand)]
    Users(users::Users),
    /// Prove the audit log whole.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Rotate the keys that stored secrets are sealed under.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Say what is wrong with this configuration, and what to do about it.
    Doctor(doctor::Doctor),
}

/// Where the configuration comes from; the same for every command.
#[derive(clap::Args)]
pub struct Source {
    /// Directory of the embedded database and the key file [default: ./mandate-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// TOML file with settings; MANDATE_… environment variables override it
    #[arg(long, value_name = "FILE", env = "MANDATE_CONFIG")]
    config: Option<PathBuf>,
}

/// A failure of a command: what happened and what to do, on standard error.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Source {
    fn load(&self, mut overrides: toml::Table) -> Result<Config, Failure> {
        if let Some(dir) = &self.data_dir {
            let dir = dir.to_str().ok_or("--data-dir is not valid UTF-8")?;
            overrides.insert("data_dir".into(), dir.into());
        }
        let config: Config = loader::load(self.config.as_deref(), std::env::vars(), overrides)?;
        config.check()?;
        Ok(config)
    }
}

impl Cli {
    pub fn run(self) -> ExitCode {
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return fail(&format!("cannot start: {error}")),
        };
        let ended = runtime.block_on(async {
            match self.command {
                Command::Serve(serve) => serve.run().await,
                Command::Users(users) => users.run().await,
                Command::Audit(audit) => audit.run().await,
                Command::Keys(keys) => keys.run().await,
                Command::Doctor(doctor) => doctor.run().await,
            }
        });
        // Blocking work that is still queued (password hashes of callers who left) is not waited for.
        runtime.shutdown_timeout(std::time::Duration::from_millis(500));
        match ended {
            Ok(code) => code,
            Err(failure) => fail(&failure.to_string()),
        }
    }
}

fn fail(message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "mandate: {message}");
    ExitCode::FAILURE
}

/// A line on standard output. A closed pipe is the reader's choice, not an error.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
