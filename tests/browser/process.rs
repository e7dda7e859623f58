//! Programs that end with the test that started them, and what they leave behind.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

/// A program, killed when this is dropped.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a program that listens, and reads the port that it prints after these words.
    pub(crate) fn listening(command: &mut Command, words: &str) -> (Self, u16) {
        let name = command.get_program().display().to_string();
        let child = command.stdout(Stdio::piped()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{name}: {error}; `cargo xtask test` provides what is needed"));
        let mut process = Self(child);
        let output = process.0.stdout.as_mut().expect("piped output");
        let port = BufReader::new(output).lines().find_map(|line| port(&line.expect("a line"), words));
        (process, port.unwrap_or_else(|| panic!("{name} ended before it listened")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only where the program has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The number that stands in a line after these words.
fn port(line: &str, words: &str) -> Option<u16> {
    let (_, rest) = line.split_once(words)?;
    rest.trim_end_matches('.').parse().ok()
}

/// An empty folder, removed when this is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("session-tests-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).expect("a new folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
