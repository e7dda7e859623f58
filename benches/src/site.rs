//! Where a subject's application is built.

use tokio::runtime::Runtime;

use crate::Result;

/// What an application finds around it.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// For a store that has to connect first.
    pub runtime: &'a Runtime,
    url: Option<&'a str>,
}

impl<'a> Site<'a> {
    /// A site with or without a [place](crate::Places) that keeps its sessions, told by its URL.
    #[must_use]
    pub fn new(runtime: &'a Runtime, url: Option<&'a str>) -> Site<'a> {
        Site { runtime, url }
    }

    /// The URL of the place that keeps the sessions.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn url(self) -> Result<&'a str> {
        self.url.ok_or_else(|| "there is no server or file for sessions here".into())
    }
}
