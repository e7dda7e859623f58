//! Commits that conflict again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::conformance::{Call, Fault, FaultStore};
use session_runtime::record::Record;
use session_runtime::store::{Inserted, Loaded, Removed, Touched, Update, Updated};
use session_runtime::{MemoryStore, Roll, SessionHandle, SessionLayer, SessionStore, StoreError, StoreKey, Timestamp};
use session_tests::{Logs, Visitor, load};
use tokio::time::Instant;

use super::Tally;

/// A memory store in which others come first, this many times.
#[derive(Clone, Default)]
struct Contested {
    memory: MemoryStore,
    others: Arc<AtomicU32>,
    asked: Arc<AtomicU32>,
}

impl Contested {
    /// What is there, if the commit has to be tried again.
    async fn conflict(&self, key: &StoreKey) -> Option<Updated> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let come = |others: u32| others.checked_sub(1);
        self.others.fetch_update(Ordering::SeqCst, Ordering::SeqCst, come).ok()?;
        match self.memory.load(key, None).await {
            Ok(Some(Loaded::Record { record, .. })) => Some(Updated::Conflict(record)),
            _ => None,
        }
    }
}

impl SessionStore for Contested {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        self.memory.load(key, roll).await
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        self.memory.insert(key, record).await
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        match self.conflict(key).await {
            Some(conflict) => Ok(conflict),
            None => self.memory.update(key, update).await,
        }
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        match self.conflict(old).await {
            Some(conflict) => Ok(conflict),
            None => self.memory.rename(old, new, update, grace).await,
        }
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        self.memory.touch(key, expires).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        self.memory.remove(key).await
    }
}

const LIMIT: Duration = Duration::from_secs(2);

/// A store in which this many others come first from now on, and a visitor with five hits.
async fn contested(others: u32) -> (Contested, Visitor) {
    let store = Contested::default();
    let mut visitor = Visitor::through(SessionLayer::new(store.clone()).store_timeout(LIMIT));
    visitor.visit::<Tally>(|tally| tally.set_hits(5)).await;
    store.others.store(others, Ordering::SeqCst);
    (store, visitor)
}

#[tokio::test(start_paused = true)]
async fn a_commit_is_tried_again_while_the_store_may_take_its_time() {
    let (store, mut visitor) = contested(20).await;
    let before = Instant::now();
    let answer = visitor.visit::<Tally>(|tally| *tally.hits_mut() += 1).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(store.asked.load(Ordering::SeqCst), 21);
    assert!(before.elapsed() < LIMIT, "{:?}", before.elapsed());
    assert_eq!(super::hits(&mut visitor).await, 6);
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_others_never_let_through_fails_in_time_and_stores_nothing() {
    let logs = Logs::capture();
    let (store, mut visitor) = contested(u32::MAX).await;
    let before = Instant::now();
    let answer = visitor
        .visit::<Tally>(|tally| {
            *tally.hits_mut() += 1;
            tally.set_note("lost");
        })
        .await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.set_cookies().is_empty());
    let (elapsed, tries) = (before.elapsed(), store.asked.load(Ordering::SeqCst));
    assert!(elapsed <= LIMIT && elapsed > LIMIT / 2, "{elapsed:?}");
    assert!((20..500).contains(&tries), "{tries} tries: it neither gives up early nor storms the store");
    assert!(logs.text().contains("field `hits` of this session"), "{}", logs.text());
    store.others.store(0, Ordering::SeqCst);
    let seen = super::read(&mut visitor, |tally| (tally.hits(), tally.note().clone())).await;
    assert_eq!(seen, (5, String::new()));
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_told_to_whoever_saves_and_names_the_contested_field() {
    let (_, mut visitor) = contested(u32::MAX).await;
    visitor
        .act(async |handle: SessionHandle| {
            let mut tally = load::<Tally>(&handle).await;
            tally.set_note("a");
            tally.tags_mut().push("b".to_owned());
            let error = tally.save().await.expect_err("others come first");
            assert!(error.is_conflict() && !error.is_unavailable(), "{error}");
            assert_eq!(error.field(), Some("tags"), "the one that has a merge");
            tally.discard();
            tally.set_note("a");
            assert_eq!(tally.save().await.expect_err("others come first").field(), Some("note"));
            tally.discard();
            tally.regenerate_id();
            assert_eq!(tally.save().await.expect_err("others come first").field(), None);
            tally.discard();
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_id_that_others_never_let_through_keeps_the_old_one() {
    let (store, mut visitor) = contested(u32::MAX).await;
    let id = visitor.held();
    let answer = visitor.visit::<Tally>(|tally| tally.regenerate_id()).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(visitor.held(), id);
    store.others.store(3, Ordering::SeqCst);
    visitor
        .visit::<Tally>(|tally| {
            tally.regenerate_id();
            *tally.hits_mut() += 1;
        })
        .await;
    assert_ne!(visitor.held(), id);
    assert_eq!(super::hits(&mut visitor).await, 6);
}

#[tokio::test]
async fn a_merged_value_that_is_too_large_is_an_error_of_its_field() {
    let half = || "x".repeat(Record::MAX_VALUE / 2);
    let mut visitor = super::visitor(|tally| tally.set_note("begun")).await;
    let gate = session_tests::Gate::default();
    let inside = gate.clone();
    let slow = visitor.start(async move |handle: SessionHandle| {
        let mut tally = load::<Tally>(&handle).await;
        inside.pass().await;
        tally.tags_mut().push(half() + "b");
        let error = tally.save().await.expect_err("too large");
        assert!(error.is_encode());
        assert_eq!(error.field(), Some("tags"));
        tally.discard();
    });
    gate.arrived().await;
    visitor.visit::<Tally>(move |tally| tally.tags_mut().push(half())).await;
    gate.open();
    assert!(slow.await.expect("an answer").status.is_success());
    assert_eq!(super::read(&mut visitor, |tally| tally.tags().len()).await, 1);
}

/// A slow try tells how long the next one takes: there is no time for it, and the client is told that nothing is stored.
#[tokio::test(start_paused = true)]
async fn a_try_for_which_there_is_no_time_is_not_begun() {
    let store = FaultStore::new(Contested::default());
    let layer = SessionLayer::new(store.clone()).store_timeout(LIMIT);
    let mut visitor = Visitor::through(layer);
    visitor.visit::<Tally>(|tally| tally.set_hits(5)).await;
    store.inner().others.store(1, Ordering::SeqCst);
    store.on_every(Call::Update, Fault::AnswerDelayed(LIMIT * 3 / 4));
    let answer = visitor.visit::<Tally>(|tally| *tally.hits_mut() += 1).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    store.recover();
    assert_eq!(super::hits(&mut visitor).await, 5);
}

#[tokio::test(start_paused = true)]
async fn a_save_that_conflicted_may_be_repeated() {
    let (store, mut visitor) = contested(u32::MAX).await;
    visitor
        .act(async move |handle: SessionHandle| {
            let mut tally = load::<Tally>(&handle).await;
            *tally.hits_mut() += 1;
            assert!(tally.save().await.expect_err("others come first").is_conflict());
            store.others.store(2, Ordering::SeqCst);
            tally.save().await.expect("saved");
            assert_eq!(tally.hits(), 6);
        })
        .await;
    assert_eq!(super::hits(&mut visitor).await, 6);
}
