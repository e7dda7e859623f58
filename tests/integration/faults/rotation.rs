//! The rotation of an id, where the call or its answer is lost: the old id answers until its grace ends.

use std::time::Duration;

use session_runtime::conformance::{Call, Fault, FaultStore};
use session_runtime::{Clock, Expiry, MemoryStore, SessionLayer};
use session_tests::Visitor;

use super::{Ask, NOTHING, ask, assert_unavailable, read, seen};

const HOUR: Duration = Duration::from_hours(1);
const GRACE: Duration = Duration::from_secs(10);

/// A visitor whose session holds one order, and whose id is to be renewed.
async fn due() -> (FaultStore<MemoryStore>, Clock, Visitor) {
    let clock = Clock::manual();
    let store = FaultStore::new(MemoryStore::new().clock(clock.clone()));
    let expiry = Expiry::default().rotate_every(HOUR).rotation_grace(GRACE);
    let mut visitor = Visitor::through(SessionLayer::new(store.clone()).clock(clock.clone()).expiry(expiry));
    seen(&ask(&mut visitor, Ask::Order(1)).await);
    clock.advance(HOUR);
    (store, clock, visitor)
}

#[tokio::test]
async fn a_rotation_one_of_whose_calls_is_lost_is_done_once() {
    for fault in [Fault::CallLost, Fault::AnswerLost] {
        let (store, clock, mut visitor) = due().await;
        let mut before = visitor.clone();
        store.on_next(Call::Rename, fault);
        seen(&ask(&mut visitor, Ask::Order(2)).await);
        assert_eq!(store.happened(), [(Call::Rename, fault)]);
        assert_ne!(visitor.id(), before.id(), "{fault:?}");
        assert_eq!(read(&mut before).await, (None, 2, vec![1, 2]), "{fault:?}: within the grace");
        clock.advance(GRACE);
        assert_eq!(read(&mut before).await, NOTHING, "{fault:?}: after the grace");
        assert_eq!(read(&mut visitor).await, (None, 2, vec![1, 2]), "{fault:?}");
    }
}

#[tokio::test]
async fn a_rotation_that_is_lost_for_good_is_done_later() {
    let (store, clock, mut visitor) = due().await;
    let before = visitor.held();
    store.on_every(Call::Rename, Fault::CallLost);
    assert_unavailable(&ask(&mut visitor, Ask::Order(2)).await);
    store.recover();
    clock.advance(GRACE);
    assert_eq!(read(&mut visitor).await, (None, 1, vec![1]));
    assert_ne!(visitor.held(), before);
}

#[tokio::test]
async fn a_rotation_whose_answer_is_lost_for_good_signs_out_when_the_grace_ends() {
    let (store, clock, mut visitor) = due().await;
    store.on_every(Call::Rename, Fault::AnswerLost);
    assert_unavailable(&ask(&mut visitor, Ask::Order(2)).await);
    store.recover();
    assert_eq!(read(&mut visitor).await, (None, 2, vec![1, 2]));
    seen(&ask(&mut visitor, Ask::Order(3)).await);
    assert_eq!(read(&mut visitor).await, (None, 3, vec![1, 2, 3]));
    clock.advance(GRACE);
    assert_eq!(read(&mut visitor).await, NOTHING);
}
