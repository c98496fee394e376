//! The load generator: open connections that each ask, read the whole answer, and ask again.
//!
//! It writes HTTP/1.1 by hand so that its own cost is small beside the server's and the same for whatever is measured.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Failure;
use crate::sample::quantile;
use crate::server::Server;

/// What a run gave.
pub struct Load {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Answers other than 200.
    pub refused: u64,
    /// The server's processor time per answer. It travels better than the rate when the machine has other work.
    pub processor: Duration,
}

impl Load {
    /// The run with the median rate.
    pub fn median(mut runs: Vec<Self>) -> Option<Self> {
        runs.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        let middle = runs.len() / 2;
        (middle < runs.len()).then(|| runs.swap_remove(middle))
    }
}

/// Makes the next request from the body of the last answer; the first from nothing.
pub type Next = Box<dyn FnMut(&[u8]) -> Vec<u8> + Send>;

/// The same request again and again.
pub fn get(path: &str, bearer: Option<&str>) -> Next {
    let authorization = bearer.map_or(String::new(), |token| format!("authorization: Bearer {token}\r\n"));
    let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{authorization}\r\n").into_bytes();
    Box::new(move |_| request.clone())
}

/// Runs all clients for `seconds`, after one second of warming up that is not counted.
pub async fn run(server: &Server, clients: Vec<Next>, seconds: u64) -> Result<Load, Failure> {
    let (address, before) = (server.address, server.processor());
    let counted_from = Instant::now() + Duration::from_secs(1);
    let until = counted_from + Duration::from_secs(seconds);
    let tasks: Vec<_> =
        clients.into_iter().map(|next| tokio::spawn(client(address, next, counted_from, until))).collect();
    let (mut times, mut refused, mut all) = (Vec::new(), 0, 0);
    for task in tasks {
        let done = task.await??;
        times.extend(done.times);
        refused += done.refused;
        all += done.all;
    }
    times.sort();
    let used = server.processor().saturating_sub(before);
    Ok(Load {
        processor: used.div_f64(f64::from(all.max(1))),
        per_second: times.len() as f64 / seconds as f64,
        p50: quantile(&times, 0.5),
        p99: quantile(&times, 0.99),
        refused,
    })
}

/// What one client saw.
struct Done {
    times: Vec<Duration>,
    refused: u64,
    /// Answers, also those of the warming up.
    all: u32,
}

async fn client(
    address: SocketAddr,
    mut next: Next,
    counted_from: Instant,
    until: Instant,
) -> Result<Done, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut done = Done { times: Vec::new(), refused: 0, all: 0 };
    let mut buffer = Vec::with_capacity(16 * 1_024);
    let mut body = 0..0;
    loop {
        let request = next(&buffer[body]);
        let begin = Instant::now();
        if begin >= until {
            return Ok(done);
        }
        stream.write_all(&request).await?;
        let answer = read_answer(&mut stream, &mut buffer).await?;
        let end = Instant::now();
        done.all += 1;
        if answer.status != 200 {
            done.refused += 1;
        } else if begin >= counted_from && end <= until {
            done.times.push(end - begin);
        }
        body = answer.body;
    }
}

struct Answer {
    status: u16,
    body: std::ops::Range<usize>,
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Answer, Failure> {
    buffer.clear();
    let head = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed a connection".into());
        }
    };
    let text = std::str::from_utf8(&buffer[..head])?;
    let status = text.get(9..12).and_then(|code| code.parse().ok()).ok_or("no status line")?;
    let length = content_length(text).ok_or("an answer without a length")?;
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed a connection".into());
        }
    }
    Ok(Answer { status, body: head..head + length })
}

fn content_length(head: &str) -> Option<usize> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })
}
