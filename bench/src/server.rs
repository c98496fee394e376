//! The release binary in a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Failure;

/// A running server; killed on drop.
pub struct Server {
    child: Child,
    pub address: std::net::SocketAddr,
    /// From the start of the process to the first 200.
    pub ready_after: Duration,
}

/// Families of rate limits, all off here: one address is everybody.
const LIMITS: [&str; 5] = ["DECISIONS", "CHAT", "AUTH", "API", "STRANGERS"];

/// Where `scripts/build` put the binary.
pub fn binary() -> Result<PathBuf, Failure> {
    let path = std::env::var_os("MANDATE_BINARY").ok_or("MANDATE_BINARY is not set; run: make bench")?;
    Ok(PathBuf::from(path))
}

/// A port that was free a moment ago.
fn free_address() -> Result<std::net::SocketAddr, Failure> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Server {
    /// Starts on `data` (and `database`, a PostgreSQL URL) with settings as environment variables.
    pub async fn start(
        data: &Path,
        database: Option<&str>,
        settings: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let address = free_address()?;
        let mut command = Command::new(binary()?);
        command
            .args(["serve", "--listen", &address.to_string(), "--data-dir"])
            .arg(data)
            .env_remove("MANDATE_BINARY")
            .env("MANDATE_LOG", "warn")
            .envs(LIMITS.iter().map(|family| (format!("MANDATE_LIMITS__{family}"), "0")))
            .envs(settings.iter().copied())
            .stdout(Stdio::null());
        if let Some(url) = database {
            command.env("MANDATE_DATABASE_URL", url);
        }
        Self::spawn(command, address, "/health").await
    }

    /// This program as an empty handler.
    pub async fn ceiling() -> Result<Self, Failure> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--ceiling").env("MANDATE_BENCH_LISTEN", address.to_string()).stdout(Stdio::null());
        Self::spawn(command, address, "/").await
    }

    async fn spawn(mut command: Command, address: std::net::SocketAddr, path: &str) -> Result<Self, Failure> {
        let begin = Instant::now();
        let mut server = Self { child: command.spawn()?, address, ready_after: Duration::ZERO };
        while begin.elapsed() < Duration::from_secs(30) {
            if first_answer(address, path).await {
                server.ready_after = begin.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the server ended before it was ready ({status})").into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err("the server was not ready within 30 s".into())
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1_024
    }

    /// Processor time used so far, of user and system together.
    pub fn processor(&self) -> Duration {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // fields 14 and 15, in hundredths of a second; the name before them may hold spaces
        let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        Duration::from_millis(10 * fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>())
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks politely to end, and waits.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        if asked.is_ok() {
            for _ in 0..1_500 {
                if matches!(self.child.try_wait(), Ok(Some(_))) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request over a connection of its own, with no client library in the way.
async fn first_answer(address: std::net::SocketAddr, path: &str) -> bool {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").as_bytes())
            .await?;
        let mut head = [0; 12];
        stream.read_exact(&mut head).await?;
        Ok::<_, std::io::Error>(&head == b"HTTP/1.1 200")
    };
    matches!(tokio::time::timeout(Duration::from_secs(1), ask).await, Ok(Ok(true)))
}

/// A signed-in person.
pub struct Person {
    pub access: String,
    pub refresh: String,
}

async fn post(client: &reqwest::Client, url: String, body: Value) -> Result<Value, Failure> {
    let response = client.post(&url).json(&body).send().await?;
    let status = response.status();
    let text = response.text().await?;
    if !status.is_success() {
        return Err(format!("POST {url}: {status}: {text}").into());
    }
    Ok(serde_json::from_str(&text)?)
}

/// Registers and signs in, with the session's tokens in the body.
pub async fn sign_up(server: &Server, name: &str) -> Result<Person, Failure> {
    let (email, password) = (format!("{name}@example.com"), "a quiet green kettle sings");
    let body = json!({ "email": email, "password": password, "name": name });
    post(&reqwest::Client::new(), server.url("/v1/auth/register"), body).await?;
    sign_in(server, &email, password).await
}

pub async fn sign_in(server: &Server, email: &str, password: &str) -> Result<Person, Failure> {
    let body = json!({ "email": email, "password": password, "delivery": "body" });
    let answer = post(&reqwest::Client::new(), server.url("/v1/auth/login"), body).await?;
    let field = |name: &str| answer[name].as_str().map(str::to_owned).ok_or("the login gave no token");
    Ok(Person { access: field("access_token")?, refresh: field("refresh_token")? })
}

/// A fresh PostgreSQL database; `None` when no server is set up.
pub struct Postgres {
    admin: String,
    name: String,
    pub url: String,
}

impl Postgres {
    pub async fn create() -> Result<Option<Self>, Failure> {
        let Some(admin) = std::env::var("MANDATE_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
        else {
            return Ok(None);
        };
        let random: [u8; 6] = mandate::kernel::Rng::system().bytes();
        let name = format!("mandate_bench_{}", hex::encode(random));
        let mut url = url::Url::parse(&admin)?;
        url.set_path(&name);
        let database = Self { admin, name, url: url.to_string() };
        database.run("CREATE DATABASE").await?;
        Ok(Some(database))
    }

    async fn run(&self, what: &str) -> Result<(), Failure> {
        use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
        let mut conn = sqlx::PgConnection::connect(&self.admin).await?;
        conn.execute(AssertSqlSafe(format!("{what} {}", self.name))).await?;
        Ok(())
    }

    pub async fn drop(self) -> Result<(), Failure> {
        self.run("DROP DATABASE IF EXISTS").await
    }
}
