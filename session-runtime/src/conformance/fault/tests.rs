//! What the faults do, and whose turn it is. Delays are tested over the layer, with a timer that is set.

use std::pin::pin;
use std::task::{Context, Waker};

use super::*;
use crate::clock::Clock;
use crate::store::MemoryStore;

fn store() -> FaultStore<MemoryStore> {
    FaultStore::new(MemoryStore::new())
}

async fn insert(store: &FaultStore<MemoryStore>, name: u8) -> Result<Inserted, StoreError> {
    let now = Clock::system().now();
    store.insert(&StoreKey::from_bytes([name; 32]), &Record::new(now, now + Duration::from_mins(1))).await
}

/// Which of these loads fail, as their numbers.
async fn failing(store: &FaultStore<MemoryStore>, loads: std::ops::RangeInclusive<u32>) -> Vec<u32> {
    let mut failed = Vec::new();
    for number in loads {
        if store.load(&StoreKey::from_bytes([1; 32]), None).await.is_err() {
            failed.push(number);
        }
    }
    failed
}

#[tokio::test]
async fn a_lost_call_does_nothing_and_one_whose_answer_is_lost_does() {
    for (fault, sessions) in [(Fault::CallLost, 0), (Fault::AnswerLost, 1)] {
        let store = store();
        store.on_next(Call::Insert, fault);
        assert!(insert(&store, 1).await.expect_err("a fault").is_unreachable());
        assert_eq!(store.inner().len(), sessions, "{fault:?}");
        assert_eq!(insert(&store, 2).await.expect("no fault"), Inserted::Done);
        assert_eq!(store.happened(), [(Call::Insert, fault)]);
    }
}

#[tokio::test]
async fn what_hangs_never_answers() {
    for (fault, sessions) in [(Fault::CallHangs, 0), (Fault::AnswerHangs, 1)] {
        let store = store();
        store.on_next(Call::Insert, fault);
        let mut inserting = pin!(insert(&store, 1));
        assert!(inserting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(store.inner().len(), sessions, "{fault:?}");
    }
}

#[tokio::test]
async fn calls_are_counted_by_kind_and_from_now_on() {
    let store = store();
    assert_eq!(failing(&store, 1..=2).await, [0; 0]);
    store.on_nth(Call::Load, 3, Fault::CallLost);
    insert(&store, 1).await.expect("another kind of call");
    assert_eq!(failing(&store, 1..=5).await, [3]);
}

#[tokio::test]
async fn a_clone_shares_the_faults_and_one_recovers_all() {
    let store = store();
    store.clone().on_every(Call::Load, Fault::CallLost);
    store.on_next(Call::Insert, Fault::CallLost);
    assert_eq!(failing(&store, 1..=3).await, [1, 2, 3]);
    store.clone().recover();
    assert_eq!(failing(&store, 1..=3).await, [0; 0]);
    insert(&store, 1).await.expect("no fault is left");
}

#[tokio::test]
async fn the_number_of_a_call_goes_before_its_kind_and_its_kind_before_chance() {
    let store = store();
    store.by_chance(1, 1, [Fault::CallHangs]);
    store.on_every(Call::Load, Fault::AnswerLost);
    store.on_nth(Call::Load, 2, Fault::CallLost);
    failing(&store, 1..=3).await;
    let faults = [Fault::AnswerLost, Fault::CallLost, Fault::AnswerLost];
    assert_eq!(store.happened(), faults.map(|fault| (Call::Load, fault)));
}

#[tokio::test]
async fn a_seed_always_draws_the_same_faults_and_about_as_many_as_it_should() {
    let drawn = async |seed, one_in, faults: &[Fault]| {
        let store = store();
        store.by_chance(seed, one_in, faults.iter().copied());
        failing(&store, 1..=1000).await
    };
    let faults = [Fault::CallLost, Fault::AnswerLost];
    let failed = drawn(7, 10, &faults).await;
    assert!((50..150).contains(&failed.len()), "{}", failed.len());
    assert_eq!(failed, drawn(7, 10, &faults).await);
    assert_ne!(failed, drawn(8, 10, &faults).await);
    assert_eq!(drawn(7, 0, &faults).await, [0; 0]);
    assert_eq!(drawn(7, 1, &[]).await, [0; 0]);
}

#[test]
#[should_panic(expected = "counted from 1")]
fn there_is_no_call_before_the_first() {
    store().on_nth(Call::Load, 0, Fault::CallLost);
}

#[test]
fn it_shows_its_faults() {
    let store = store();
    store.on_every(Call::Remove, Fault::CallHangs);
    let shown = format!("{store:?}");
    assert!(shown.contains("MemoryStore") && shown.contains("{Remove: CallHangs}"), "{shown}");
}
