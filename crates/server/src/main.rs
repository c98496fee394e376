//! The binary `mandate`.

use clap::Parser as _;
use mandate::cli::Cli;

fn main() -> std::process::ExitCode {
    Cli::parse().run()
}
