//! How a near cache is set up, how large it is, and that it ends.

use std::time::Duration;

use session_runtime::{RedisStore, StoreKey};
use session_servers::Redis;

use super::stage::{Stage, Watch, number, plant, see, set, until};

/// Keeps 10 of 1000 sessions.
#[tokio::test]
async fn no_more_sessions_are_kept_than_the_cache_has_room_for() {
    let server = Redis::start().expect("a server");
    let store = RedisStore::connect(server.url()).await.expect("a server").near_cache(10);
    let first = plant(&store, 1).await;
    let mut watch = Watch::over([&server]);
    watch.until_kept(&store, &first).await;
    let mut keys: Vec<StoreKey> = Vec::new();
    for index in 0..1_000 {
        keys.push(plant(&store, index).await);
    }
    for _ in 0..2 {
        watch.seen();
        for (key, index) in keys.iter().zip(0..) {
            assert_eq!(number(&store, key).await, index);
        }
        let asked = watch.seen().len();
        assert!(asked >= 990, "only {asked} of 1000 were asked for");
    }
}

#[tokio::test]
async fn a_cache_without_room_is_none() {
    let server = Redis::start().expect("a server");
    let store = RedisStore::connect(server.url()).await.expect("a server").near_cache(0);
    let key = plant(&store, 1).await;
    for index in 2..20 {
        set(&store, &key, index).await;
        assert_eq!(number(&store, &key).await, index);
    }
}

#[tokio::test]
#[should_panic(
    expected = "a near cache needs connections of its own: make the store with `connect`, `connect_cluster` or `connect_sentinel`"
)]
async fn a_store_over_a_connection_of_the_users_keeps_nothing() {
    let server = Redis::start().expect("a server");
    let client = redis::Client::open(server.url()).expect("a URL");
    let connection = client.get_multiplexed_async_connection().await.expect("a server");
    let _ = RedisStore::new(connection).near_cache(1);
}

#[tokio::test]
#[should_panic(expected = "`near_cache_max_age` is at least 100 milliseconds")]
async fn an_age_that_is_too_short_is_refused() {
    let server = Redis::start().expect("a server");
    let store = RedisStore::connect(server.url()).await.expect("a server");
    let _ = store.near_cache_max_age(Duration::from_millis(99));
}

#[tokio::test]
async fn a_store_that_is_dropped_leaves_no_connection() {
    let stage = Stage::with(|store| store.near_cache_max_age(Duration::from_millis(100))).await;
    let Stage { store, key, server, watch } = stage;
    assert_eq!(see(&store, &key).await, "1");
    let clients = || server.command(&["CLIENT", "LIST"]).expect("an answer").text();
    assert_eq!(clients().matches(" addr=127.0.0.1").count(), 2);
    drop((store, watch));
    until("all connections are gone", async || (!clients().contains(" addr=127.0.0.1")).then_some(())).await;
}
