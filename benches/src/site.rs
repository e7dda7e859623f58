//! Where a subject's application is built.

use tokio::runtime::Runtime;

use crate::Result;

/// What an application finds around it.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// For a store that has to connect first.
    pub runtime: &'a Runtime,
    redis: Option<&'a str>,
}

impl<'a> Site<'a> {
    /// A place with or without a Redis server, told by its URL.
    #[must_use]
    pub fn new(runtime: &'a Runtime, redis: Option<&'a str>) -> Site<'a> {
        Site { runtime, redis }
    }

    /// The URL of the Redis server.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn redis(self) -> Result<&'a str> {
        self.redis.ok_or_else(|| "there is no Redis server here".into())
    }
}
