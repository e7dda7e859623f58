//! A read that is overtaken by a change is not kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use session_runtime::{RedisStore, StoreKey};
use session_servers::Redis;
use tokio::task::JoinSet;

use super::stage::{PROMISED, Watch, cached, hash, number, plant, see, until, within};
use super::wire::{Way, Wire};

/// Reads a session whose answer waits on its way until something has happened; whatever that read says, the change is seen soon, and nothing
/// old after it.
async fn overtaken(rounds: u32, happens: impl Fn(&Redis, &StoreKey)) {
    let server = Redis::start().expect("a server");
    let wire = Wire::to(server.port()).await;
    let store = cached(&wire.url()).await;
    let mut watch = Watch::over([&server]);
    for round in 0..rounds {
        watch.until_kept(&store, &plant(&store, 1).await).await;
        let key = plant(&store, 1).await;
        wire.set(Way::Held);
        watch.seen();
        let (seen, ()) = tokio::join!(see(&store, &key), async {
            until("the server has answered", async || (!watch.seen_of(&key).is_empty()).then_some(())).await;
            happens(&server, &key);
            wire.set(Way::Open);
        });
        assert!(seen == "1" || seen == "2", "{seen}");
        within(PROMISED, "the change", async || (number(&store, &key).await == 2).then_some(())).await;
        for _ in 0..20 {
            assert_eq!(number(&store, &key).await, 2, "in round {round}");
        }
    }
}

fn change(server: &Redis, key: &StoreKey, number: u64) {
    server.command(&["HSET", &hash(key), "number", &number.to_string()]).expect("an answer");
}

/// Both arrive together, in the server's order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_arrives_with_the_news_that_it_is_old() {
    overtaken(100, |server, key| change(server, key, 2)).await;
}

/// Of the change nobody tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_the_last_of_its_connection() {
    overtaken(5, |server, key| {
        let clients = server.command(&["CLIENT", "LIST"]).expect("an answer").text();
        let tracked = clients.lines().find(|line| line.contains("flags=t ")).expect("a tracked connection");
        let id = tracked.split(' ').next().and_then(|id| id.strip_prefix("id=")).expect("an id");
        server.command(&["CLIENT", "KILL", "ID", id]).expect("an answer");
        change(server, key, 2);
    })
    .await;
}

const CHANGES: u64 = 5_000;

/// Reads on their way and news of changes meet in every order that threads come by.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_that_was_seen_once_is_seen_by_every_load_after_it() {
    let server = Redis::start().expect("a server");
    let store = Arc::new(cached(&server.url()).await);
    let key = plant(&store, 0).await;
    Watch::over([&server]).until_kept(&store, &key).await;
    let (latest, mut readers) = (Arc::<AtomicU64>::default(), JoinSet::new());
    for _ in 0..6 {
        readers.spawn(read_until_the_last(store.clone(), key, latest.clone()));
    }
    let changes = tokio::task::spawn_blocking(move || {
        let mut connection = server.connect().expect("a server");
        for round in 1..=CHANGES {
            connection.command(&["HSET", &hash(&key), "number", &round.to_string()]).expect("an answer");
        }
        server
    });
    let _server = changes.await.expect("all changes");
    tokio::time::timeout(PROMISED, readers.join_all()).await.expect("all see the last change");
}

/// Loads all the time, and never sees anything older than what somebody had seen before it asked.
async fn read_until_the_last(store: Arc<RedisStore>, key: StoreKey, latest: Arc<AtomicU64>) {
    loop {
        let least = latest.load(Ordering::SeqCst);
        let seen = number(&store, &key).await;
        assert!(seen >= least, "{seen} was read after {least} was");
        latest.fetch_max(seen, Ordering::SeqCst);
        if seen == CHANGES {
            return;
        }
        tokio::task::yield_now().await;
    }
}
