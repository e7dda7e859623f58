//! The masters of a cluster, each over a connection of its own, and which of them has which slots.

mod slots;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use redis::cluster_routing::Slot;
use redis::{Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult, Value};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::failure::is_broken;
use super::managed::{Managed, Source};
use slots::Range;

/// A host and a port.
pub(in crate::store::redis) type Address = (String, u16);

/// How often a call is made that finds no master, or the wrong one.
const TRIES: u32 = 8;

/// How long a node may take to tell who has which slots.
const PATIENCE: Duration = Duration::from_secs(1);

/// A cluster; a clone shares its connections.
///
/// A failover or a slot that moves shows in the answers: the next who asks looks where the masters are, and asks again. Each server is asked
/// over a connection of its own, so that one that hangs holds up no other.
#[derive(Clone)]
pub(in crate::store::redis) struct Cluster(Arc<Shared>);

struct Shared {
    /// The nodes that were named, with the user, the password and the kind of connection that all nodes have.
    seeds: Vec<ConnectionInfo>,
    map: RwLock<Arc<Map>>,
    nodes: Mutex<HashMap<Address, Managed>>,
    /// Held by the one that looks.
    looking: tokio::sync::Mutex<()>,
}

/// Which range each slot is in.
#[derive(Default)]
struct Map {
    ranges: Vec<Range>,
    slots: HashMap<Slot, usize>,
    /// Counts the times that somebody looked.
    looks: u64,
}

/// Where to ask next.
enum Way {
    Master,
    /// Where a node said that the slot is now.
    Moved(Address),
    /// Where a node said that this hash may be already.
    Ask(Address),
}

impl Cluster {
    pub(in crate::store::redis) fn new(seeds: Vec<ConnectionInfo>) -> Self {
        Self(Arc::new(Shared {
            seeds,
            map: RwLock::default(),
            nodes: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
        }))
    }

    /// The same cluster, over other connections.
    pub(super) fn another(&self) -> Self {
        Self::new(self.0.seeds.clone())
    }

    pub(super) async fn send(&self, command: &Cmd, hash: &str) -> RedisResult<Value> {
        let asking = || {
            let mut asking = redis::pipe();
            asking.cmd("ASKING").add_command(command.clone());
            asking
        };
        self.over(hash, |server, is_asking| async move {
            if is_asking {
                Ok(server.send_after(&asking(), 1).await?.pop().unwrap_or_default())
            } else {
                server.send(command).await
            }
        })
        .await
    }

    pub(super) async fn send_both(&self, both: &Pipeline, hash: &str) -> RedisResult<Vec<Value>> {
        let asking = || {
            let mut asking = redis::pipe();
            asking.cmd("ASKING");
            for command in both.cmd_iter() {
                asking.add_command(command.clone());
            }
            asking
        };
        self.over(hash, |server, is_asking| async move {
            if is_asking { server.send_after(&asking(), 1).await } else { server.send_both(both).await }
        })
        .await
    }

