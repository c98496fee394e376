//! Builds every slice once, in ladder order.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::accounts::Accounts;
use crate::agents::{self, Agents};
use crate::audit::Audit;
use crate::config::Config;
use crate::http::{self, Limits};
use crate::kernel::db::{OpenError, Target, inspect};
use crate::kernel::{Bus, Db, Jobs, Kernel, Pulse, Rng, Sealer, SharedClock, TrustedProxies};
use crate::mandates::{Directory, Mandates};
use crate::market::{self, Market};
use crate::notices::Notices;
use crate::sessions::{self, Sessions};
use crate::tokens::{self, Tokens};
use crate::trading::{self, Trading};
use crate::vault::Vault;
use mandate_seal::LocalKeyFile;
use tokio_util::sync::CancellationToken;

/// Every slice, for the shared layers and the command line. Handlers do not know it: each slice's router carries its
/// own state.
///
/// INVARIANT: cloning it is one counter: every shared layer holds a copy, and all of them are cloned with each
/// request.
#[derive(Clone)]
pub struct App(Arc<Slices>);

/// What an `App` points to.
#[derive(Clone)]
pub struct Slices {
    pub kernel: Kernel,
    pub audit: Audit,
    pub notices: Notices,
    pub limits: Limits,
    pub accounts: Accounts,
    pub tokens: Tokens,
    pub sessions: Sessions,
    pub vault: Vault,
    pub market: Market,
    pub mandates: Mandates,
    pub trading: Trading,
    pub agents: Agents,
    pub edge: Edge,
}

impl Deref for App {
    type Target = Slices;
    fn deref(&self) -> &Slices {
        &self.0
    }
}

impl From<Slices> for App {
    fn from(slices: Slices) -> Self {
        Self(Arc::new(slices))
    }
}

/// What the outermost layers need of the configuration.
#[derive(Clone)]
pub struct Edge {
    pub proxies: TrustedProxies,
    pub public_url: String,
}

