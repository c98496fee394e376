//! `mandate keys …`: the wrapping keys in the key file, and what is sealed under them.
//!
//! INVARIANT: a key is forgotten only when no stored secret needs it any more.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use super::{Failure, Source, say};
use crate::agents;
use crate::audit::{Audit, Event};
use crate::http;
use crate::kernel::{Kernel, Rewrapped, SystemClock};
use crate::tokens;
use crate::vault::Vault;

#[derive(clap::Subcommand)]
pub enum Keys {
    /// Show the wrapping keys and how many secrets each holds.
    List(Plain),
    /// Make a new wrapping key and move every stored secret to it. The server may keep running.
    Rotate(Plain),
    /// Finish a rotation that was cut off: move what is still under older keys.
    Rewrap(Plain),
    /// Take a retired key out of the key file. Backups of the database that need it can no longer be opened.
    Forget(Forget),
}

#[derive(clap::Args)]
pub struct Plain {
    #[command(flatten)]
    source: Source,
}

#[derive(clap::Args)]
pub struct Forget {
    #[command(flatten)]
    source: Source,
    /// A retired key, as `mandate keys list` names it
    key_id: String,
}

/// The slices that keep sealed secrets.
struct Stores {
    kernel: Kernel,
    audit: Audit,
    vault: Vault,
}

impl Keys {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let source = match &self {
            Self::List(plain) | Self::Rotate(plain) | Self::Rewrap(plain) => &plain.source,
            Self::Forget(forget) => &forget.source,
        };
        let config = source.load(toml::Table::new())?;
        let kernel = Kernel::open(&config, Arc::new(SystemClock)).await?;
        let audit = Audit::new(kernel.clone())?;
        let vault = Vault::new(kernel.clone(), audit.clone());
        let stores = Stores { kernel, audit, vault };
        let ended = match &self {
            Self::List(_) => stores.list().await,
            Self::Rotate(_) => stores.rotate().await,
            Self::Rewrap(_) => stores.rewrap().await,
            Self::Forget(forget) => stores.forget(&forget.key_id).await,
        };
        stores.kernel.db.close().await;
        ended
    }
}

impl Stores {
    async fn list(&self) -> Result<ExitCode, Failure> {
        for (place, id) in self.kernel.sealer.keys().ids().iter().enumerate() {
            let role = if place == 0 { "current" } else { "retired" };
            say(&format!("{id}  {role}  {} secrets", self.held_by(id).await?));
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn rotate(&self) -> Result<ExitCode, Failure> {
        let id = self.kernel.sealer.rotate()?;
        self.record(Event::new("admin.keys_rotated"), &id).await?;
        say(&format!("{id} is the current key"));
        self.rewrap().await
    }

    async fn rewrap(&self) -> Result<ExitCode, Failure> {
        let shows_progress = std::io::stderr().is_terminal();
        let signing = tokens::rewrap(&self.kernel).await?;
        let models = agents::rewrap(&self.kernel).await?;
        let people = self
            .vault
            .rewrap(|moved| {
                if shows_progress {
                    let _ = write!(std::io::stderr(), "\r{moved} secrets moved");
                }
            })
            .await?;
        if shows_progress {
            let _ = writeln!(std::io::stderr());
        }
        Ok(tell(&[signing, models, people]))
    }

    async fn forget(&self, id: &str) -> Result<ExitCode, Failure> {
        let held = self.held_by(id).await?;
        if held > 0 {
            return Err(format!("{held} stored secrets still need {id}; run: mandate keys rewrap").into());
        }
        let answers = http::answers_held_by(&self.kernel, id).await?;
        if answers > 0 {
            let kept = "kept for requests with an Idempotency-Key still need";
            return Err(format!("{answers} answers {kept} {id}; they last a day: try again then").into());
        }
        self.kernel.sealer.keys().forget(id).map_err(|error| match error {
            mandate_seal::Error::UnknownKey(_) => {
                format!("{id} is not a retired key; see: mandate keys list")
            }
            other => other.to_string(),
        })?;
        self.record(Event::new("admin.keys_forgotten"), id).await?;
        say(&format!("{id} is forgotten"));
        Ok(ExitCode::SUCCESS)
    }

    async fn held_by(&self, id: &str) -> Result<i64, Failure> {
        let signing = tokens::held_by(&self.kernel, id).await?;
        let models = agents::held_by(&self.kernel, id).await?;
        Ok(signing + models + self.vault.held_by(id).await?)
    }

    async fn record(&self, event: Event, key_id: &str) -> Result<(), Failure> {
        let mut tx = self.kernel.db.begin().await?;
        self.audit.append(&mut tx, event.actor("command line").resource(key_id)).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn tell(done: &[Rewrapped]) -> ExitCode {
    let moved: u64 = done.iter().map(|one| one.moved).sum();
    say(&format!("{moved} secrets moved to the current key"));
    let failed: Vec<_> = done.iter().flat_map(|one| &one.failed).collect();
    for (row, why) in &failed {
        say(&format!("  not moved: {row}: {why}"));
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
