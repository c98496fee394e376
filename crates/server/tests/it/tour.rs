//! The README's tour, run as it is written: the fenced blocks marked `sh tour`, in one shell, against the real binary.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::source::root;

/// A server of its own in an empty folder; ended when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mandate"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("MANDATE_LOG", "warn")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split("running on ").nth(1).map(|address| address.trim().to_owned()))
            .expect("the server says where it runs");
        // what it prints later must not fill the pipe
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text of the blocks that open with "```sh tour".
fn blocks(text: &str) -> Vec<String> {
    text.split("```sh tour\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next().map(str::to_owned))
        .collect()
}

#[test]
fn the_readme_runs_as_written() {
    // the tour ends by changing a byte of the embedded database
    if std::env::var_os("MANDATE_TEST_DATABASE_URL").is_some() {
        return;
    }
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let blocks = blocks(&readme);
    assert_eq!(blocks.len(), 5, "the tour has five parts");
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let bin = Path::new(env!("CARGO_BIN_EXE_mandate")).parent().expect("a folder").display().to_string();
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
    let script =
        blocks.iter().enumerate().fold("set -euo pipefail\n".to_owned(), |script, (index, block)| {
            format!("{script}{block}\necho; echo '--- part {index}'\n")
        });
    let mut shell = Command::new("bash")
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .env("M", &server.address)
        .env("PATH", path)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash");
    let mut said = String::new();
    shell.stdout.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
    assert!(shell.wait().expect("it ended").success(), "the tour failed:\n{said}");
    let parts: Vec<&str> = said.split("--- part").collect();
    let expect = |part: usize, wanted: &[&str]| {
        let mut rest = parts[part];
        for text in wanted {
            let at = rest
                .find(text)
                .unwrap_or_else(|| panic!("part {part} does not say {text:?} in its place:\n{said}"));
            rest = &rest[at + text.len()..];
        }
    };
    expect(0, &["registered"]);
    expect(1, &["active"]);
    expect(
        2,
        &[
            "executed",
            "pending_approval",
            "approved",
            "\"AAPL\",\"2\",\"filled\"",
            "\"AAPL\",\"1\",\"filled\"",
        ],
    );
    expect(3, &["rejected", "order_value", "rejected", "daily_value", "true", "rejected", "kill_switch"]);
    expect(4, &["is whole", "NOT whole", "evt_"]);
}
