//! What a store has changed itself is seen by whatever it loads after the answer.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use session_runtime::record::{Delta, Record, Stamp};
use session_runtime::store::{Removed, Touched, Update, Updated};
use session_runtime::{Clock, RedisStore, SessionStore as _, StoreKey};

use super::stage::{Stage, delta, new_key, number, plant, record, see, set, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_update_is_seen_at_once_by_all_who_load_after_it() {
    let stage = Stage::new().await;
    let (store, key) = (Arc::new(stage.store), stage.key);
    let readers = Readers::start(&store, key);
    for round in 2..3_000 {
        assert!(matches!(set(&store, &key, round).await, Updated::Done));
        readers.acknowledged.store(round, Ordering::SeqCst);
        assert_eq!(number(&store, &key).await, round);
    }
    readers.stop().await;
}

/// Tasks that load a session all the time, none of which may see what was over before it asked.
struct Readers {
    acknowledged: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Readers {
    fn start(store: &Arc<RedisStore>, key: StoreKey) -> Self {
        let (acknowledged, is_over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let start = |_| tokio::spawn(read(store.clone(), key, acknowledged.clone(), is_over.clone()));
        let tasks = (0..6).map(start).collect();
        Self { acknowledged, is_over, tasks }
    }

    async fn stop(self) {
        self.is_over.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.expect("a reader that saw nothing old");
        }
    }
}

async fn read(store: Arc<RedisStore>, key: StoreKey, acknowledged: Arc<AtomicU64>, is_over: Arc<AtomicBool>) {
    while !is_over.load(Ordering::SeqCst) {
        let least = acknowledged.load(Ordering::SeqCst);
        let seen = number(&store, &key).await;
        assert!(seen >= least, "{seen} was read after {least} was acknowledged");
        // What is kept is read without ever waiting.
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_sign_out_is_seen_at_once() {
    let stage = Stage::new().await;
    for _ in 0..300 {
        let key = plant(&stage.store, 1).await;
        assert_eq!(number(&stage.store, &key).await, 1);
        assert_eq!(stage.store.remove(&key).await.expect("an answer"), Removed::Done);
        assert_eq!(see(&stage.store, &key).await, "nothing");
    }
}

#[tokio::test]
async fn a_rename_is_seen_at_once() {
    let stage = Stage::new().await;
    let now = Clock::system().now();
    for (round, grace) in [None, Some(now + Duration::from_mins(1))].into_iter().cycle().take(300).enumerate() {
        let (old, new) = (plant(&stage.store, 1).await, new_key());
        assert_eq!(number(&stage.store, &old).await, 1);
        let (base, delta) = (Record::new(now, now), delta(2));
        let update = Update::new(&base, &delta, Stamp::next());
        let updated = stage.store.rename(&old, &new, &update, grace).await.expect("an answer");
        assert!(matches!(updated, Updated::Done), "{updated:?} in round {round}");
        assert_eq!(see(&stage.store, &old).await, if grace.is_some() { "moved" } else { "renamed" });
        assert_eq!(see(&stage.store, &new).await, "2");
    }
}

#[tokio::test]
async fn a_new_end_is_seen_at_once() {
    let stage = Stage::new().await;
    let mut ends = record(&stage.store, &stage.key).await.expect("a session").expires();
    for _ in 0..300 {
        ends = ends + Duration::from_secs(1);
        assert_eq!(stage.store.touch(&stage.key, ends).await.expect("an answer"), Touched::Done);
        assert_eq!(record(&stage.store, &stage.key).await.expect("a session").expires(), ends);
    }
}

#[tokio::test]
async fn a_commit_that_empties_a_session_is_seen_at_once() {
    let stage = Stage::new().await;
    let now = Clock::system().now();
    let (base, mut delta) = (Record::new(now, now), Delta::default());
    delta.remove("number");
    let update = Update::new(&base, &delta, Stamp::next()).remove_if_empty(true);
    assert!(matches!(stage.store.update(&stage.key, &update).await, Ok(Updated::Emptied)));
    assert_eq!(stage.see().await, "nothing");
}

/// The server runs the update after its future is gone, and after the session was read, and kept, once more.
#[tokio::test]
async fn an_update_that_nobody_waits_for_any_more_is_seen_soon() {
    let mut stage = Stage::new().await;
    // The server knows the script from here on.
    set(&stage.store, &stage.key, 1).await;
    for round in 2..20 {
        stage.server.command(&["CLIENT", "PAUSE", "30000", "WRITE"]).expect("an answer");
        abandon(&stage, round).await;
        assert_eq!(number(&stage.store, &stage.key).await, round - 1);
        stage.watch.until_kept(&stage.store, &stage.key).await;
        stage.server.command(&["CLIENT", "UNPAUSE"]).expect("an answer");
        stage.sees(&round.to_string()).await;
    }
}

/// Drops an update when the server has it and does not carry it out yet.
async fn abandon(stage: &Stage, number: u64) {
    let mut update = pin!(set(&stage.store, &stage.key, number));
    until("the server has the update", async || {
        let is_waiting = std::future::poll_fn(|context| Poll::Ready(update.as_mut().poll(context).is_pending())).await;
        assert!(is_waiting, "the server is paused");
        let clients = stage.server.command(&["CLIENT", "LIST"]).expect("an answer").text();
        clients.lines().any(|line| line.contains("flags=b ")).then_some(())
    })
    .await;
}
