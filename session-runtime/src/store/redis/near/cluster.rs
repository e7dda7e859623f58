//! The masters of a cluster, each with its slots.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redis::cluster_routing::Slot;
use redis::{ConnectionAddr, ConnectionInfo, Value};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::cache::Cache;
use super::node::{Master, Node, Tracked};
use crate::error::Chain;
use crate::store::redis::link::Link;

/// Follows which master has which slots, until it is dropped.
pub(super) struct Cluster {
    map: Arc<RwLock<Map>>,
    changed: Arc<Notify>,
    task: JoinHandle<()>,
}

/// The masters by their addresses, and for each slot the range that it is in.
#[derive(Default)]
struct Map {
    nodes: HashMap<Address, Node>,
    ranges: Vec<Range>,
    slots: HashMap<Slot, usize>,
}

type Address = (String, u16);

/// Slots in a row, and their master.
#[derive(PartialEq, Eq)]
struct Range {
    first: u16,
    last: u16,
    master: Address,
}

impl Cluster {
    pub(super) fn start(link: Link, seed: Option<ConnectionInfo>, cache: Arc<Cache>, max_age: Duration) -> Self {
        let (map, changed) = (Arc::<RwLock<Map>>::default(), Arc::<Notify>::default());
        let follow = Follow { map: map.clone(), changed: changed.clone(), link, seed, cache, max_age };
        Self { map, changed, task: tokio::spawn(follow.forever()) }
    }

    /// The connection to the master of a hash.
    pub(super) fn tracked(&self, name: &str) -> Option<Arc<Tracked>> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let range = map.ranges.get(*map.slots.get(&Slot::for_key(name))?)?;
        map.nodes.get(&range.master)?.tracked()
    }

    pub(super) fn look_again(&self) {
        self.changed.notify_one();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the task works with.
struct Follow {
    map: Arc<RwLock<Map>>,
    changed: Arc<Notify>,
    link: Link,
    /// A node whose user, password and kind of connection are those of all.
    seed: Option<ConnectionInfo>,
    cache: Arc<Cache>,
    max_age: Duration,
}

impl Follow {
    async fn forever(self) {
        loop {
            let mut slots = redis::cmd("CLUSTER");
            slots.arg("SLOTS");
            match timeout(self.max_age, self.link.send(&slots)).await {
                Ok(Ok(answer)) => self.take(ranges(answer)),
                Ok(Err(error)) => {
                    tracing::debug!(error = %Chain(&error), "the Redis cluster does not tell who has which slots");
                }
                Err(_) => tracing::debug!("the Redis cluster does not answer who has which slots"),
            }
            // Whoever sees a slot elsewhere wakes it up, but not in a row.
            tokio::time::sleep(self.max_age / 16).await;
            let _ = timeout(self.max_age, self.changed.notified()).await;
        }
    }

    /// A master that stays keeps its connection, and what that has learned of the slots that stay with it.
    fn take(&self, ranges: Vec<Range>) {
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        if map.ranges == ranges {
            return;
        }
        let mut known = std::mem::take(&mut map.nodes);
        for range in &ranges {
            if !map.nodes.contains_key(&range.master)
                && let Some(node) = known.remove(&range.master).or_else(|| self.node(&range.master))
            {
                map.nodes.insert(range.master.clone(), node);
            }
        }
        map.slots = slots(&ranges).collect();
        map.ranges = ranges;
    }

    fn node(&self, (host, port): &Address) -> Option<Node> {
        let seed = self.seed.clone()?;
        let address = match seed.addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: *insecure,
                tls_params: tls_params.clone(),
            },
            _ => ConnectionAddr::Tcp(host.clone(), *port),
        };
        Some(Node::start(Master::At(seed.set_addr(address).into()), self.cache.clone(), self.max_age))
    }
}

/// Each slot, with the index of its range.
fn slots(ranges: &[Range]) -> impl Iterator<Item = (Slot, usize)> {
    let each = |(index, range): (usize, &Range)| {
        (range.first..=range.last).filter_map(Slot::new).map(move |slot| (slot, index)).collect::<Vec<_>>()
    };
    ranges.iter().enumerate().flat_map(each)
}

/// Reads the answer to `CLUSTER SLOTS`: per range its first and last slot, its master, its replicas; a node is its host, its port, and more. A
/// range whose master has no name there is left out: its sessions are read from Redis each time.
fn ranges(answer: Value) -> Vec<Range> {
    let Value::Array(ranges) = answer else { return Vec::new() };
    ranges.into_iter().filter_map(range).collect()
}

fn range(value: Value) -> Option<Range> {
    let Value::Array(parts) = value else { return None };
    let mut parts = parts.into_iter();
    let (Value::Int(first), Value::Int(last), Value::Array(master)) = (parts.next()?, parts.next()?, parts.next()?)
    else {
        return None;
    };
    let mut master = master.into_iter();
    let (host, Value::Int(port)) = (master.next()?, master.next()?) else { return None };
    let host = match host {
        Value::BulkString(host) => String::from_utf8(host).ok()?,
        Value::SimpleString(host) => host,
        _ => return None,
    };
    let master = (host, u16::try_from(port).ok()?);
    let range = Range { first: u16::try_from(first).ok()?, last: u16::try_from(last).ok()?, master };
    (!range.master.0.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_with_its_master_and_left_out_where_that_has_no_name() {
        let text = |text: &str| Value::BulkString(text.into());
        let node = |host: Value, port| Value::Array(vec![host, Value::Int(port), text("id")]);
        let range = |first, last, master| {
            Value::Array(vec![Value::Int(first), Value::Int(last), master, node(text("replica"), 7)])
        };
        let answer = Value::Array(vec![
            range(0, 5460, node(text("10.0.0.1"), 6379)),
            range(5461, 16383, node(Value::Nil, 6379)),
            range(1, 1, node(text(""), 6379)),
            Value::Int(1),
        ]);
        let ranges = ranges(answer);
        assert_eq!(ranges.len(), 1);
        assert_eq!((ranges[0].first, ranges[0].last), (0, 5460));
        assert_eq!(ranges[0].master, ("10.0.0.1".to_owned(), 6379));
    }
}
