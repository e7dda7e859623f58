//! A cluster: each master tells of its own sessions.

use std::time::Duration;

use session_runtime::{RedisStore, StoreKey};
use session_servers::{Cluster, Redis};

use super::stage::{PROMISED, Watch, hash, plant, promote, see, set, until, within};

/// A cluster, a store with a near cache over it, and sessions on all of its masters; the number of each is 1.
struct Spread {
    store: RedisStore,
    keys: Vec<StoreKey>,
    cluster: Cluster,
}

impl Spread {
    async fn new() -> Self {
        let cluster = Cluster::start().expect("a cluster");
        let store = connect(&cluster).await.near_cache(1_000).near_cache_max_age(Duration::from_secs(1));
        let mut keys = Vec::new();
        while keys.len() < 12 || (0..3).any(|master| !keys.iter().any(|key| cluster.is_on(key, master))) {
            keys.push(plant(&store, 1).await);
        }
        let spread = Self { store, keys, cluster };
        spread.until_kept(&[0, 1, 2], &spread.keys).await;
        spread
    }

    /// Loads sessions until that costs nothing on these masters.
    async fn until_kept(&self, masters: &[usize], keys: &[StoreKey]) {
        let mut watch = self.watch(masters);
        for key in keys {
            watch.until_kept(&self.store, key).await;
        }
    }

    fn watch(&self, masters: &[usize]) -> Watch {
        Watch::over(masters.iter().map(|master| &self.cluster.nodes()[*master]))
    }

    /// The sessions of a master, and those of the others.
    fn of(&self, master: usize) -> (Vec<StoreKey>, Vec<StoreKey>) {
        self.keys.iter().copied().partition(|key| self.cluster.is_on(key, master))
    }

    async fn sees(&self, key: &StoreKey, expected: &str) {
        until(expected, async || (see(&self.store, key).await == expected).then_some(())).await;
    }
}

trait Where {
    fn is_on(&self, key: &StoreKey, master: usize) -> bool;
}

impl Where for Cluster {
    fn is_on(&self, key: &StoreKey, master: usize) -> bool {
        self.master_of(&hash(key)).is_ok_and(|of| of == master)
    }
}

async fn connect(cluster: &Cluster) -> RedisStore {
    RedisStore::connect_cluster(cluster.urls()).await.expect("a cluster")
}

fn change(node: &Redis, key: &StoreKey, number: u64) {
    node.command(&["HSET", &hash(key), "number", &number.to_string()]).expect("an answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_asked_twice_on_any_master_and_every_change_is_seen() {
    let spread = Spread::new().await;
    let elsewhere = connect(&spread.cluster).await;
    let mut watch = spread.watch(&[0, 1, 2]);
    for key in spread.keys.iter().cycle().take(100) {
        assert_eq!(see(&spread.store, key).await, "1");
    }
    let of_sessions = |seen: Vec<String>| seen.into_iter().filter(|line| line.contains("session:")).collect::<Vec<_>>();
    assert_eq!(of_sessions(watch.seen()), [""; 0]);
    for key in &spread.keys {
        set(&elsewhere, key, 2).await;
        within(PROMISED, "the change", async || (see(&spread.store, key).await == "2").then_some(())).await;
        set(&spread.store, key, 3).await;
        assert_eq!(see(&spread.store, key).await, "3");
    }
}

/// The cluster goes on without the sessions of the master that is gone: what other masters told is as good as before, all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_other_masters_told_is_kept_through_a_failover() {
    let spread = Spread::new().await;
    for node in spread.cluster.nodes() {
        node.command(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]).expect("an answer");
    }
    let (lost, others) = spread.of(0);
    let mut watch = spread.watch(&[1, 2]);
    spread.cluster.nodes()[0].kill().expect("an end");
    until("the replica is the master", async || {
        for key in &others {
            assert_eq!(see(&spread.store, key).await, "1");
        }
        spread.cluster.is_on(&lost[0], 3).then_some(())
    })
    .await;
    let seen = watch.seen();
    assert!(seen.iter().all(|line| !line.contains("session:")), "{seen:?}");
}

/// The whole cluster is down until the replica has taken over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failover_the_new_master_is_asked_and_keeping_begins_anew() {
    let spread = Spread::new().await;
    let new = &spread.cluster.nodes()[3];
    let (lost, _) = spread.of(0);
    spread.cluster.nodes()[0].kill().expect("an end");
    until("the replica is the master", async || spread.cluster.is_on(&lost[0], 3).then_some(())).await;
    for key in &lost {
        // Nobody who tracks anything at the new master told of this.
        until("the new master takes writes", async || {
            new.command(&["HSET", &hash(key), "number", "9"]).is_ok().then_some(())
        })
        .await;
        spread.sees(key, "9").await;
    }
    spread.until_kept(&[1, 2, 3], &spread.keys).await;
    change(new, &lost[0], 10);
    within(PROMISED, "the change", async || (see(&spread.store, &lost[0]).await == "10").then_some(())).await;
}

/// The old master lives on as a replica, and so does the connection to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_steps_back_is_no_longer_read_from() {
    let spread = Spread::new().await;
    let new = &spread.cluster.nodes()[3];
    let (moved, _) = spread.of(0);
    // One that is the master already refuses.
    promote(|| drop(new.command(&["CLUSTER", "FAILOVER"])), || spread.cluster.is_on(&moved[0], 3)).await;
    for key in &moved {
        change(new, key, 2);
        within(PROMISED, "the change", async || (see(&spread.store, key).await == "2").then_some(())).await;
        for number in 3..20 {
            set(&spread.store, key, number).await;
            assert_eq!(see(&spread.store, key).await, number.to_string());
        }
    }
    spread.until_kept(&[1, 2, 3], &spread.keys).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_that_moves_is_followed() {
    let spread = Spread::new().await;
    let (here, _) = spread.of(0);
    let key = here[0];
    move_slot(&spread.cluster, &key, 0, 1);
    let nodes = spread.cluster.nodes();
    change(&nodes[1], &key, 2);
    spread.sees(&key, "2").await;
    spread.until_kept(&[0, 1, 2], &spread.keys).await;
    change(&nodes[1], &key, 3);
    within(PROMISED, "the change", async || (see(&spread.store, &key).await == "3").then_some(())).await;
    // And back again, to a master whose connection has known the slot before.
    spread.until_kept(&[1], &[key]).await;
    move_slot(&spread.cluster, &key, 1, 0);
    change(&nodes[0], &key, 4);
    spread.sees(&key, "4").await;
    set(&spread.store, &key, 5).await;
    assert_eq!(see(&spread.store, &key).await, "5");
    spread.until_kept(&[0, 1, 2], &[key]).await;
}

/// Moves the slot of a session, and what is in it, from one master to another.
fn move_slot(cluster: &Cluster, key: &StoreKey, from: usize, to: usize) {
    let (from, to) = (&cluster.nodes()[from], &cluster.nodes()[to]);
    let order = |node: &Redis, words: &[&str]| node.command(words).expect("an answer").text();
    let [source, target] = [from, to].map(|node| order(node, &["CLUSTER", "MYID"]));
    let slot = order(from, &["CLUSTER", "KEYSLOT", &hash(key)]);
    order(to, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source]);
    order(from, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target]);
    let keys = from.command(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"]).expect("an answer").texts();
    for key in keys {
        order(from, &["MIGRATE", "127.0.0.1", &to.port().to_string(), &key, "0", "5000"]);
    }
    for node in [to, from] {
        order(node, &["CLUSTER", "SETSLOT", &slot, "NODE", &target]);
    }
}