impl Edge {
    fn new(config: &Config) -> Self {
        Self {
            proxies: TrustedProxies::new(config.trusted_proxies.clone()),
            public_url: config.public_address(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("cannot use the data directory {path}: {error}; create it or choose another with --data-dir")]
    DataDir { path: String, error: std::io::Error },
    #[error("key file: {0}")]
    Keys(mandate_seal::Error),
    #[error(transparent)]
    Database(#[from] OpenError),
    #[error("there is no database of a mandate server here; give its --data-dir or --config")]
    NoDatabase,
    #[error(
        "the database is at migration {version}, this binary at {known}: start the server once, which brings it up to \
         date, or use the binary that wrote it"
    )]
    Older { version: i64, known: i64 },
    #[error("signing keys: {0}")]
    Tokens(#[from] tokens::Error),
    #[error("audit key: {0}")]
    Audit(aws_lc_rs::error::KeyRejected),
    #[error("market: {0}")]
    Market(#[from] market::Error),
    #[error("agents: {0}")]
    Agents(#[from] crate::kernel::db::Error),
    #[error("outbound HTTP client: {0}")]
    Http(reqwest::Error),
}

/// Makes the data directory when it is missing, for its owner alone.
fn make_private_dir(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if path.is_dir() {
        // A directory that cannot be written to is named now, not at the first write.
        let probe = path.join(".writable");
        std::fs::write(&probe, b"")?;
        return std::fs::remove_file(probe);
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

impl Kernel {
    /// Opens the data directory, its keys and the database; makes what is missing.
    pub async fn open(config: &Config, clock: SharedClock) -> Result<Self, BuildError> {
        let dir = &config.data_dir;
        make_private_dir(dir)
            .map_err(|error| BuildError::DataDir { path: dir.display().to_string(), error })?;
        let rng = Rng::system();
        let keys =
            LocalKeyFile::open_or_create(&dir.join("keys"), &move |buffer: &mut [u8]| rng.fill(buffer))
                .map_err(BuildError::Keys)?;
        Self::with_keys(config, clock, keys).await
    }

    /// Opens what a server left, and makes nothing: neither a directory, a key file, a database nor its tables.
    pub async fn open_existing(config: &Config, clock: SharedClock) -> Result<Self, BuildError> {
        let keys = LocalKeyFile::read_existing(&config.data_dir.join("keys")).map_err(BuildError::Keys)?;
        let target = target(config);
        let found = inspect(&target).await.map_err(OpenError::from)?;
        match found.and_then(|found| found.migration.map(|version| (version, found.known))) {
            None => Err(BuildError::NoDatabase),
            Some((version, known)) if version < known => Err(BuildError::Older { version, known }),
            Some(_) => Self::with_keys(config, clock, keys).await,
        }
    }

    async fn with_keys(config: &Config, clock: SharedClock, keys: LocalKeyFile) -> Result<Self, BuildError> {
        let rng = Rng::system();
        let target = target(config);
        let db = Db::open(&target, config.database_connections).await?;
        let shutdown = CancellationToken::new();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(std::time::Duration::from_secs(5))
            .build()
            .map_err(BuildError::Http)?;
        let jobs = Jobs::new(db.clone(), clock.clone(), rng.uuid(), shutdown.clone());
        let pulse = Pulse::new(db.clone(), rng);
        Ok(Self {
            db,
            pulse,
            clock,
            rng,
            sealer: Sealer::new(keys, rng),
            bus: Bus::default(),
            jobs,
            http,
            shutdown,
        })
    }
}

/// Which database a configuration names.
fn target(config: &Config) -> Target {
    match &config.database_url {
        Some(url) => Target::Pg(url.expose().clone()),
        None => Target::Sqlite(config.data_dir.join("mandate.db")),
    }
}

/// The slices above `mandates` that it asks; they are built later.
#[derive(Default)]
struct Above {
    trading: OnceLock<Trading>,
    agents: OnceLock<Agents>,
}

/// What mandates ask of the slices above them. Nobody has an account or an agent before those slices are there.
fn directory(above: &Arc<Above>) -> Directory {
    let (accounts, agents) = (Arc::clone(above), Arc::clone(above));
    Directory {
        accounts: Arc::new(move |user, ids| {
            let trading = accounts.trading.get().cloned();
            Box::pin(async move {
                let Some(trading) = trading else { return Ok(Vec::new()) };
                Ok(trading.account_facts(user, &ids).await?)
            })
        }),
        agent: Arc::new(move |user, agent| {
            let agents = agents.agents.get().cloned();
            Box::pin(async move {
                let Some(agents) = agents else { return Ok(false) };
                Ok(agents.is_usable_by(user, agent).await?)
            })
        }),
    }
}

impl App {
    /// Builds the slices over an open kernel. Starts nothing: see `start`.
    pub async fn build(config: &Config, kernel: Kernel) -> Result<Self, BuildError> {
        let audit = Audit::new(kernel.clone()).map_err(BuildError::Audit)?;
        let notices = Notices::new(kernel.clone(), config.notices.clone());
        audit.follow(notices.hook());
        let limits = Limits::new(kernel.clock.clone(), config.limits.clone());
        let accounts = Accounts::new(kernel.clone(), audit.clone(), config.accounts.clone());
        let tokens = Tokens::open(kernel.clone(), config.tokens.clone()).await?;
        let origin = config.public_url.as_ref().map(|url| url.origin().ascii_serialization());
        let parts = sessions::Parts {
            kernel: kernel.clone(),
            audit: audit.clone(),
            accounts: accounts.clone(),
            tokens: tokens.clone(),
        };
        let sessions = Sessions::new(parts, config.sessions.clone(), config.secure_cookies(), origin);
        let vault = Vault::new(kernel.clone(), audit.clone());
        let above = Arc::new(Above::default());
        let market = Market::open(kernel.clone(), sessions.clone(), config.market.clone()).await?;
        let mandates =
            Mandates::new(kernel.clone(), audit.clone(), config.mandates.clone(), directory(&above));
        let parts = trading::Parts {
            kernel: kernel.clone(),
            audit: audit.clone(),
            vault: vault.clone(),
            market: market.clone(),
            mandates: mandates.clone(),
            config: config.trading.clone(),
        };
        let trading = Trading::new(parts);
        let parts = agents::Parts {
            kernel: kernel.clone(),
            audit: audit.clone(),
            accounts: accounts.clone(),
            market: market.clone(),
            mandates: mandates.clone(),
            trading: trading.clone(),
            config: config.agents.clone(),
        };
        let agents = Agents::open(parts).await?;
        // set once: `above` was made here
        let _ = (above.trading.set(trading.clone()), above.agents.set(agents.clone()));
        let edge = Edge::new(config);
        let slices = Slices {
            kernel,
            audit,
            notices,
            limits,
            accounts,
            tokens,
            sessions,
            vault,
            market,
            mandates,
            trading,
            agents,
            edge,
        };
        Ok(slices.into())
    }

    /// Starts the background jobs.
    pub fn start(&self) {
        self.audit.start();
        self.notices.start();
        self.limits.start(&self.kernel);
        http::start_idempotency(&self.kernel);
        self.sessions.start();
        self.market.start();
        self.mandates.start();
        self.trading.start();
        self.agents.start();
    }

    /// Ends streams and jobs, then closes the database.
    pub async fn stop(&self) {
        self.kernel.shutdown.cancel();
        self.kernel.jobs.stop().await;
        // The last second's rows get their place, so that a log at rest is linked to its end.
        if let Err(error) = self.audit.link().await {
            tracing::warn!(%error, "the last audit rows are not linked; the next start does it");
        }
        self.kernel.db.close().await;
    }
}
