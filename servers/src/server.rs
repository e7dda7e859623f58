//! A program that listens on a port.

use std::{
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{process::Process, wait};

/// What PostgreSQL prints when the last processes of one that was killed have not ended yet.
const NOT_YET: &str = "is still in use";

/// A server, which is killed and started anew with the same arguments.
pub(crate) struct Server {
    program: PathBuf,
    port: u16,
    arguments: Vec<String>,
    process: Mutex<Process>,
}

impl Server {
    /// One that is yet to be [started](Self::restart), in the directory of `process`.
    pub(crate) fn new(program: PathBuf, port: u16, arguments: Vec<String>, process: Process) -> Self {
        Self { program, port, arguments, process: Mutex::new(process) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Starts it, anew if it runs, and waits until it answers.
    pub(crate) fn restart(&self, answers: impl Fn() -> bool) -> io::Result<()> {
        let mut process = self.process();
        process.start(&self.program, &self.arguments)?;
        wait::until("the server answers", || {
            match process.check() {
                Err(error) if error.to_string().contains(NOT_YET) => process.start(&self.program, &self.arguments)?,
                result => result?,
            }
            Ok(answers().then_some(()))
        })
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) -> io::Result<()> {
        self.process().kill()
    }

    /// Lets it do nothing, until it may [go on](Self::resume).
    pub(crate) fn pause(&self) -> io::Result<()> {
        self.process().stop()
    }

    pub(crate) fn resume(&self) -> io::Result<()> {
        self.process().signal("CONT")
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
