//! Calls and answers that are lost for good, however often they are repeated.

use session_runtime::conformance::{Call, Fault, FaultStore};
use session_runtime::{MemoryStore, SessionLayer};
use session_tests::Visitor;

use super::{Ask, NOTHING, ask, assert_unavailable, empty, ordered, read, seen};

const LOST: [Fault; 2] = [Fault::CallLost, Fault::AnswerLost];

/// The answer to this request, while every such call has this fault, is that there is no session to be had.
async fn fails(store: &FaultStore<MemoryStore>, visitor: &mut Visitor, asked: Ask, call: Call, fault: Fault) {
    let held = visitor.id().map(str::to_owned);
    store.on_every(call, fault);
    assert_unavailable(&ask(visitor, asked).await);
    assert!(store.happened().contains(&(call, fault)), "{call:?} was not called");
    store.recover();
    assert_eq!(visitor.id(), held.as_deref());
}

#[tokio::test]
async fn a_load_that_is_lost_leaves_the_session_as_it_is() {
    for fault in LOST {
        let (store, mut visitor) = ordered().await;
        fails(&store, &mut visitor, Ask::Order(2), Call::Load, fault).await;
        assert_eq!(read(&mut visitor).await, (None, 1, vec![1]));
    }
}

#[tokio::test]
async fn an_insert_that_is_lost_gives_nobody_a_session_and_stores_at_most_one() {
    for (fault, stored) in LOST.into_iter().zip([0, 1]) {
        let (store, mut visitor) = empty();
        fails(&store, &mut visitor, Ask::SignIn(7), Call::Insert, fault).await;
        assert_eq!(store.inner().len(), stored, "{fault:?}");
        assert_eq!(read(&mut visitor).await, NOTHING);
        seen(&ask(&mut visitor, Ask::SignIn(7)).await);
        assert_eq!(read(&mut visitor).await.0, Some(7));
    }
}

#[tokio::test]
async fn an_update_that_is_lost_was_done_once_or_never() {
    for (fault, expected) in LOST.into_iter().zip([(None, 1, vec![1]), (None, 2, vec![1, 2])]) {
        let (store, mut visitor) = ordered().await;
        fails(&store, &mut visitor, Ask::Order(2), Call::Update, fault).await;
        assert_eq!(read(&mut visitor).await, expected, "{fault:?}");
    }
}

#[tokio::test]
async fn a_sign_in_that_is_lost_signs_nobody_in() {
    for (fault, expected) in LOST.into_iter().zip([(None, 1, vec![1]), NOTHING]) {
        let (store, mut visitor) = ordered().await;
        let planted = visitor.clone();
        fails(&store, &mut visitor, Ask::SignIn(7), Call::Rename, fault).await;
        assert_eq!(store.inner().len(), 1);
        assert_eq!(read(&mut visitor).await, expected, "{fault:?}: the id of before the sign-in");
        seen(&ask(&mut visitor, Ask::SignIn(7)).await);
        assert_eq!(read(&mut visitor).await.0, Some(7));
        assert_eq!(read(&mut planted.clone()).await, NOTHING, "{fault:?}: the id of before the sign-in");
    }
}

#[tokio::test]
async fn a_sign_out_that_is_lost_says_so_and_may_be_repeated() {
    for (fault, expected) in LOST.into_iter().zip([(None, 1, vec![1]), NOTHING]) {
        let (store, mut visitor) = ordered().await;
        fails(&store, &mut visitor, Ask::SignOut, Call::Remove, fault).await;
        assert_eq!(read(&mut visitor).await, expected, "{fault:?}");
        seen(&ask(&mut visitor, Ask::SignOut).await);
        assert_eq!(store.inner().len(), 0);
        assert_eq!(read(&mut visitor).await, NOTHING);
    }
}

#[tokio::test]
async fn a_store_that_is_down_and_comes_back_has_kept_everything() {
    let (store, mut visitor) = ordered().await;
    for call in Call::ALL {
        store.on_every(call, Fault::CallLost);
    }
    for asked in [Ask::Read, Ask::Order(2), Ask::SignIn(7), Ask::SignOut] {
        assert_unavailable(&ask(&mut visitor, asked).await);
    }
    store.recover();
    assert_eq!(read(&mut visitor).await, (None, 1, vec![1]));
    let mut other = Visitor::through(SessionLayer::new(store));
    assert_eq!(read(&mut other).await, NOTHING);
}
