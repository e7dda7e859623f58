//! What servers with data begin with.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{process::Process, user::User};

/// The directory of the data, below that of a server.
pub(crate) const DATA: &str = "data";

/// A directory of data, gone with this process: to copy it takes a fifth of the time that it takes to make another.
pub(crate) struct Template(Mutex<Option<Process>>);

impl Template {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// As [`Process::prepare`], with a copy of the data in the directory. `create` makes them when they are asked for first.
    pub(crate) fn prepare(
        &self,
        user: Option<User>,
        create: impl FnOnce(&mut Process) -> io::Result<()>,
    ) -> io::Result<Process> {
        let data = self.data(user, create)?;
        let mut process = Process::prepare(user)?;
        process.run(Path::new("cp"), ["-Rp", &data.to_string_lossy(), DATA])?;
        Ok(process)
    }

    fn data(&self, user: Option<User>, create: impl FnOnce(&mut Process) -> io::Result<()>) -> io::Result<PathBuf> {
        let mut template = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(process) = &*template {
            return Ok(process.directory().join(DATA));
        }
        let mut process = Process::prepare(user)?;
        create(&mut process)?;
        Ok(template.insert(process).directory().join(DATA))
    }
}
