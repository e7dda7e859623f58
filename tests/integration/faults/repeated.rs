//! Calls that the client library of a store repeats on its own, because an answer was lost: each is done once.

use std::time::Duration;

use session_runtime::conformance::{Call, Fault, FaultStore};
use session_runtime::record::{Record, Stamp};
use session_runtime::store::{Inserted, Loaded, Removed, Update, Updated};
use session_runtime::{Clock, MemoryStore, SessionStore, StoreKey};

use session_tests::delta;

const KEY: StoreKey = StoreKey::from_bytes([1; 32]);
const NEW: StoreKey = StoreKey::from_bytes([2; 32]);

/// The session that a request creates.
fn fresh() -> Record {
    let now = Clock::system().now();
    Record::new(now, now + Duration::from_hours(1))
        .apply_stamped(&delta(&[("hits", b"1")]), Stamp::next())
        .at_version(1)
}

/// A store that has no fault yet, and the session that is in it.
async fn stored() -> (FaultStore<MemoryStore>, Record) {
    let (store, record) = (FaultStore::new(MemoryStore::new()), fresh());
    assert_eq!(store.insert(&KEY, &record).await.expect("stored"), Inserted::Done);
    (store, record)
}

/// What is under this key: the version and the hits.
async fn hits(store: &impl SessionStore, key: &StoreKey) -> Option<(u64, String)> {
    match store.load(key, None).await.expect("an answer") {
        Some(Loaded::Record { record, .. }) => {
            let hits = record.get("hits").map(|hits| String::from_utf8_lossy(hits).into_owned());
            Some((record.version(), hits.expect("hits")))
        }
        Some(Loaded::Moved(_) | Loaded::Renamed) | None => None,
    }
}

/// Another request's commit.
async fn set_hits(store: &impl SessionStore, key: &StoreKey, value: &[u8]) {
    let (base, changed) = (fresh(), delta(&[("hits", value)]));
    let updated = store.update(key, &Update::new(&base, &changed, Stamp::next())).await;
    assert!(matches!(updated, Ok(Updated::Done)), "{updated:?}");
}

#[tokio::test]
async fn a_repeated_insert_is_done_once_and_another_one_is_refused() {
    let (store, record) = (FaultStore::new(MemoryStore::new()), fresh());
    store.on_next(Call::Insert, Fault::AnswerLost);
    store.insert(&KEY, &record).await.expect_err("the answer is lost");
    set_hits(&store, &KEY, b"2").await;
    assert_eq!(store.insert(&KEY, &record).await.expect("an answer"), Inserted::Done);
    assert_eq!(hits(&store, &KEY).await, Some((2, "2".to_owned())), "what came after it stays");
    assert_eq!(store.insert(&KEY, &fresh()).await.expect("an answer"), Inserted::Exists);
}

#[tokio::test]
async fn a_repeated_update_is_done_once_though_three_others_came_in_between() {
    for must_hold in [false, true] {
        let (store, base) = stored().await;
        let changed = delta(&[("hits", b"2")]);
        let update = Update::new(&base, &changed, Stamp::next()).version_must_hold(must_hold);
        store.on_next(Call::Update, Fault::AnswerLost);
        store.update(&KEY, &update).await.expect_err("the answer is lost");
        for value in [b"3", b"4", b"5"] {
            set_hits(&store, &KEY, value).await;
        }
        assert!(matches!(store.update(&KEY, &update).await, Ok(Updated::Done)));
        assert_eq!(hits(&store, &KEY).await, Some((5, "5".to_owned())));
    }
}

#[tokio::test]
async fn a_repeated_rename_is_done_once_and_its_session_lives_on() {
    for graceful in [false, true] {
        let (store, base) = stored().await;
        let grace = graceful.then(|| Clock::system().now() + Duration::from_secs(10));
        let changed = delta(&[("hits", b"2")]);
        let update = Update::new(&base, &changed, Stamp::next());
        store.on_next(Call::Rename, Fault::AnswerLost);
        store.rename(&KEY, &NEW, &update, grace).await.expect_err("the answer is lost");
        set_hits(&store, &NEW, b"3").await;
        assert!(matches!(store.rename(&KEY, &NEW, &update, grace).await, Ok(Updated::Done)));
        assert_eq!(hits(&store, &NEW).await, Some((3, "3".to_owned())));
        assert_eq!(hits(&store, &KEY).await, None);
        assert_eq!(store.inner().len(), 1);
    }
}

#[tokio::test]
async fn a_repeated_removal_finds_nothing_left() {
    let (store, _) = stored().await;
    store.on_next(Call::Remove, Fault::AnswerLost);
    store.remove(&KEY).await.expect_err("the answer is lost");
    assert_eq!(store.remove(&KEY).await.expect("an answer"), Removed::Missing);
    assert_eq!(store.inner().len(), 0);
}
