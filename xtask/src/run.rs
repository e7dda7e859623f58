//! Runs programs, and says which before it does.

use std::{
    env,
    fmt::{self, Display, Formatter},
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

/// A program with a name for the person who reads that it failed.
pub(crate) struct Step {
    name: String,
    program: String,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
}

impl Step {
    pub(crate) fn new(name: impl Into<String>, program: &str) -> Step {
        Step { name: name.into(), program: program.to_owned(), arguments: Vec::new(), environment: Vec::new() }
    }

    pub(crate) fn cargo(name: impl Into<String>) -> Step {
        Step::new(name, "cargo")
    }

    /// Adds arguments, written as on a command line; none of them may contain a space.
    pub(crate) fn words(mut self, words: &str) -> Step {
        self.arguments.extend(words.split_whitespace().map(str::to_owned));
        self
    }

    pub(crate) fn arguments<A: Into<String>>(mut self, arguments: impl IntoIterator<Item = A>) -> Step {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub(crate) fn env(mut self, variable: &'static str, value: impl Into<String>) -> Step {
        self.environment.push((variable, value.into()));
        self
    }

    /// Prints the command and runs it to its end.
    pub(crate) fn run(self) -> Result<(), Failure> {
        println!("\n$ {self}");
        match self.command().status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::new(self.name, status)),
            Err(error) => Err(Failure::new(self.name, error)),
        }
    }

    /// As [`run`](Self::run), and shows each line of its standard error to `see` beside printing it.
    pub(crate) fn watch(self, mut see: impl FnMut(&str)) -> Result<(), Failure> {
        println!("\n$ {self}");
        let failed = |error| Failure::new(&self.name, error);
        let mut child = self.command().stderr(Stdio::piped()).spawn().map_err(failed)?;
        for line in child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
            let line = line.map_err(failed)?;
            let line = String::from_utf8_lossy(&line);
            eprintln!("{line}");
            see(&line);
        }
        let status = child.wait().map_err(failed)?;
        if status.success() { Ok(()) } else { Err(Failure::new(self.name, status)) }
    }

    /// Runs the command silently and answers what it printed.
    pub(crate) fn output(self) -> Result<String, Failure> {
        match self.command().output() {
            Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Ok(output) => Err(Failure::new(self.name, String::from_utf8_lossy(&output.stderr))),
            Err(error) => Err(Failure::new(self.name, error)),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().cloned()).current_dir(root());
        command
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (variable, value) in &self.environment {
            write!(f, "{variable}=\"{value}\" ")?;
        }
        f.write_str(&self.program)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))
    }
}

/// A step that failed, and why.
pub(crate) struct Failure {
    step: String,
    reason: String,
}

impl Failure {
    pub(crate) fn new(step: impl Into<String>, reason: impl Display) -> Failure {
        Failure { step: step.into(), reason: reason.to_string() }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.reason)
    }
}

/// The folder of the workspace: cargo tells this package's own, which lies in it.
pub(crate) fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| ".".into(), |package| PathBuf::from(package).join(".."))
}
