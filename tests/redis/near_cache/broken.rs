//! A tracked connection that ends, or that there never is: what it learned is worth nothing from then on.

use std::time::Duration;

use session_runtime::{RedisStore, SessionStore as _};
use session_servers::Redis;

use super::stage::{Stage, Watch, plant, record, see, set};

/// It is the end that tells, long before a sign of life is missed.
#[tokio::test]
async fn what_was_read_over_a_connection_that_the_server_ends_is_not_served() {
    let mut stage = Stage::with(|store| store.near_cache_max_age(Duration::from_secs(20))).await;
    for round in 2..5 {
        let clients = stage.server.command(&["CLIENT", "LIST"]).expect("an answer").text();
        let tracked = clients.lines().find(|line| line.contains("flags=t ")).expect("a tracked connection");
        let id = tracked.split(' ').next().and_then(|id| id.strip_prefix("id=")).expect("an id");
        stage.server.command(&["CLIENT", "KILL", "ID", id]).expect("an answer");
        // Of this nobody tells the store.
        stage.by_hand("HSET", &["number", &round.to_string()]);
        stage.sees(&round.to_string()).await;
        stage.watch.until_kept(&stage.store, &stage.key).await;
    }
}

#[tokio::test]
async fn nothing_old_is_served_when_all_connections_end_at_once() {
    let mut stage = Stage::new().await;
    for round in 2..10 {
        stage.server.command(&["CLIENT", "KILL", "TYPE", "normal"]).expect("an answer");
        stage.by_hand("HSET", &["number", &round.to_string()]);
        stage.sees(&round.to_string()).await;
        stage.watch = Watch::over([&stage.server]);
        stage.watch.until_kept(&stage.store, &stage.key).await;
    }
}

#[tokio::test]
async fn a_server_that_comes_back_with_nothing_has_no_sessions_here_either() {
    let stage = Stage::new().await;
    stage.server.kill().expect("an end");
    stage.server.restart().expect("a server");
    stage.sees("nothing").await;
}

#[tokio::test]
async fn the_sessions_of_a_server_that_comes_back_are_read_anew() {
    let mut stage = Stage::new().await;
    for round in 2_u64..5 {
        let session = record(&stage.store, &stage.key).await.expect("a session");
        stage.server.kill().expect("an end");
        stage.server.restart().expect("a server");
        let elsewhere = stage.elsewhere().await;
        elsewhere.insert(&stage.key, &session).await.expect("an answer");
        set(&elsewhere, &stage.key, round).await;
        stage.sees(&round.to_string()).await;
        stage.watch = Watch::over([&stage.server]);
        stage.watch.until_kept(&stage.store, &stage.key).await;
        let other = plant(&elsewhere, round).await;
        stage.watch.until_kept(&stage.store, &other).await;
    }
}

/// The store works as one without a cache, and becomes one with a cache when it may.
#[tokio::test]
async fn a_user_who_may_not_track_reads_from_redis_each_time() {
    let server = Redis::start().expect("a server");
    let user = |rule: &str| server.command(&["ACL", "SETUSER", "app", "on", ">secret", "~*", "+@all", rule]);
    user("-client|tracking").expect("an answer");
    let url = server.url().replace("redis://", "redis://app:secret@");
    let store = RedisStore::connect(url).await.expect("a server").near_cache(10);
    let key = plant(&store, 1).await;
    for number in 2..50 {
        assert_eq!(see(&store, &key).await, (number - 1).to_string());
        set(&store, &key, number).await;
    }
    user("+client|tracking").expect("an answer");
    Watch::over([&server]).until_kept(&store, &key).await;
}

/// The server tells what it no longer keeps in mind, as if it had changed.
#[tokio::test]
async fn changes_are_seen_from_a_server_that_forgets_what_it_tracks() {
    let stage = Stage::new().await;
    stage.server.command(&["CONFIG", "SET", "tracking-table-max-keys", "1"]).expect("an answer");
    let elsewhere = stage.elsewhere().await;
    let mut keys = Vec::new();
    for _ in 0..20 {
        keys.push(plant(&elsewhere, 1).await);
    }
    for round in 2..20 {
        for key in &keys {
            let before = (round - 1).to_string();
            assert_eq!(see(&stage.store, key).await, before);
            set(&elsewhere, key, round).await;
        }
        for key in &keys {
            super::stage::within(super::stage::PROMISED, "the change", async || {
                (see(&stage.store, key).await == round.to_string()).then_some(())
            })
            .await;
        }
    }
}
