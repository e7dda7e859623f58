//! An example, as a program of its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::process::{Folder, Process};

/// An example, listening on a port that the system chose, and that it keeps over restarts.
pub(crate) struct Server {
    _process: Process,
    port: u16,
    // Goes after the process that writes to it.
    _folder: Folder,
}

impl Server {
    /// Starts `login` with these keys in its environment, by the names of their variables.
    pub(crate) fn start(keys: &[(&str, &str)]) -> Self {
        Self::listen("login", 0, keys)
    }

    /// Starts `devices`, where nobody is signed in.
    pub(crate) fn devices() -> Self {
        Self::listen("devices", 0, &[])
    }

    /// Ends `login`, and starts it anew where it was.
    pub(crate) fn restart(self, keys: &[(&str, &str)]) -> Self {
        let port = self.port;
        drop(self);
        Self::listen("login", port, keys)
    }

    fn listen(example: &str, port: u16, variables: &[(&str, &str)]) -> Self {
        let folder = Folder::create();
        let mut command = Command::new(&PROGRAMS[example]);
        command.env_remove("SESSION_KEY").env_remove("SESSION_OLD_KEY");
        command.env("SESSIONS", folder.path().join("sessions.db"));
        command.env("PORT", port.to_string()).envs(variables.iter().copied());
        let (process, port) = Process::listening(&mut command, "http://localhost:");
        Self { _process: process, port, _folder: folder }
    }

    /// Where its pages are.
    pub(crate) fn address(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }
}

/// The examples' programs by their names, built once for all tests.
static PROGRAMS: LazyLock<HashMap<String, PathBuf>> = LazyLock::new(|| {
    // As `cargo xtask test` builds them, so that after that nothing is left to build.
    let build =
        "build --workspace --all-features --example devices --example login --message-format json-render-diagnostics";
    let built = Command::new(env!("CARGO")).args(build.split(' ')).stderr(Stdio::inherit()).output().expect("cargo");
    assert!(built.status.success(), "the examples do not build");
    let messages = String::from_utf8(built.stdout).expect("text");
    let messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let examples = messages.filter(|message| message["target"]["kind"] == json!(["example"]));
    let program = |message: Value| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, message["executable"].as_str()?.into()))
    };
    examples.filter_map(program).collect()
});
