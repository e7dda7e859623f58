//! Several stores that change one session at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use session_runtime::record::{Record, Stamp};
use session_runtime::store::{Update, Updated};
use session_runtime::{Clock, RedisStore, SessionId, SessionStore as _, StoreKey};
use tokio::task::JoinSet;

use super::app::App;
use super::stage::{Stage, cached, delta, number, number_of, record};

const ADDITIONS: u64 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn additions_that_need_the_version_they_saw_are_all_there_in_the_end() {
    let stage = Stage::new().await;
    let (key, url) = (stage.key, stage.server.url());
    let (one, two) = (Arc::new(stage.store), Arc::new(cached(&url).await));
    let three = Arc::new(RedisStore::connect(&url).await.expect("a server"));
    let mut writers = JoinSet::new();
    for store in [&one, &one, &two, &two, &three] {
        writers.spawn(add(store.clone(), key));
    }
    let count = 5;
    writers.join_all().await;
    for store in [&one, &two, &three] {
        super::stage::within(super::stage::PROMISED, "the sum", async || {
            (number(store, &key).await == 1 + count * ADDITIONS).then_some(())
        })
        .await;
    }
}

/// Adds one so many times; what it reads is never older than what this task, or another of the same store, has added.
async fn add(store: Arc<RedisStore>, key: StoreKey) {
    let mut least = 0;
    for _ in 0..ADDITIONS {
        let mut base = record(&store, &key).await.expect("a session");
        assert!(number_of(&base) >= least, "{} was read after {least} was written", number_of(&base));
        least = add_once(&store, &key, &mut base).await;
    }
}

async fn add_once(store: &RedisStore, key: &StoreKey, base: &mut Record) -> u64 {
    loop {
        let sum = number_of(base) + 1;
        let delta = delta(sum);
        let update = Update::new(base, &delta, Stamp::next()).version_must_hold(true);
        match store.update(key, &update).await.expect("an answer") {
            Updated::Done => return sum,
            Updated::Conflict(there) => *base = there,
            other => panic!("{other:?}"),
        }
    }
}

/// A base that is older than what is there is told, and overwrites nothing: however it came to be read.
#[tokio::test]
async fn an_old_base_is_a_conflict() {
    let stage = Stage::new().await;
    let old = record(&stage.store, &stage.key).await.expect("a session");
    stage.by_hand("HSET", &["number", "7"]);
    stage.by_hand("HINCRBY", &["@version", "1"]);
    let delta = delta(2);
    let update = Update::new(&old, &delta, Stamp::next()).version_must_hold(true);
    let updated = stage.store.update(&stage.key, &update).await.expect("an answer");
    assert!(matches!(&updated, Updated::Conflict(there) if number_of(there) == 7), "{updated:?}");
    // The conflict was this store's own news, too.
    assert_eq!(stage.see().await, "7");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_requests_that_add_one_to_a_sum_make_fifty() {
    let stage = Stage::new().await;
    let stores = [Arc::new(cached(&stage.server.url()).await), Arc::new(stage.store)];
    let id = SessionId::generate().expect("random bytes");
    let now = Clock::system().now();
    let session = Record::new(now, now + std::time::Duration::from_hours(1)).apply(&delta(1)).at_version(1);
    stores[0].insert(&id.store_key(), &session).await.expect("an answer");
    let apps = stores.each_ref().map(|store| App::over(store, id, |layer| layer));
    let mut requests = JoinSet::new();
    let answered = Arc::<AtomicU64>::default();
    for round in 0..50 {
        let (app, answered) = (apps[round % 2].clone(), answered.clone());
        requests.spawn(async move {
            app.get("/hit").await;
            answered.fetch_add(1, Ordering::SeqCst);
            app.get("/read").await.parse::<u64>().expect("a number")
        });
    }
    let seen = requests.join_all().await;
    assert!(seen.iter().all(|sum| (1..=50).contains(sum)), "{seen:?}");
    for app in &apps {
        super::stage::within(super::stage::PROMISED, "the sum", async || {
            (app.get("/read").await == "50").then_some(())
        })
        .await;
    }
}