    /// Makes a call to the master of a hash, wherever that is by then.
    async fn over<T, F>(&self, hash: &str, call: impl Fn(Managed, bool) -> F) -> RedisResult<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let mut way = Way::Master;
        let mut tries = 0;
        loop {
            let (looks, address) = self.address(hash);
            let (address, is_asking) = match way {
                Way::Master => (address, false),
                Way::Moved(address) => (Some(address), false),
                Way::Ask(address) => (Some(address), true),
            };
            let answer = match address {
                Some(address) => call(self.node(&address)?, is_asking).await,
                None => Err((ErrorKind::ClusterConnectionNotFound, "no master is known that has this slot").into()),
            };
            tries += 1;
            let error = match answer {
                Err(error) if tries < TRIES => error,
                answer => return answer,
            };
            way = way_after(&error)?;
            if !matches!(way, Way::Ask(_)) {
                self.look_unless_done(looks).await;
            }
            if matches!(way, Way::Master) && tries > 1 {
                sleep(pause(tries)).await;
            }
        }
    }

    /// The master of a hash, and how often somebody had looked by then.
    fn address(&self, hash: &str) -> (u64, Option<Address>) {
        let map = self.map();
        let range = map.slots.get(&Slot::for_key(hash)).and_then(|range| map.ranges.get(*range));
        (map.looks, range.map(|range| range.master.clone()))
    }

    /// The master of a hash, as far as it is known.
    pub(in crate::store::redis) fn master_of(&self, hash: &str) -> Option<Address> {
        self.address(hash).1
    }

    /// Whether a node is a master, as far as it is known.
    pub(in crate::store::redis) fn is_master(&self, address: &Address) -> bool {
        self.map().ranges.iter().any(|range| range.master == *address)
    }

    /// How a node is connected to.
    pub(in crate::store::redis) fn information(&self, (host, port): &Address) -> Option<ConnectionInfo> {
        let seed = self.0.seeds.first()?.clone();
        let address = match seed.addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: *insecure,
                tls_params: tls_params.clone(),
            },
            _ => ConnectionAddr::Tcp(host.clone(), *port),
        };
        Some(seed.set_addr(address))
    }

    /// Looks where the masters are: all known nodes are asked, and believed is what most of them say. One that was cut off from the others goes on
    /// telling what it knew.
    ///
    /// # Errors
    ///
    /// What the last node said, where none tells.
    pub(in crate::store::redis) async fn look(&self) -> RedisResult<()> {
        let mut asked = JoinSet::new();
        for (host, node) in self.known_nodes() {
            asked.spawn(ranges_of(host, node));
        }
        let half = asked.len() / 2;
        let mut votes: Vec<(usize, Vec<Range>)> = Vec::new();
        let mut last =
            (ErrorKind::ClusterConnectionNotFound, "no node of the cluster tells who has which slots").into();
        while let Some(answer) = asked.join_next().await {
            match answer {
                Ok(Ok(ranges)) if ranges.is_empty() => {}
                Ok(Ok(ranges)) => match votes.iter_mut().find(|(_, said)| *said == ranges) {
                    Some((count, _)) => *count += 1,
                    None => votes.push((1, ranges)),
                },
                Ok(Err(error)) => last = error,
                Err(_) => {}
            }
            if votes.iter().any(|(count, _)| *count > half) {
                break;
            }
        }
        let believed = votes.into_iter().max_by_key(|(count, ranges)| (*count, slots::each(ranges).count()));
        let (_, ranges) = believed.ok_or(last)?;
        self.take(ranges);
        Ok(())
    }

    /// Looks, unless somebody has looked since the map was read.
    async fn look_unless_done(&self, looks: u64) {
        let _looking = self.0.looking.lock().await;
        if self.map().looks == looks
            && let Err(error) = self.look().await
        {
            tracing::debug!(%error, "no node of the Redis cluster tells who has which slots");
        }
    }

    fn take(&self, ranges: Vec<Range>) {
        let mut map = self.0.map.write().unwrap_or_else(PoisonError::into_inner);
        let looks = map.looks + 1;
        *map = Arc::new(Map { slots: slots::each(&ranges).collect(), ranges, looks });
        let mut nodes = self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.retain(|address, _| map.ranges.iter().any(|range| range.master == *address));
    }

    /// The masters, and the nodes that were named, each with its host.
    fn known_nodes(&self) -> Vec<(String, Managed)> {
        let nodes = self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let masters = nodes.iter().map(|((host, _), node)| (host.clone(), node.clone()));
        let seeds = self.0.seeds.iter().filter_map(|seed| {
            let address = match seed.addr() {
                ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => (host.clone(), *port),
                _ => return None,
            };
            let client = Client::open(seed.clone()).ok().filter(|_| !nodes.contains_key(&address))?;
            Some((address.0, Managed::new(Source::At(client))))
        });
        masters.chain(seeds).collect()
    }

    fn node(&self, address: &Address) -> RedisResult<Managed> {
        let mut nodes = self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = nodes.get(address) {
            return Ok(node.clone());
        }
        let unknown =
            || RedisError::from((ErrorKind::ClusterConnectionNotFound, "a cluster of which no node was named"));
        let client = Client::open(self.information(address).ok_or_else(unknown)?)?;
        Ok(nodes.entry(address.clone()).or_insert(Managed::new(Source::At(client))).clone())
    }

    fn map(&self) -> Arc<Map> {
        self.0.map.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Who has which slots, as a node tells.
async fn ranges_of(host: String, node: Managed) -> RedisResult<Vec<Range>> {
    let mut question = redis::cmd("CLUSTER");
    question.arg("SLOTS");
    let silence = || std::io::Error::from(std::io::ErrorKind::TimedOut).into();
    let answer = timeout(PATIENCE, node.send(&question)).await.unwrap_or_else(|_| Err(silence()))?;
    Ok(slots::read(answer, &host))
}

/// Where to ask after this; the error itself where there is nowhere to.
fn way_after(error: &RedisError) -> RedisResult<Way> {
    use redis::ServerErrorKind::{Ask, BusyLoading, ClusterDown, MasterDown, Moved, ReadOnly, TryAgain};
    match error.kind() {
        ErrorKind::Server(Moved) => Ok(told(error).map_or(Way::Master, Way::Moved)),
        ErrorKind::Server(Ask) => Ok(told(error).map_or(Way::Master, Way::Ask)),
        ErrorKind::Server(TryAgain | ClusterDown | MasterDown | BusyLoading | ReadOnly)
        | ErrorKind::ClusterConnectionNotFound => Ok(Way::Master),
        _ if is_broken(error) => Ok(Way::Master),
        _ => Err(error.clone()),
    }
}

/// The address that a node names; none where it means its own host.
fn told(error: &RedisError) -> Option<Address> {
    let (host, port) = error.redirect_node()?.0.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then_some((host.to_owned(), port.parse().ok()?))
}

/// Longer from try to try: less than a second in all.
fn pause(tries: u32) -> Duration {
    Duration::from_millis(5 << tries.min(6)).min(Duration::from_millis(200))
}
