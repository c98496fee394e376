//! The real binary in a process of its own, to be killed.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::database::TestDatabase;
use super::person::Person;

/// A running `mandate serve`.
pub struct Binary {
    child: Child,
    pub url: String,
    /// The one-time login link that the start printed.
    pub link: Option<String>,
}

/// The path of the binary under test.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_mandate"))
}

impl Binary {
    /// Starts on a free port and waits until it answers.
    pub async fn start(data: &Path, database: &TestDatabase) -> Self {
        Self::start_with(data, database, &[]).await
    }

    /// The same with more settings in its environment.
    pub async fn start_with(data: &Path, database: &TestDatabase, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(path());
        command.stderr(Stdio::inherit());
        Self::launch(command, data, database, settings).await
    }

    /// The same by a command of the caller's own, which is given the arguments.
    pub async fn launch(
        mut command: Command,
        data: &Path,
        database: &TestDatabase,
        settings: &[(&str, &str)],
    ) -> Self {
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .env("MANDATE_LOG", "warn")
            .envs(
                ["DECISIONS", "CHAT", "AUTH", "API", "STRANGERS"]
                    .map(|name| (format!("MANDATE_LIMITS__{name}"), "0")),
            )
            .stdout(Stdio::piped());
        if let Some(url) = database.url() {
            command.env("MANDATE_DATABASE_URL", url).env("MANDATE_DATABASE_CONNECTIONS", "8");
        }
        command.envs(settings.iter().copied());
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let (mut sender, mut link) = (Some(sender), None);
            let mut url = None;
            // Reads on after the address: a full pipe would block the server.
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(at) = line.find("is running on ") {
                    url = Some(line[at + "is running on ".len()..].trim().to_owned());
                } else if line.contains("/login#link=") {
                    link = Some(line.trim().to_owned());
                } else if (line.contains("Three things to try") || line.contains("Sign in there"))
                    && let (Some(sender), Some(url)) = (sender.take(), url.clone())
                {
                    let _ = sender.send((url, link.clone()));
                }
            }
        });
        let (url, link) = tokio::time::timeout(Duration::from_secs(60), receiver)
            .await
            .expect("the server did not start within a minute")
            .expect("the server ended before it was ready");
        let binary = Self { child, url, link };
        for _ in 0..400 {
            if let Ok(answer) = reqwest::get(format!("{}/livez", binary.url)).await
                && answer.status() == 200
            {
                return binary;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the server does not answer on {}", binary.url);
    }

    pub fn stranger(&self) -> Person {
        Person::stranger(&self.url)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) -> std::process::ExitStatus {
        Command::new("kill").arg(self.pid().to_string()).status().unwrap();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// `kill -9`, and waits until the process is gone.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
