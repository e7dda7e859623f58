//! Where subjects keep their sessions.

use std::{io, slice};

use session_servers::{Cluster, Directory, MariaDb, Postgres, Redis};

use crate::Result;

/// A kind of place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Nowhere else: in the memory of the subject's own process, or in the cookie.
    Process,
    /// A Redis server.
    Redis,
    /// A Redis cluster.
    RedisCluster,
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
    cluster: Option<Cluster>,
    sqlite: Option<Directory>,
    postgres: Option<Postgres>,
    mariadb: Option<MariaDb>,
}

impl Places {
    /// Where a store finds it, which is several URLs with commas between them for a cluster. Databases are as safe from a loss of power as their defaults make them.
    ///
    /// # Errors
    ///
    /// If a server does not start.
    pub fn url(&mut self, place: Place) -> Result<Option<String>> {
        Ok(match place {
            Place::Process => None,
            Place::Redis => Some(self.redis()?.url()),
            Place::RedisCluster => Some(opened(&mut self.cluster, Cluster::start)?.urls().join(",")),
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

    /// The servers that answer for what is in a place; none where that is no Redis.
    pub(crate) fn masters(&mut self, place: Place) -> Result<&[Redis]> {
        Ok(match place {
            Place::Redis => slice::from_ref(self.redis()?),
            // A replica follows each of them.
            Place::RedisCluster => {
                let nodes = opened(&mut self.cluster, Cluster::start)?.nodes();
                &nodes[..nodes.len() / 2]
            }
            _ => &[],
        })
    }
}

fn opened<T>(place: &mut Option<T>, open: impl FnOnce() -> io::Result<T>) -> Result<&T> {
    match place {
        Some(opened) => Ok(opened),
        None => Ok(place.insert(open()?)),
    }
}
