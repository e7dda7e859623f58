//! Somewhere to put files.

use std::{
    fmt::{self, Debug, Formatter},
    io,
    path::Path,
};

use crate::process::Process;

/// A directory that is removed, with all that is in it, when this is dropped, or when the process ends in whatever way.
pub struct Directory(Process);

impl Directory {
    /// Makes an empty one.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn create() -> io::Result<Self> {
        Process::prepare(None).map(Self)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.directory()
    }
}

impl Debug for Directory {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Directory").field(&self.path()).finish()
    }
}
