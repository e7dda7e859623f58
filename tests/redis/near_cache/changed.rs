//! A session that somebody else changes is read anew.

use std::time::Duration;

use session_runtime::record::{Delta, Record, Stamp};
use session_runtime::store::Update;
use session_runtime::{Clock, SessionStore as _};
use session_servers::Redis;

use super::stage::{Stage, cached, new_key, plant_for, record, see, set};

/// A change by another process, and what a load says soon after it.
async fn comes_to(expected: &str, change: impl AsyncFnOnce(&Stage)) {
    let stage = Stage::new().await;
    change(&stage).await;
    stage.sees(expected).await;
    // It is not only that the connection was lost.
    let kept = stage.server.command(&["CLIENT", "LIST"]).expect("an answer").text();
    assert!(kept.lines().any(|line| line.contains("flags=t ")), "{kept}");
}

#[tokio::test]
async fn an_update_is_seen() {
    comes_to("2", async |stage| {
        set(&stage.elsewhere().await, &stage.key, 2).await;
    })
    .await;
}

#[tokio::test]
async fn a_sign_out_is_seen() {
    comes_to("nothing", async |stage| {
        stage.elsewhere().await.remove(&stage.key).await.expect("an answer");
    })
    .await;
}

#[tokio::test]
async fn a_rename_without_grace_is_seen() {
    comes_to("renamed", async |stage| rename(stage, None).await).await;
}

#[tokio::test]
async fn a_rename_with_grace_is_seen() {
    comes_to("moved", async |stage| rename(stage, Some(Duration::from_mins(1))).await).await;
}

async fn rename(stage: &Stage, grace: Option<Duration>) {
    let now = Clock::system().now();
    let (base, nothing) = (Record::new(now, now), Delta::default());
    let update = Update::new(&base, &nothing, Stamp::next());
    let until = grace.map(|grace| now + grace);
    stage.elsewhere().await.rename(&stage.key, &new_key(), &update, until).await.expect("an answer");
}

#[tokio::test]
async fn a_field_that_is_set_by_hand_is_seen() {
    comes_to("7", async |stage| stage.by_hand("HSET", &["number", "7"])).await;
}

#[tokio::test]
async fn a_hash_that_is_deleted_by_hand_is_seen() {
    comes_to("nothing", async |stage| stage.by_hand("DEL", &[])).await;
}

#[tokio::test]
async fn an_end_that_is_set_by_hand_is_seen() {
    comes_to("nothing", async |stage| stage.by_hand("PEXPIRE", &["50"])).await;
}

#[tokio::test]
async fn a_server_that_is_emptied_is_seen() {
    comes_to("nothing", async |stage| {
        stage.server.command(&["FLUSHALL"]).expect("an answer");
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_evicted_is_seen() {
    comes_to("nothing", async |stage| {
        let order = |words: &[&str]| stage.server.command(words).expect("an answer").text();
        order(&["CONFIG", "SET", "maxmemory-policy", "volatile-ttl"]);
        order(&["CONFIG", "SET", "maxmemory", "1"]);
        // It evicts before the next command.
        order(&["PING"]);
        assert!(order(&["INFO", "stats"]).contains("evicted_keys:1\r\n"));
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_here_to_the_millisecond_whatever_redis_says() {
    let clock = Clock::manual();
    clock.advance(Clock::system().now().saturating_since(clock.now()));
    let stage = Stage::with(|store| store.clock(clock.clone())).await;
    let ends = record(&stage.store, &stage.key).await.expect("a session").expires();
    clock.advance(ends.saturating_since(clock.now()).saturating_sub(Duration::from_millis(1)));
    assert_eq!(stage.see().await, "1");
    clock.advance(Duration::from_millis(1));
    assert_eq!(stage.see().await, "nothing");
}

/// The store's clock stands still: it is Redis that ends the session.
#[tokio::test]
async fn a_session_that_redis_frees_is_gone_here_too() {
    let stage = Stage::with(|store| store.clock(Clock::manual())).await;
    let key = plant_for(&stage.store, 3, Duration::from_millis(300)).await;
    assert_eq!(see(&stage.store, &key).await, "3");
    super::stage::until("Redis frees it", async || (see(&stage.store, &key).await == "nothing").then_some(())).await;
}

/// Names of other lengths, and of other applications, are taken for what they are.
#[tokio::test]
async fn two_stores_with_other_prefixes_see_their_own_changes_alone() {
    let server = Redis::start().expect("a server");
    let [one, other] = [cached(&server.url()).await.key_prefix(""), cached(&server.url()).await.key_prefix("a:b:")];
    let key = super::stage::plant(&one, 1).await;
    super::stage::until("it is there", async || (see(&one, &key).await == "1").then_some(())).await;
    assert_eq!(see(&other, &key).await, "nothing");
    set(&one, &key, 2).await;
    assert_eq!(see(&one, &key).await, "2");
    one.remove(&key).await.expect("an answer");
    assert_eq!(see(&one, &key).await, "nothing");
}
