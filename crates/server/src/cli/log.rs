//! Starting the log of a server.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::config::{Log, LogFormat};
use crate::kernel::{LogWriter, log_panics};

/// The running log. Dropped at the end of the process: the last lines get out.
pub(super) struct Logging(LogWriter);

impl Drop for Logging {
    fn drop(&mut self) {
        self.0.flush();
    }
}

pub(super) fn start(log: &Log) -> Result<Logging, Failure> {
    let filter = std::env::var("MANDATE_LOG").unwrap_or_else(|_| log.filter.clone());
    let filter = EnvFilter::try_new(&filter).map_err(|error| format!("log.filter {filter:?}: {error}"))?;
    let writer = LogWriter::to_stderr()?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // else trouble with the log is printed to where the trouble is, and a print that fails panics
        .log_internal_errors(false)
        .with_writer(writer.clone());
    let started = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Pretty => builder.compact().try_init(),
    };
    started.map_err(|error| format!("cannot start the log: {error}"))?;
    log_panics();
    Ok(Logging(writer))
}
