//! The log's way out.
//!
//! INVARIANT: logging never fails, delays or ends what logs. A line is put into a queue of bounded length; one thread
//! writes to standard error. What finds the queue full (nobody reads the pipe) or cannot be written (closed, broken, no
//! space left) is dropped and counted, and the next line that gets through says how many were lost.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait.
const QUEUE: usize = 4_096;
/// How long the end of the process waits for the last lines.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// A pipe that does not block is tried this often, this far apart.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

static LOST: AtomicU64 = AtomicU64::new(0);

/// Log lines of this process that nobody will ever see.
pub fn lost_lines() -> u64 {
    LOST.load(Ordering::Relaxed)
}

enum Item {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

/// What `tracing` writes to. Cheap to clone.
#[derive(Clone)]
pub struct LogWriter(Arc<SyncSender<Item>>);

/// One event on its way: `tracing` writes it whole.
pub struct Line<'a>(&'a LogWriter);

impl LogWriter {
    /// Starts the thread that writes to standard error.
    pub fn to_stderr() -> io::Result<Self> {
        Self::start(io::stderr())
    }

    fn start(out: impl io::Write + Send + 'static) -> io::Result<Self> {
        let (sender, items) = sync_channel(QUEUE);
        std::thread::Builder::new().name("log".into()).spawn(move || write_all(out, &items))?;
        Ok(Self(Arc::new(sender)))
    }

    /// Waits, not for long, until what was logged so far is written.
    pub fn flush(&self) {
        let (sender, done) = sync_channel(1);
        if self.0.try_send(Item::Flush(sender)).is_ok() {
            let _ = done.recv_timeout(LAST_WORDS);
        }
    }
}

impl io::Write for Line<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.0.0.try_send(Item::Line(text.to_vec())).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(text.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = Line<'a>;
    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

fn write_all(mut out: impl io::Write, items: &Receiver<Item>) {
    let (mut told, mut broken) = (lost_lines(), false);
    for item in items {
        match item {
            Item::Line(text) => {
                // half a line may have been written before the trouble
                let begun = !broken || write(&mut out, b"\n").is_ok();
                broken = !begun || write(&mut out, &text).is_err();
                if broken {
                    LOST.fetch_add(1, Ordering::Relaxed);
                }
            }
            Item::Flush(done) => drop(done.try_send(())),
        }
        let lost = lost_lines();
        if !broken && lost > told {
            tracing::warn!(
                lines = lost - told,
                "log lines were lost: nobody read them or they could not be written"
            );
            told = lost;
        }
    }
}

fn write(out: &mut impl io::Write, mut text: &[u8]) -> io::Result<()> {
    let mut tries = 0;
    while !text.is_empty() {
        match out.write(text) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => text = &text[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && tries < TRIES => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
    out.flush()
}

/// Panics go the way of all log lines: standard error itself may block for ever.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("(no text)");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(text, place, "panic");
    }));
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write as _};
    use std::sync::mpsc::{Sender, channel};
    use std::sync::{Arc, Mutex};

    use super::{LogWriter, QUEUE, lost_lines};
    use tracing_subscriber::fmt::MakeWriter as _;

    /// Takes its first write and never comes back from it until it is let go.
    struct Unread(std::sync::mpsc::Receiver<()>);

    impl io::Write for Unread {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(text.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn who_logs_never_waits_and_what_is_lost_is_counted() {
        let (let_go, held): (Sender<()>, _) = channel();
        let log = LogWriter::start(Unread(held)).unwrap();
        for _ in 0..QUEUE * 2 {
            log.make_writer().write_all(b"a line\n").unwrap();
        }
        assert!(lost_lines() >= QUEUE as u64 - 1, "{}", lost_lines());
        log.flush();
        drop(let_go);
    }

    /// Writes half of the second line, then has no space for a while.
    #[derive(Clone, Default)]
    struct Full(Arc<Mutex<(usize, Vec<u8>)>>);

    impl io::Write for Full {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            let mut state = self.0.lock().unwrap();
            state.0 += 1;
            let most = match state.0 {
                2 => text.len() / 2,
                3..=5 => return Err(io::ErrorKind::StorageFull.into()),
                _ => text.len(),
            };
            state.1.extend_from_slice(&text[..most]);
            Ok(most)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn after_a_full_disk_lines_begin_where_lines_begin() {
        let out = Full::default();
        let log = LogWriter::start(out.clone()).unwrap();
        for line in ["one\n", "second\n", "third\n", "fourth\n", "fifth\n"] {
            log.make_writer().write_all(line.as_bytes()).unwrap();
        }
        log.flush();
        let written = String::from_utf8(out.0.lock().unwrap().1.clone()).unwrap();
        assert_eq!(written, "one\nsec\nfifth\n");
        assert!(lost_lines() >= 3);
    }
}
