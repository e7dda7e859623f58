//! Records that were read lately, kept in this process until Redis says that they changed.
//!
//! A read goes over a connection that Redis tracks (`CLIENT TRACKING`, RESP3): from then on the server tells that connection when the session
//! changes, ends, expires, is evicted, or leaves for another server. What a connection learned is served as long as that connection is known to
//! be alive, and is worth nothing after it.

mod cache;
mod masters;
mod node;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use redis::{RedisResult, Value};

use super::library::Request;
use super::link::{Link, Wire};
use crate::clock::Timestamp;
use crate::id::StoreKey;
use crate::record::Record;
use cache::Cache;
use masters::Masters;
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
    None,
    One(Node),
    Many(Masters),
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
    pub(super) fn get(&self, key: &StoreKey, hash: impl Fn() -> String, now: Timestamp) -> Option<Record> {
        let running = self.running.get()?;
        let tracked = running.nodes.of(hash)?;
        let record = running.cache.get(key, tracked.number())?;
        (tracked.is_alive(self.max_age) && record.expires() > now).then_some(record)
    }

    /// Asks over a tracked connection, so that the answer may be kept; over the store's own where there is none, or it fails.
    pub(super) async fn ask(
        &self,
        request: &Request,
        key: &StoreKey,
        link: &Link,
    ) -> RedisResult<(Value, Option<Fill>)> {
        let running = self.running.get_or_init(|| Running::start(self, link));
        let changes = running.cache.changes(key);
        let tracked = running.nodes.of(|| request.hash().to_owned());
        if let Some(tracked) = tracked.filter(|tracked| tracked.is_alive(self.max_age)) {
            tracked.reads(request.hash());
            if let Some(Ok(answer)) = tracked.while_it_lasts(tracked.link().run(request)).await {
                return Ok((answer, Some(Fill { by: tracked.number(), changes })));
            }
        }
        Ok((link.run(request).await?, None))
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
    fn start(near: &Near, link: &Link) -> Self {
        let cache = Arc::new(Cache::new(near.capacity));
        let nodes = match link.wire() {
            Wire::Server(server) => Nodes::One(Node::start(Master::Of(server.clone()), cache.clone(), near.max_age)),
            Wire::Cluster(cluster) => Nodes::Many(Masters::new(cluster.clone(), cache.clone(), near.max_age)),
            // A connection of the application's is none to make others of.
            _ => Nodes::None,
        };
        Self { cache, nodes }
    }
}

impl Nodes {
    /// The connection to the master of a session's hash.
    fn of(&self, hash: impl Fn() -> String) -> Option<Arc<Tracked>> {
        match self {
            Self::None => None,
            Self::One(node) => node.tracked(),
            Self::Many(masters) => masters.tracked(&hash()),
        }
    }
}
