//! What the store's docs promise beyond the rules of every store.

use std::time::Duration;

use super::*;
use crate::record::{Delta, Stamp};

fn key(name: u8) -> StoreKey {
    // The last byte chooses the shard.
    StoreKey::from_bytes([name; 32])
}

fn record(clock: &Clock, life: Duration) -> Record {
    let now = clock.now();
    let mut delta = Delta::default();
    delta.set("x", b"1");
    Record::new(now, now + life).apply_stamped(&delta, Stamp::next())
}

const MINUTE: Duration = Duration::from_mins(1);

async fn insert(store: &MemoryStore, name: u8, life: Duration) -> Result<Inserted, StoreError> {
    store.insert(&key(name), &record(&store.clock, life)).await
}

async fn is_there(store: &MemoryStore, name: u8) -> bool {
    store.load(&key(name), None).await.expect("an answer").is_some()
}

fn store(max: usize) -> (MemoryStore, Clock) {
    let clock = Clock::manual();
    (MemoryStore::new().clock(clock.clone()).max_sessions(max), clock)
}

#[tokio::test]
async fn t60_a_session_is_there_until_the_millisecond_of_its_end() {
    let (store, clock) = store(10);
    insert(&store, 1, MINUTE).await.expect("stored");
    clock.advance(Duration::from_millis(59_999));
    assert!(is_there(&store, 1).await);
    clock.advance(Duration::from_millis(1));
    assert!(!is_there(&store, 1).await);
}

