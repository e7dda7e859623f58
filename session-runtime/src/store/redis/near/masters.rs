//! The masters of a cluster, each with its tracked connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::cache::Cache;
use super::node::{Master, Node, Tracked};
use crate::store::redis::link::{Address, Cluster};

/// The tracked connections to those masters that were asked for something.
pub(super) struct Masters {
    cluster: Cluster,
    nodes: Mutex<HashMap<Address, Node>>,
    cache: Arc<Cache>,
    max_age: Duration,
}

impl Masters {
    pub(super) fn new(cluster: Cluster, cache: Arc<Cache>, max_age: Duration) -> Self {
        Self { cluster, nodes: Mutex::default(), cache, max_age }
    }

    /// The connection to the master of a hash: to the one that the store asks, which learns of failovers and of slots that move by the
    /// answers. What was learned from another is worth nothing from then on.
    pub(super) fn tracked(&self, hash: &str) -> Option<Arc<Tracked>> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let master = self.cluster.master_of(hash)?;
        if let Some(node) = nodes.get(&master) {
            return node.tracked();
        }
        let information = self.cluster.information(&master)?;
        nodes.insert(master, Node::start(Master::At(information.into()), self.cache.clone(), self.max_age));
        nodes.retain(|address, _| self.cluster.is_master(address));
        None
    }
}
