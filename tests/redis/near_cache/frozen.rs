//! A tracked connection that is there and says nothing.

use std::time::{Duration, Instant};

use session_runtime::store::{Removed, Updated};
use session_runtime::{RedisStore, SessionStore as _, StoreKey};
use session_servers::Redis;

use super::stage::{PROMISED, Watch, cached, hash, new_key, plant, see, set, until, within};
use super::wire::{Way, Wire};

const MAX_AGE: Duration = Duration::from_millis(300);

/// A store whose tracked connections can be frozen, and a session that it keeps.
struct Frozen {
    server: Redis,
    wire: Wire,
    store: RedisStore,
    key: StoreKey,
    watch: Watch,
}

impl Frozen {
    async fn new() -> Self {
        let server = Redis::start().expect("a server");
        let wire = Wire::to(server.port()).await;
        let store = cached(&wire.url()).await.near_cache_max_age(MAX_AGE);
        let key = plant(&store, 1).await;
        let mut watch = Watch::over([&server]);
        watch.until_kept(&store, &key).await;
        Self { server, wire, store, key, watch }
    }

    fn change(&self, number: &str) {
        self.server.command(&["HSET", &hash(&self.key), "number", number]).expect("an answer");
    }
}

/// No answer that began to be asked for later than `max_age` after the change is old, and none fails.
#[tokio::test]
async fn what_changed_is_served_for_no_longer_than_the_greatest_age() {
    let mut frozen = Frozen::new().await;
    frozen.wire.set(Way::Frozen);
    frozen.change("2");
    let changed = Instant::now();
    let mut old = 0;
    within(PROMISED, "the change", async || {
        let asked = changed.elapsed();
        let seen = see(&frozen.store, &frozen.key).await;
        assert!(seen == "2" || (seen == "1" && asked <= MAX_AGE), "{seen} was read {asked:?} after the change");
        old += u32::from(seen == "1");
        (seen == "2").then_some(())
    })
    .await;
    assert!(old > 0, "nothing was kept");
    frozen.wire.set(Way::Open);
    frozen.watch.until_kept(&frozen.store, &frozen.key).await;
    frozen.change("3");
    within(PROMISED, "the next change", async || (see(&frozen.store, &frozen.key).await == "3").then_some(())).await;
}

/// The cache still has the session, and the update starts from that.
#[tokio::test]
async fn an_update_of_a_session_that_was_signed_out_elsewhere_is_dropped() {
    let frozen = Frozen::new().await;
    let elsewhere = RedisStore::connect(frozen.server.url()).await.expect("a server");
    frozen.wire.set(Way::Frozen);
    assert_eq!(elsewhere.remove(&frozen.key).await.expect("an answer"), Removed::Done);
    assert_eq!(see(&frozen.store, &frozen.key).await, "1", "the connection says nothing");
    assert!(matches!(set(&frozen.store, &frozen.key, 2).await, Updated::Missing));
    assert_eq!(see(&frozen.store, &frozen.key).await, "nothing");
}

/// What is not kept is asked for over the frozen connection, as long as nobody knows that it is frozen; and over another one then.
#[tokio::test]
async fn what_is_not_kept_is_read_all_the_same() {
    let frozen = Frozen::new().await;
    let others = [plant(&frozen.store, 2).await, plant(&frozen.store, 3).await];
    frozen.wire.set(Way::Frozen);
    let began = Instant::now();
    for (key, expected) in [(others[0], "2"), (new_key(), "nothing"), (others[1], "3")] {
        within_age(expected, see(&frozen.store, &key)).await;
    }
    // Known by now: nothing waits any more.
    until("the connection is given up", async || (began.elapsed() > 2 * MAX_AGE).then_some(())).await;
    for _ in 0..20 {
        within_age("2", see(&frozen.store, &others[0])).await;
    }
}

/// An answer that may take as long as a connection is believed to be alive, and the pause until it is believed no longer.
async fn within_age(expected: &str, seen: impl Future<Output = String>) {
    let seen = tokio::time::timeout(4 * MAX_AGE, seen).await.expect("an answer in spite of the frozen connection");
    assert_eq!(seen, expected);
}
