//! The `login` example, as a program of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use crate::process::Process;

/// The example, listening on a port that the system chose, and that it keeps over restarts.
pub(crate) struct Server {
    _process: Process,
    port: u16,
}

impl Server {
    /// Starts the example with these keys in its environment, by the names of their variables.
    pub(crate) fn start(keys: &[(&str, &str)]) -> Self {
        Self::listen(0, keys)
    }

    /// Ends the example, and starts it anew where it was.
    pub(crate) fn restart(self, keys: &[(&str, &str)]) -> Self {
        let port = self.port;
        drop(self);
        Self::listen(port, keys)
    }

    fn listen(port: u16, keys: &[(&str, &str)]) -> Self {
        let mut command = Command::new(&*LOGIN);
        command.env_remove("SESSION_KEY").env_remove("SESSION_OLD_KEY");
        command.env("PORT", port.to_string()).envs(keys.iter().copied());
        let (process, port) = Process::listening(&mut command, "http://localhost:");
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
