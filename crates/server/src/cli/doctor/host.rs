//! The checks of the machine: files and their permissions, disk, port.

use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use mandate_seal::LocalKeyFile;
use tokio::net::TcpListener;

use super::Finding;

const MIB: u64 = 1 << 20;
/// Below this the database may not be able to write its log.
const LEAST_SPACE: u64 = 100 * MIB;
const COMFORTABLE_SPACE: u64 = 1024 * MIB;

pub(super) fn data_dir(path: &Path) -> Finding {
    const NAME: &str = "data directory";
    let shown = path.display();
    let Ok(metadata) = std::fs::metadata(path) else {
        return Finding::ok(NAME, format!("{shown} is not there yet; the first start makes it"));
    };
    if !metadata.is_dir() {
        return Finding::fail(NAME, format!("{shown} is not a directory"), "choose another with --data-dir");
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Finding::fail(
            NAME,
            format!("{shown} can be entered by others (mode {mode:03o})"),
            format!("chmod 700 {shown}"),
        );
    }
    if rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() {
        return Finding::fail(
            NAME,
            format!("{shown} cannot be written to"),
            format!("give it to the user that runs the server (it belongs to user id {})", metadata.uid()),
        );
    }
    Finding::ok(NAME, format!("{shown}, for its owner alone"))
}

pub(super) fn key_file(path: &Path) -> Finding {
    const NAME: &str = "key file";
    let shown = path.display();
    let Ok(metadata) = std::fs::metadata(path) else {
        return Finding::ok(NAME, format!("{shown} is not there yet; the first start makes it"));
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Finding::fail(
            NAME,
            format!("{shown} can be read by others (mode {mode:03o})"),
            format!("chmod 600 {shown}; if somebody may have read it, rotate its key"),
        );
    }
    match LocalKeyFile::read_existing(path) {
        Ok(keys) => Finding::ok(NAME, format!("{shown}, mode {mode:03o}, {} keys", keys.ids().len())),
        Err(error) => Finding::fail(
            NAME,
            format!("{shown}: {error}"),
            "restore it from its backup: without it nothing sealed can be opened",
        ),
    }
}

/// A file with settings holds secrets more often than not.
pub(super) fn config_file(path: &Path) -> Option<Finding> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let shown = path.display();
    (mode & 0o007 != 0).then(|| {
        Finding::warn(
            "config file",
            format!("{shown} can be read by everybody (mode {mode:03o})"),
            format!("chmod 640 {shown}, or keep secrets in files named by MANDATE_…_FILE"),
        )
    })
}

pub(super) fn disk_space(path: &Path) -> Finding {
    const NAME: &str = "disk space";
    let existing = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("."));
    let Ok(figures) = rustix::fs::statvfs(existing) else {
        return Finding::warn(NAME, "cannot be read", "see that the data directory is on a mounted disk");
    };
    let free = figures.f_bavail.saturating_mul(figures.f_frsize);
    let found = format!("{} MiB free", free / MIB);
    match free {
        free if free < LEAST_SPACE => {
            Finding::fail(NAME, found, "make room: writes will be refused when the disk is full")
        }
        free if free < COMFORTABLE_SPACE => Finding::warn(NAME, found, "make room before it runs out"),
        _ => Finding::ok(NAME, found),
    }
}

/// The port is free, or taken by a server of ours, or by another program.
pub(super) async fn listener(address: SocketAddr) -> Finding {
    const NAME: &str = "listener";
    match TcpListener::bind(address).await {
        Ok(_) => Finding::ok(NAME, format!("{address} is free")),
        Err(_) if is_ours(address).await => {
            Finding::ok(NAME, format!("a mandate server is running on {address}"))
        }
        Err(error) => Finding::fail(
            NAME,
            format!("cannot listen on {address}: {error}"),
            "stop the other program, or choose another address with --listen or `listen`",
        ),
    }
}

async fn is_ours(address: SocketAddr) -> bool {
    let ask = async {
        let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(2)).build().ok()?;
        let health: serde_json::Value =
            client.get(format!("http://{address}/health")).send().await.ok()?.json().await.ok()?;
        Some(health.get("service")?.as_str()? == "mandate")
    };
    ask.await.unwrap_or(false)
}
