//! One call or one answer that is lost: the runtime repeats the call, and the request succeeds. Loads are not repeated.

use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::conformance::{Call, Fault};

use super::{Ask, NOTHING, Seen, ask, empty, ordered, read, seen};

/// What is in the session after a request that succeeded though this happened to one of its calls.
async fn after(asked: Ask, call: Call, fault: Fault) -> Seen {
    let (store, mut visitor) = ordered().await;
    store.on_next(call, fault);
    assert_eq!(seen(&ask(&mut visitor, asked).await), (None, 1, vec![1]));
    assert_eq!(store.happened(), [(call, fault)]);
    read(&mut visitor).await
}

#[tokio::test]
async fn a_request_does_once_what_it_was_asked() {
    for fault in [Fault::CallLost, Fault::AnswerLost] {
        for (asked, call, expected) in [
            (Ask::Order(2), Call::Update, (None, 2, vec![1, 2])),
            (Ask::SignIn(7), Call::Rename, (Some(7), 1, vec![1])),
            (Ask::SignOut, Call::Remove, NOTHING),
        ] {
            assert_eq!(after(asked, call, fault).await, expected, "{call:?}, {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_new_session_is_stored_once_and_its_client_has_it() {
    for fault in [Fault::CallLost, Fault::AnswerLost] {
        let (store, mut visitor) = empty();
        store.on_next(Call::Insert, fault);
        seen(&ask(&mut visitor, Ask::Order(1)).await);
        assert_eq!(store.happened(), [(Call::Insert, fault)]);
        assert_eq!(store.inner().len(), 1, "{fault:?}");
        assert_eq!(read(&mut visitor).await, (None, 1, vec![1]));
    }
}

/// A request whose answer is lost, and whose repetition comes after those of this many others; its status.
async fn repeated_after(others: u32) -> (StatusCode, Seen) {
    let (store, mut visitor) = ordered().await;
    store.on_nth(Call::Update, 1, Fault::AnswerLost);
    store.on_nth(Call::Update, 2, Fault::CallDelayed(Duration::from_secs(1)));
    let mut other = visitor.clone();
    let others = async {
        for number in 0..others {
            seen(&ask(&mut other, Ask::Order(3 + number)).await);
        }
    };
    // The first is asked first, and waits for its repetition when the others come.
    let (slow, ()) = tokio::join!(ask(&mut visitor, Ask::Order(2)), others);
    assert_eq!(store.happened().len(), 2);
    (slow.status, read(&mut visitor).await)
}

/// A record remembers four commits: its own and those of three others.
#[tokio::test(start_paused = true)]
async fn an_addition_is_done_once_though_three_others_came_before_its_repetition() {
    assert_eq!(repeated_after(3).await, (StatusCode::OK, (None, 5, vec![1, 2, 3, 4, 5])));
}

/// Whether it was done cannot be told any more, so the client is not told that it was; nothing is done twice or undone.
#[tokio::test(start_paused = true)]
async fn an_addition_that_may_have_been_forgotten_is_not_repeated() {
    let all = |others| (1..=2 + others).collect::<Vec<_>>();
    for others in 4..=6 {
        let expected = (StatusCode::SERVICE_UNAVAILABLE, (None, 2 + others, all(others)));
        assert_eq!(repeated_after(others).await, expected, "{others} others");
    }
}
