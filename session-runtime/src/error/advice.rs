//! What to do about what a server said.

use std::error::Error;
use std::fmt;

/// What to do, before what was said.
#[derive(Debug)]
pub(crate) struct Advice<S> {
    pub(crate) advice: &'static str,
    pub(crate) said: S,
}

impl<S> fmt::Display for Advice<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.advice)
    }
}

impl<S: Error + 'static> Error for Advice<S> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.said)
    }
}
