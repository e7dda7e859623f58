//! A save whose answer is lost for good, and what the request does after it.

use session_runtime::conformance::{Call, Fault, FaultStore};
use session_runtime::{MemoryStore, Session, SessionHandle, SessionLayer};
use session_tests::{Visitor, load};

use super::{Tally, hits};

fn add(tally: &mut Session<Tally>) {
    *tally.hits_mut() += 1;
}

/// How many hits a session of five has after a request whose next two updates, a save and its repetition, have this fault.
async fn after<F>(fault: Fault, act: impl FnOnce(SessionHandle) -> F + Send + 'static) -> u32
where
    F: Future<Output = ()> + Send + 'static,
{
    let store = FaultStore::new(MemoryStore::new());
    let mut visitor = Visitor::through(SessionLayer::new(store.clone()));
    visitor.visit::<Tally>(|tally| tally.set_hits(5)).await;
    store.on_nth(Call::Update, 1, fault);
    store.on_nth(Call::Update, 2, fault);
    assert!(visitor.act(act).await.status.is_success());
    assert_eq!(store.happened().len(), 2);
    hits(&mut visitor).await
}

const FAULTS: [Fault; 2] = [Fault::CallLost, Fault::AnswerLost];

#[tokio::test]
async fn a_save_that_failed_is_made_good_at_the_end_of_the_request_and_counts_once() {
    for fault in FAULTS {
        let hits = after(fault, async |handle| {
            let mut tally = load::<Tally>(&handle).await;
            add(&mut tally);
            assert!(tally.save().await.expect_err("no answer").is_unavailable());
            assert_eq!(tally.hits(), 6, "the session is as it was");
        });
        assert_eq!(hits.await, 6, "{fault:?}");
    }
}

#[tokio::test]
async fn a_save_that_failed_may_be_repeated_and_counts_once() {
    for fault in FAULTS {
        let hits = after(fault, async |handle| {
            let mut tally = load::<Tally>(&handle).await;
            add(&mut tally);
            tally.save().await.expect_err("no answer");
            tally.save().await.expect("saved");
            assert_eq!(tally.hits(), 6);
            add(&mut tally);
        });
        assert_eq!(hits.await, 7, "{fault:?}");
    }
}

#[tokio::test]
async fn what_is_added_after_a_save_that_failed_counts_beside_it() {
    for fault in FAULTS {
        let hits = after(fault, async |handle| {
            let mut tally = load::<Tally>(&handle).await;
            add(&mut tally);
            tally.save().await.expect_err("no answer");
            add(&mut tally);
            tally.save().await.expect("saved");
            add(&mut tally);
        });
        assert_eq!(hits.await, 8, "{fault:?}");
    }
}

#[tokio::test]
async fn what_was_deposited_before_a_save_that_failed_counts_once() {
    for fault in FAULTS {
        let hits = after(fault, async |handle| {
            let mut tally = load::<Tally>(&handle).await;
            add(&mut load::<Tally>(&handle).await);
            add(&mut tally);
            tally.save().await.expect_err("no answer");
        });
        assert_eq!(hits.await, 7, "{fault:?}");
    }
}

#[tokio::test]
async fn what_another_session_of_the_request_adds_counts_beside_a_save_that_failed() {
    for fault in FAULTS {
        for other_is_saved in [true, false] {
            let hits = after(fault, async move |handle| {
                let (mut tally, mut other) = (load::<Tally>(&handle).await, load::<Tally>(&handle).await);
                add(&mut load::<Tally>(&handle).await);
                add(&mut tally);
                tally.save().await.expect_err("no answer");
                add(&mut other);
                if other_is_saved {
                    other.save().await.expect("saved");
                }
                drop(other);
                drop(tally);
            });
            assert_eq!(hits.await, 8, "{fault:?}, {other_is_saved}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_save_that_was_given_up_counts_once() {
    for fault in [Fault::CallHangs, Fault::AnswerHangs] {
        let store = FaultStore::new(MemoryStore::new());
        let mut visitor = Visitor::through(SessionLayer::new(store.clone()));
        visitor.visit::<Tally>(|tally| tally.set_hits(5)).await;
        store.on_next(Call::Update, fault);
        visitor
            .act(async |handle: SessionHandle| {
                let mut tally = load::<Tally>(&handle).await;
                add(&mut tally);
                let given_up = tokio::time::timeout(std::time::Duration::from_secs(1), tally.save()).await;
                given_up.expect_err("no answer within a second");
            })
            .await;
        assert_eq!(hits(&mut visitor).await, 6, "{fault:?}");
    }
}
