//! The `login` example, as a program of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use crate::process::Process;

/// The example, listening on a port that the system chose.
pub(crate) struct Server {
    _process: Process,
    port: u16,
}

impl Server {
    /// Starts the example.
    pub(crate) fn start() -> Self {
        let (process, port) = Process::listening(Command::new(&*LOGIN).env("PORT", "0"), "http://localhost:");
        Self { _process: process, port }
    }

    /// Where its pages are.
    pub(crate) fn address(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }
}

/// The example's program, built once for all tests.
static LOGIN: LazyLock<PathBuf> = LazyLock::new(|| {
    // As `cargo xtask test` builds it, so that after that nothing is left to build.
    let build = "build --workspace --all-features --example login --message-format json-render-diagnostics";
    let built = Command::new(env!("CARGO")).args(build.split(' ')).stderr(Stdio::inherit()).output().expect("cargo");
    assert!(built.status.success(), "the example does not build");
    let messages = String::from_utf8(built.stdout).expect("text");
    let mut messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let login = messages.find(|message| message["target"]["name"] == "login").expect("what became of the example");
    login["executable"].as_str().expect("a program").into()
});
