//! Start, idle memory, size.

use std::time::Duration;

use crate::Failure;
use crate::sample::millis;
use crate::server::{Server, binary, sign_up};
use crate::table::{Row, Section};

const STARTS: usize = 9;

pub async fn measure() -> Result<Section, Failure> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    let first = Server::start(&data, None, &[]).await?;
    let new = first.ready_after;
    sign_up(&first, "ann").await?;
    first.stop();

    let mut times = Vec::new();
    let mut resident = Vec::new();
    for n in 0..STARTS {
        let server = Server::start(&data, None, &[]).await?;
        times.push(server.ready_after);
        if n % 3 == 0 {
            tokio::time::sleep(Duration::from_secs(3)).await;
            resident.push(server.resident());
        }
        server.stop();
    }
    times.sort();
    resident.sort_unstable();
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let size = std::fs::metadata(binary()?)?.len();
    Ok(Section {
        title: "Start and idle",
        how: format!(
            "The release binary on SQLite, the market replay running; from the start of the process to the first 200 \
             of `/health`, median of {STARTS}; resident memory three seconds later, median of {}.",
            resident.len()
        ),
        rows: vec![
            Row::new("first 200 on an existing database", millis(times[STARTS / 2]))
                .beside(format!("slowest {}", millis(times[STARTS - 1])))
                .target("< 300 ms"),
            Row::new("first 200 on an empty directory", millis(new))
                .beside("makes keys, database and the first admin"),
            Row::new("resident memory, idle", megabytes(resident[resident.len() / 2])).target("< 40 MB"),
            Row::new("size of the binary", megabytes(size)).target("< 60 MB"),
        ],
    })
}
