//! Starts what is not given.

use std::{
    env, io,
    panic::resume_unwind,
    path::Path,
    thread::{self, ScopedJoinHandle},
};

use crate::{Cluster, MariaDb, Postgres, Redis, Sentinels, given};

/// One server of each kind that [`given`] names, but for those that the environment names already.
#[derive(Debug)]
pub struct Provided {
    redis: Option<Redis>,
    tls: Option<Redis>,
    cluster: Option<Cluster>,
    sentinels: Option<Sentinels>,
    postgres: Option<Postgres>,
    mariadb: Option<MariaDb>,
}

impl Provided {
    /// Starts them, all at once.
    ///
    /// # Errors
    ///
    /// As those of [`Redis::start`], and of the others.
    pub fn start() -> io::Result<Self> {
        thread::scope(|scope| {
            let cluster = scope.spawn(|| unless_given(given::REDIS_CLUSTER_URLS, Cluster::start));
            let sentinels = scope.spawn(|| unless_given(given::REDIS_SENTINEL_URLS, Sentinels::start));
            let postgres = scope.spawn(|| unless_given(given::POSTGRES_URL, Postgres::start));
            let mariadb = scope.spawn(|| unless_given(given::MYSQL_URL, MariaDb::start));
            Ok(Self {
                redis: unless_given(given::REDIS_URL, Redis::start)?,
                tls: unless_given(given::REDIS_TLS_URL, Redis::tls)?,
                cluster: joined(cluster)?,
                sentinels: joined(sentinels)?,
                postgres: joined(postgres)?,
                mariadb: joined(mariadb)?,
            })
        })
    }

    /// What tells a test of them.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let redis = self.redis.iter().map(|redis| (given::REDIS_URL, redis.url()));
        let tls = self.tls.iter().map(|redis| (given::REDIS_TLS_URL, redis.url()));
        let cluster = self.cluster.iter().map(|cluster| (given::REDIS_CLUSTER_URLS, cluster.urls().join(",")));
        let sentinels = self.sentinels.iter().flat_map(|sentinels| {
            let master = sentinels.master_name().to_owned();
            [(given::REDIS_SENTINEL_URLS, sentinels.urls().join(",")), (given::REDIS_SENTINEL_MASTER, master)]
        });
        let postgres = self.postgres.iter().map(|postgres| (given::POSTGRES_URL, postgres.url()));
        let mariadb = self.mariadb.iter().map(|mariadb| (given::MYSQL_URL, mariadb.url()));
        redis.chain(tls).chain(cluster).chain(sentinels).chain(postgres).chain(mariadb).collect()
    }

    /// The certificate that a test has to trust, where the server with TLS was started here.
    pub fn certificate(&self) -> Option<&Path> {
        self.tls.as_ref()?.certificate()
    }
}

fn joined<T>(starting: ScopedJoinHandle<'_, T>) -> T {
    starting.join().unwrap_or_else(|panic| resume_unwind(panic))
}

fn unless_given<T>(variable: &str, start: impl FnOnce() -> io::Result<T>) -> io::Result<Option<T>> {
    if env::var_os(variable).is_some() { Ok(None) } else { start().map(Some) }
}
