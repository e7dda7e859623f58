//! Starts what is not given.

use std::{env, io, panic::resume_unwind, path::Path, thread};

use crate::{Cluster, Redis, Sentinels, given};

/// One server of each kind that [`given`] names, but for those that the environment names already.
#[derive(Debug)]
pub struct Provided {
    redis: Option<Redis>,
    tls: Option<Redis>,
    cluster: Option<Cluster>,
    sentinels: Option<Sentinels>,
}

impl Provided {
    /// Starts them, all at once.
    ///
    /// # Errors
    ///
    /// As those of [`Redis::start`].
    pub fn start() -> io::Result<Self> {
        thread::scope(|scope| {
            let cluster = scope.spawn(|| unless_given(given::REDIS_CLUSTER_URLS, Cluster::start));
            let sentinels = scope.spawn(|| unless_given(given::REDIS_SENTINEL_URLS, Sentinels::start));
            Ok(Self {
                redis: unless_given(given::REDIS_URL, Redis::start)?,
                tls: unless_given(given::REDIS_TLS_URL, Redis::tls)?,
                cluster: cluster.join().unwrap_or_else(|panic| resume_unwind(panic))?,
                sentinels: sentinels.join().unwrap_or_else(|panic| resume_unwind(panic))?,
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
        redis.chain(tls).chain(cluster).chain(sentinels).collect()
    }

    /// The certificate that a test has to trust, where the server with TLS was started here.
    pub fn certificate(&self) -> Option<&Path> {
        self.tls.as_ref()?.certificate()
    }
}

fn unless_given<T>(variable: &str, start: impl FnOnce() -> io::Result<T>) -> io::Result<Option<T>> {
    if env::var_os(variable).is_some() { Ok(None) } else { start().map(Some) }
}
