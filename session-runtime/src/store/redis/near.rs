//! Records that were read lately, kept in this process until Redis says that they changed.
//!
//! A read goes over a connection that Redis tracks (`CLIENT TRACKING`, RESP3): from then on the server tells that connection when the session
//! changes, ends, expires, is evicted, or leaves for another server. What a connection learned is served as long as that connection is known to
//! be alive, and is worth nothing after it.

mod cache;
mod cluster;
mod node;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use redis::{RedisResult, Value};

use super::connect::Servers;
use super::link::Link;
use super::question::Question;
use crate::clock::Timestamp;
use crate::id::StoreKey;
use crate::record::Record;
use cache::Cache;
use cluster::Cluster;
use node::{Master, Node, Tracked};

/// How a near cache is set up, and what runs of it since the first load.
pub(super) struct Near {
    capacity: usize,
    max_age: Duration,
    running: OnceLock<Running>,
}

struct Running {
    cache: Arc<Cache>,
    nodes: Nodes,
}

/// Where the tracked connections lead.
enum Nodes {
    One(Node),
    Many(Cluster),
}

/// A read whose answer may be kept.
pub(super) struct Fill {
    /// The number of the connection that learned it.
    by: u64,
    /// How many changes there had been before it.
    changes: u64,
}

impl Near {
    /// An entry is served this long after its connection last showed life.
    pub(super) const MAX_AGE: Duration = Duration::from_secs(5);

    pub(super) fn new(capacity: usize, max_age: Duration) -> Self {
        Self { capacity, max_age, running: OnceLock::new() }
    }

    pub(super) fn max_age(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// The record that is kept, if it is still good.
    pub(super) fn get(&self, key: &StoreKey, name: impl Fn() -> String, now: Timestamp) -> Option<Record> {
        let running = self.running.get()?;
        let tracked = running.nodes.of(name)?;
        let record = running.cache.get(key, tracked.number())?;
        (tracked.is_alive(self.max_age) && record.expires() > now).then_some(record)
    }

    /// Asks over a tracked connection, so that the answer may be kept; over the store's own where there is none, or it fails.
    pub(super) async fn ask(
        &self,
        question: &Question,
        key: &StoreKey,
        name: &str,
        servers: &Servers,
        link: &Link,
    ) -> RedisResult<(Value, Option<Fill>)> {
        let running = self.running.get_or_init(|| Running::start(self, servers, link));
        let changes = running.cache.changes(key);
        let tracked = running.nodes.of(|| name.to_owned()).filter(|tracked| tracked.is_alive(self.max_age));
        if let Some(tracked) = tracked {
            match tracked.while_it_lasts(question.ask(tracked.link())).await {
                Some(Ok(answer)) => return Ok((answer, Some(Fill { by: tracked.number(), changes }))),
                Some(Err(_)) | None => running.nodes.look_again(),
            }
        }
        Ok((question.ask(link).await?, None))
    }

    /// Keeps what was read, unless it has changed since.
    pub(super) fn put(&self, fill: &Fill, key: &StoreKey, record: &Record) {
        if let Some(running) = self.running.get() {
            running.cache.put(key, record, fill.by, fill.changes);
        }
    }

    /// Drops what this process has changed itself, before it answers.
    pub(super) fn forget(&self, key: &StoreKey) {
        if let Some(running) = self.running.get() {
            running.cache.forget(key);
        }
    }
}

impl Running {
    fn start(near: &Near, servers: &Servers, link: &Link) -> Self {
        let cache = Arc::new(Cache::new(near.capacity));
        let nodes = match servers {
            Servers::Master(managed) => {
                Nodes::One(Node::start(Master::Of(managed.clone()), cache.clone(), near.max_age))
            }
            Servers::Cluster { seeds, .. } => {
                Nodes::Many(Cluster::start(link.clone(), seeds.first().cloned(), cache.clone(), near.max_age))
            }
        };
        Self { cache, nodes }
    }
}

impl Nodes {
    /// The connection to the master of a session's hash.
    fn of(&self, name: impl Fn() -> String) -> Option<Arc<Tracked>> {
        match self {
            Self::One(node) => node.tracked(),
            Self::Many(cluster) => cluster.tracked(&name()),
        }
    }

    /// Looks where the masters are, since one of them may not be where it was.
    fn look_again(&self) {
        match self {
            Self::One(_) => {}
            Self::Many(cluster) => cluster.look_again(),
        }
    }
}