#[tokio::test]
async fn expired_sessions_are_freed_by_the_requests_that_follow() {
    let (store, clock) = store(1000);
    for name in 0..64 {
        insert(&store, name, MINUTE).await.expect("stored");
    }
    clock.advance(MINUTE);
    assert_eq!(store.len(), 64);
    for name in 0..64 {
        assert!(!is_there(&store, name).await);
    }
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn t64_clearing_frees_exactly_the_expired() {
    let (store, clock) = store(1000);
    insert(&store, 1, MINUTE).await.expect("stored");
    insert(&store, 2, MINUTE * 2).await.expect("stored");
    clock.advance(MINUTE);
    assert_eq!(store.clear_expired(), 1);
    assert!(is_there(&store, 2).await);
}

#[tokio::test]
async fn a_full_store_ends_the_expired_before_the_least_recently_used() {
    let (store, clock) = store(2);
    insert(&store, 1, MINUTE * 10).await.expect("stored");
    clock.advance(MINUTE);
    insert(&store, 2, MINUTE).await.expect("stored");
    clock.advance(MINUTE);
    insert(&store, 3, MINUTE * 10).await.expect("the expired one makes room");
    assert!(is_there(&store, 1).await && !is_there(&store, 2).await);
    clock.advance(MINUTE);
    assert!(is_there(&store, 1).await, "using it makes it the most recently used");
    clock.advance(MINUTE);
    insert(&store, 4, MINUTE).await.expect("the least recently used makes room");
    assert!(is_there(&store, 1).await && !is_there(&store, 3).await && is_there(&store, 4).await);
    assert_eq!(store.len(), 2);
}

#[tokio::test]
async fn a_store_full_of_signed_in_users_refuses_and_ends_none() {
    let (store, clock) = store(2);
    for name in [1, 2] {
        let owned = record(&clock, MINUTE).owned_by(Some("ada".into()));
        store.insert(&key(name), &owned).await.expect("stored");
    }
    assert!(insert(&store, 3, MINUTE).await.expect_err("full").is_rejected());
    assert!(is_there(&store, 1).await && is_there(&store, 2).await);
}

#[tokio::test]
async fn a_pointer_shows_the_way_with_grace_and_only_to_a_sign_out_without() {
    for grace in [true, false] {
        let (store, clock) = store(10);
        insert(&store, 1, MINUTE).await.expect("stored");
        let base = record(&clock, MINUTE);
        let delta = Delta::default();
        let until = clock.now() + Duration::from_secs(5);
        let update = Update::new(&base, &delta, Stamp::next());
        for _ in 0..2 {
            let renamed = store.rename(&key(1), &key(2), &update, grace.then_some(until)).await.expect("an answer");
            assert!(matches!(renamed, Updated::Done), "a repeated rename answers the same");
        }
        let moved =
            matches!(store.load(&key(1), None).await.expect("an answer"), Some(Loaded::Moved(to)) if to == key(2));
        assert_eq!(moved, grace);
        let update = Update::new(&base, &delta, Stamp::next());
        let moved = matches!(store.update(&key(1), &update).await.expect("an answer"), Updated::Moved(_));
        assert_eq!(moved, grace);
        assert_eq!(store.touch(&key(1), until).await.expect("an answer") == Touched::Moved(key(2)), grace);
        assert_eq!(store.remove(&key(1)).await.expect("an answer"), Removed::Moved(key(2)));
        assert!(is_there(&store, 2).await);
        assert_eq!(store.len(), 1);
        clock.advance(POINTER_LIFE);
        assert_eq!(store.remove(&key(1)).await.expect("an answer"), Removed::Missing);
    }
}

#[tokio::test]
async fn a_repeated_insert_answers_done_and_another_exists() {
    let (store, clock) = store(10);
    let first = record(&clock, MINUTE);
    assert_eq!(store.insert(&key(1), &first).await.expect("an answer"), Inserted::Done);
    assert_eq!(store.insert(&key(1), &first).await.expect("an answer"), Inserted::Done);
    assert_eq!(insert(&store, 1, MINUTE).await.expect("an answer"), Inserted::Exists);
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_touch_and_a_roll_extend_and_never_shorten() {
    let (store, clock) = store(10);
    insert(&store, 1, MINUTE).await.expect("stored");
    let expires = async || match store.load(&key(1), None).await {
        Ok(Some(Loaded::Record { record, .. })) => record.expires(),
        other => panic!("expected a record, got {other:?}"),
    };
    let first = expires().await;
    store.touch(&key(1), clock.now()).await.expect("an answer");
    assert_eq!(expires().await, first);
    store.touch(&key(1), first + MINUTE).await.expect("an answer");
    assert_eq!(expires().await, first + MINUTE);
    let roll = Roll { now: clock.now(), idle: MINUTE * 5, threshold: MINUTE, limit: None };
    let rolled = store.load(&key(1), Some(roll)).await;
    assert!(matches!(rolled, Ok(Some(Loaded::Record { rolled: true, .. }))));
    assert_eq!(expires().await, clock.now() + MINUTE * 5);
    assert_eq!(store.touch(&key(9), first).await.expect("an answer"), Touched::Missing);
}

#[test]
fn sixty_four_threads_on_one_session_lose_no_field() {
    let (store, clock) = store(10);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(insert(&store, 1, MINUTE)).expect("stored");
    let base = record(&clock, MINUTE);
    std::thread::scope(|scope| {
        for index in 0..64 {
            let (store, base) = (&store, &base);
            scope.spawn(move || {
                let mut delta = Delta::default();
                delta.set(format!("field{index}"), b"1");
                let update = Update::new(base, &delta, Stamp::next());
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                runtime.block_on(store.update(&key(1), &update)).expect("an answer");
            });
        }
    });
    let Ok(Some(Loaded::Record { record, .. })) = runtime.block_on(store.load(&key(1), None)) else {
        panic!("the session is gone");
    };
    let fields = record.entries().filter(|(name, _)| name.starts_with("field")).count();
    assert_eq!(fields, 64);
}

#[tokio::test]
async fn an_expired_session_under_the_same_key_makes_way_and_is_not_counted() {
    let (store, clock) = store(10);
    insert(&store, 1, MINUTE).await.expect("stored");
    // More expired ones in the same shard than one request frees.
    for name in [65, 129, 193] {
        insert(&store, name, MINUTE / 2).await.expect("stored");
    }
    clock.advance(MINUTE);
    insert(&store, 1, MINUTE).await.expect("stored");
    store.clear_expired();
    assert_eq!(store.len(), 1);
    store.remove(&key(1)).await.expect("an answer");
    assert!(store.is_empty());
}

#[test]
fn threads_that_fill_a_store_of_evictable_sessions_are_never_refused() {
    let (store, clock) = store(8);
    std::thread::scope(|scope| {
        for thread in 0..8_u8 {
            let (store, clock) = (&store, &clock);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                for index in 0..500_u16 {
                    let mut bytes = [thread; 32];
                    bytes[..2].copy_from_slice(&index.to_le_bytes());
                    bytes[31] = index.to_le_bytes()[0];
                    let inserted = runtime.block_on(store.insert(&StoreKey::from_bytes(bytes), &record(clock, MINUTE)));
                    assert_eq!(inserted.expect("room is made"), Inserted::Done);
                }
            });
        }
    });
    assert_eq!(store.len(), 8);
}
