//! `mandate serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, Source, log, say, setup};
use crate::app::App;
use crate::config::{Config, Mode};
use crate::kernel::{Kernel, SettableClock, SharedClock, SystemClock};

/// How long open requests and streams may take to end after a signal.
const DRAIN: Duration = Duration::from_secs(10);

#[derive(clap::Args)]
pub struct Serve {
    #[command(flatten)]
    source: Source,
    /// Address and port to listen on [default: 127.0.0.1:8001]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let mut overrides = toml::Table::new();
        if let Some(listen) = self.listen {
            overrides.insert("listen".into(), listen.to_string().into());
        }
        let config = self.source.load(overrides)?;
        let _log = log::start(&config.log)?;
        // The port first: a server that cannot listen must not touch the database.
        let listener = listen(config.listen).await?;
        let address = listener.local_addr()?;
        let config = Config { listen: address, ..config };
        let kernel = Kernel::open(&config, clock_of(config.mode)).await?;
        let _only_one = hold_directory(&config)?;
        let app = App::build(&config, kernel).await?;
        app.start();
        setup::greet(&app, &config).await?;
        tracing::info!(%address, database = app.kernel.db.engine_name(), version = env!("CARGO_PKG_VERSION"), "listening");
        let served = serve(listener, app.clone()).await;
        app.stop().await;
        served?;
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    }
}

/// The machine's clock; in development one that can be moved ahead.
fn clock_of(mode: Mode) -> SharedClock {
    match mode {
        Mode::Production => Arc::new(SystemClock),
        Mode::Development => Arc::new(SettableClock::default()),
    }
}

/// The embedded database has one server: its jobs run without leases. Held until the process ends, however it does.
fn hold_directory(config: &Config) -> Result<Option<std::fs::File>, Failure> {
    if config.database_url.is_some() {
        return Ok(None);
    }
    let file = std::fs::File::create(config.data_dir.join("serve.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(format!(
            "another mandate serves {}; stop it, or use PostgreSQL (database_url) to run several",
            config.data_dir.display()
        )
        .into()),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(format!("cannot lock the data directory: {error}").into())
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "port {} on {} is in use; stop the other program or choose another with --listen",
            address.port(),
            address.ip()
        )
        .into(),
        std::io::ErrorKind::PermissionDenied => {
            format!("not allowed to listen on {address}; ports below 1024 need a privilege").into()
        }
        _ => format!("cannot listen on {address}: {error}").into(),
    })
}

async fn serve(listener: TcpListener, app: App) -> Result<(), Failure> {
    let shutdown = app.kernel.shutdown.clone();
    let service = crate::http::router(app).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = shutdown.clone();
    // Small frames of a stream leave at once instead of waiting for the one before to be acknowledged.
    let listener = listener.tap_io(|tcp| {
        let _ = tcp.set_nodelay(true);
    });
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        asked_to_stop().await;
        tracing::info!("stopping: no new requests; open ones have {} s", DRAIN.as_secs());
        stopping.cancel();
    });
    let deadline = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        ended = server => ended?,
        () = deadline => tracing::warn!("some requests did not end in time and were cut off"),
    }
    Ok(())
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}

/// Says where the console is. On standard output, apart from the log.
pub(super) fn announce(address: &str, link: Option<&str>) {
    say("");
    say(&format!("  Mandate is running on {address}"));
    if let Some(link) = link {
        say("");
        say("  Sign in once with this link (10 minutes, one use):");
        say(&format!("    {link}"));
        say("");
        say("  Three things to try:");
        say(
            "    1. Link a paper account and give the demo agent a mandate: AAPL, at most 1,000 USD per order.",
        );
        say("    2. Tell it \"buy 1 AAPL\", then \"buy 5 AAPL\", and watch the second one be refused.");
        say("    3. Pull the kill switch, try again, and read who did what under Audit.");
    } else {
        say("  Sign in there with your e-mail and password.");
    }
    say("");
}
