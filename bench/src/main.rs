//! Measures what `bench/RESULTS.md` says: `make bench`, or `make bench` with some of the parts as arguments.
//!
//! INVARIANT: what is compared is measured in the same run, by the same load generator, in turns where both are
//! in this process; a figure is never a pass or a failure, it is printed beside its target.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock and makes keys")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it prints its table")]

mod load;
mod machine;
mod reads;
mod refresh;
mod sample;
mod server;
mod start;
mod streams;
mod table;
mod tokens;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use table::Table;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measure Mandate on this machine.
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything when left out
    parts: Vec<Part>,
    /// Seconds per load run
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Do not write bench/RESULTS.md
    #[arg(long)]
    dry: bool,
    /// Serve an empty handler and nothing else (used by this program itself)
    #[arg(long, hide = true)]
    ceiling: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Verification and signing of tokens, in process
    Tokens,
    /// Refresh rotation at 64 clients, on SQLite and PostgreSQL
    Refresh,
    /// users/me and JWKS beside an empty handler
    Reads,
    /// Start time, idle memory, size of the binary
    Start,
    /// 500 open chat streams
    Streams,
}

const ALL: [Part; 5] = [Part::Tokens, Part::Refresh, Part::Reads, Part::Start, Part::Streams];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let ended = if arguments.ceiling {
        runtime.block_on(reads::serve_ceiling())
    } else {
        runtime.block_on(measure(&arguments))
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &Failure) -> ExitCode {
    eprintln!("mandate-bench: {error}");
    ExitCode::FAILURE
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let parts = if arguments.parts.is_empty() { &ALL[..] } else { &arguments.parts };
    let (machine, mut table) = (machine::describe(), Table::default());
    for part in parts {
        let rows = match part {
            Part::Tokens => tokens::measure().await?,
            Part::Refresh => refresh::measure(arguments.seconds).await?,
            Part::Reads => reads::measure(arguments.seconds).await?,
            Part::Start => start::measure().await?,
            Part::Streams => streams::measure().await?,
        };
        print!("{rows}");
        table.push(rows);
    }
    if parts.len() == ALL.len() && !arguments.dry {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");
        std::fs::write(path, table.page(&machine))?;
        println!("\nwritten to bench/RESULTS.md");
    }
    Ok(())
}
