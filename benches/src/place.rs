//! Where subjects keep their sessions.

use std::io;

use session_servers::{Directory, MariaDb, Postgres, Redis};

use crate::Result;

/// A kind of place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Nowhere else: in the memory of the subject's own process, or in the cookie.
    Process,
    /// A Redis server.
    Redis,
    /// A file, by SQLite.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
    /// A MariaDB server.
    MariaDb,
}

/// The places of one run: each is opened when it is first asked for, and gone with this.
#[derive(Debug, Default)]
pub struct Places {
    redis: Option<Redis>,
    sqlite: Option<Directory>,
    postgres: Option<Postgres>,
    mariadb: Option<MariaDb>,
}

impl Places {
    /// Where a store finds it. Databases are as safe from a loss of power as their defaults make them.
    ///
    /// # Errors
    ///
    /// If a server does not start.
    pub fn url(&mut self, place: Place) -> Result<Option<String>> {
        Ok(match place {
            Place::Process => None,
            Place::Redis => Some(self.redis()?.url()),
            Place::Sqlite => {
                let directory = opened(&mut self.sqlite, Directory::create)?;
                Some(format!("sqlite:{}", directory.path().join("sessions.db").display()))
            }
            Place::Postgres => Some(opened(&mut self.postgres, Postgres::durable)?.url()),
            Place::MariaDb => Some(opened(&mut self.mariadb, MariaDb::durable)?.url()),
        })
    }

    pub(crate) fn redis(&mut self) -> Result<&Redis> {
        opened(&mut self.redis, Redis::start)
    }
}

fn opened<T>(place: &mut Option<T>, open: impl FnOnce() -> io::Result<T>) -> Result<&T> {
    match place {
        Some(opened) => Ok(opened),
        None => Ok(place.insert(open()?)),
    }
}
