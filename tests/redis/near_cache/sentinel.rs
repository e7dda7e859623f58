//! Sentinels that make another server the master.

use std::time::Duration;

use session_runtime::{RedisStore, StoreKey};
use session_servers::{Redis, Sentinels};

use super::stage::{PROMISED, Watch, hash, plant, promote, see, set, until, within};

/// By default; and a moment for a busy machine.
const MAX_AGE: Duration = Duration::from_secs(5 + 1);

/// A master and a replica that both have a session, and a store that keeps it.
struct Watched {
    store: RedisStore,
    key: StoreKey,
    sentinels: Sentinels,
}

impl Watched {
    async fn new() -> Self {
        let sentinels = Sentinels::start().expect("sentinels");
        let connected = RedisStore::connect_sentinel(sentinels.urls(), sentinels.master_name()).await;
        let store = connected.expect("a master").near_cache(1_000);
        let key = plant(&store, 1).await;
        let watched = Self { store, key, sentinels };
        let [old, new] = watched.servers();
        Watch::over([old]).until_kept(&watched.store, &key).await;
        until("the replica has the session", async || {
            (new.command(&["EXISTS", &hash(&key)]).expect("an answer").text() == "1").then_some(())
        })
        .await;
        watched
    }

    /// The master, and the replica that is to be the master.
    fn servers(&self) -> [&Redis; 2] {
        let [old, new] = self.sentinels.nodes() else { panic!("two servers") };
        [old, new]
    }

    /// Waits until all sentinels say that the replica is the master.
    async fn until_replaced(&self) {
        until("the replica is the master", async || {
            (self.sentinels.master().expect("an answer") == Some(1)).then_some(())
        })
        .await;
    }

    /// Has the sentinels make the replica the master.
    async fn replace(&self) {
        let order = ["SENTINEL", "FAILOVER", self.sentinels.master_name()];
        // One that is under way is no reason to begin another.
        let order = || drop(self.sentinels.sentinels()[0].command(&order));
        promote(order, || self.sentinels.master().expect("an answer") == Some(1)).await;
    }

    async fn see(&self) -> String {
        see(&self.store, &self.key).await
    }

    /// Changes the session at the new master by hand.
    fn change(&self, number: &str) -> Option<()> {
        self.servers()[1].command(&["HSET", &hash(&self.key), "number", number]).ok().map(|_| ())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failover_the_new_master_is_asked_and_keeping_begins_anew() {
    let watched = Watched::new().await;
    let [old, new] = watched.servers();
    old.kill().expect("an end");
    watched.until_replaced().await;
    until("the new master takes writes", async || watched.change("9")).await;
    until("the change", async || (watched.see().await == "9").then_some(())).await;
    Watch::over([new]).until_kept(&watched.store, &watched.key).await;
    watched.change("10").expect("an answer");
    within(PROMISED, "the next change", async || (watched.see().await == "10").then_some(())).await;
    set(&watched.store, &watched.key, 11).await;
    assert_eq!(watched.see().await, "11");
}

/// The old master lives: the sentinels end its clients' connections when they make it a replica.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_steps_back_is_no_longer_read_from() {
    let watched = Watched::new().await;
    let [old, new] = watched.servers();
    watched.replace().await;
    // Whoever asks at the moment at which all connections are ended gets no answer.
    until("the old one follows", async || {
        let info = old.command(&["INFO", "replication"]).ok()?.text();
        info.contains("role:slave").then_some(())
    })
    .await;
    for number in 2..50 {
        set(&watched.store, &watched.key, number).await;
        assert_eq!(watched.see().await, number.to_string());
    }
    Watch::over([new]).until_kept(&watched.store, &watched.key).await;
}

/// Of an application that only reads, nothing goes over the store's own connection, which would find out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_only_reads_leaves_a_master_that_steps_back() {
    let watched = Watched::new().await;
    let [old, new] = watched.servers();
    watched.replace().await;
    watched.sentinels.wait().expect("one master");
    // It learns nothing any more.
    until("the old one is on its own", async || old.command(&["REPLICAOF", "127.0.0.1", "1"]).ok()).await;
    until("the new master takes writes", async || watched.change("9")).await;
    within(MAX_AGE, "the change", async || (watched.see().await == "9").then_some(())).await;
    let mut at_old = Watch::over([old]);
    Watch::over([new]).until_kept(&watched.store, &watched.key).await;
    for number in 10..20 {
        let number = number.to_string();
        watched.change(&number).expect("an answer");
        within(PROMISED, "the next change", async || (watched.see().await == number).then_some(())).await;
    }
    assert_eq!(at_old.seen_of(&watched.key), [""; 0]);
}
