//! Stores that are slow, and stores that never answer. Time is tokio's, and passes only where everybody waits for it.

use std::time::Duration;

use session_runtime::SessionLayer;
use session_runtime::conformance::{Call, Fault};
use session_tests::{Answer, Visitor};
use tokio::time::Instant;

use super::{Ask, NOTHING, Seen, ask, assert_unavailable, empty, ordered, read, seen};

const LIMIT: Duration = Duration::from_secs(2);
const WITHIN: Duration = Duration::from_millis(1_999);
const BEYOND: Duration = Duration::from_millis(2_001);

/// The answer to a request one of whose calls has a fault, how long it took, and what is in the session afterwards.
async fn one_fault(asked: Ask, call: Call, fault: Fault) -> (Answer, Duration, Seen) {
    let (store, visitor) = ordered().await;
    let layer = SessionLayer::new(store.clone()).store_timeout(LIMIT);
    let mut visitor = Visitor::through(layer).holding(&visitor.held());
    store.on_every(call, fault);
    let before = Instant::now();
    let answer = ask(&mut visitor, asked).await;
    let took = before.elapsed();
    assert_eq!(store.happened(), [(call, fault)]);
    store.recover();
    (answer, took, read(&mut visitor).await)
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_slow_is_waited_for() {
    for fault in [Fault::CallDelayed(WITHIN), Fault::AnswerDelayed(WITHIN)] {
        for (asked, call, expected) in [
            (Ask::Order(2), Call::Load, (None, 2, vec![1, 2])),
            (Ask::Order(2), Call::Update, (None, 2, vec![1, 2])),
            (Ask::SignIn(7), Call::Rename, (Some(7), 1, vec![1])),
            (Ask::SignOut, Call::Remove, NOTHING),
        ] {
            let (answer, took, after) = one_fault(asked, call, fault).await;
            assert_eq!(seen(&answer), (None, 1, vec![1]));
            assert_eq!((took, after), (WITHIN, expected), "{call:?}, {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_too_slow_or_hangs_before_it_does_anything_is_given_up() {
    for fault in [Fault::CallDelayed(BEYOND), Fault::CallHangs] {
        for (asked, call) in [
            (Ask::Order(2), Call::Load),
            (Ask::Order(2), Call::Update),
            (Ask::SignIn(7), Call::Rename),
            (Ask::SignOut, Call::Remove),
        ] {
            let (answer, took, after) = one_fault(asked, call, fault).await;
            assert_unavailable(&answer);
            assert_eq!((took, after), (LIMIT, (None, 1, vec![1])), "{call:?}, {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_answers_too_late_or_never_has_done_it_once() {
    for fault in [Fault::AnswerDelayed(BEYOND), Fault::AnswerHangs] {
        for (asked, call, expected) in [
            (Ask::Order(2), Call::Load, (None, 1, vec![1])),
            (Ask::Order(2), Call::Update, (None, 2, vec![1, 2])),
            (Ask::SignIn(7), Call::Rename, NOTHING),
            (Ask::SignOut, Call::Remove, NOTHING),
        ] {
            let (answer, took, after) = one_fault(asked, call, fault).await;
            assert_unavailable(&answer);
            assert_eq!((took, after), (LIMIT, expected), "{call:?}, {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_insert_that_answers_too_late_gives_nobody_a_session() {
    for fault in [Fault::AnswerDelayed(Duration::from_secs(6)), Fault::AnswerHangs] {
        let (store, mut visitor) = empty();
        store.on_every(Call::Insert, fault);
        assert_unavailable(&ask(&mut visitor, Ask::SignIn(7)).await);
        assert_eq!(store.inner().len(), 1, "it ends by itself");
        assert_eq!(visitor.id(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_load_and_a_slow_update_have_a_limit_each() {
    let (store, mut visitor) = ordered().await;
    let delay = Duration::from_secs(4);
    store.on_next(Call::Load, Fault::AnswerDelayed(delay));
    store.on_next(Call::Update, Fault::AnswerDelayed(delay));
    let before = Instant::now();
    seen(&ask(&mut visitor, Ask::Order(2)).await);
    assert_eq!(before.elapsed(), 2 * delay);
    assert_eq!(read(&mut visitor).await, (None, 2, vec![1, 2]));
}
