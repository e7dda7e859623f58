//! A save that nobody answered, and what its request does afterwards.

use axum::http::StatusCode;
use session_runtime::conformance::{Call, Fault, FaultStore};
use session_runtime::{MemoryStore, Session, SessionError, SessionHandle};

use super::{Account, Ask, Seen, ask, ordered, read, seen};
use crate::support::Visitor;

/// A save that is done, its repetition too, and no answer to either comes.
async fn save_unanswered(store: &FaultStore<MemoryStore>, account: &mut Session<Account>) {
    store.on_every(Call::Update, Fault::AnswerLost);
    account.save().await.expect_err("no answer");
    store.recover();
}

/// What is in the session after a request whose save was not answered, with so many requests of others after the save.
async fn after(others: u32) -> (StatusCode, Seen) {
    let (store, mut visitor) = ordered().await;
    let mut other = visitor.clone();
    let answer = visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            *account.hits_mut() += 1;
            save_unanswered(&store, &mut account).await;
            for number in 0..others {
                seen(&ask(&mut other, Ask::Order(2 + number)).await);
            }
            Ok::<_, SessionError>(())
        })
        .await;
    (answer.status, read(&mut visitor).await)
}

#[tokio::test]
async fn it_counts_once_though_three_others_came_since() {
    assert_eq!(after(3).await, (StatusCode::OK, (None, 5, vec![1, 2, 3, 4])));
}

#[tokio::test]
async fn its_request_fails_where_nobody_can_tell_what_became_of_it() {
    for others in 4..=6 {
        let orders = (1..=1 + others).collect();
        let expected = (StatusCode::SERVICE_UNAVAILABLE, (None, 2 + others, orders));
        assert_eq!(after(others).await, expected, "{others} others");
    }
}

#[tokio::test]
async fn what_was_set_back_since_is_written() {
    let (store, mut visitor) = ordered().await;
    visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            account.set_orders(vec![9]);
            account.set_user(9_u32);
            *account.hits_mut() += 1;
            save_unanswered(&store, &mut account).await;
            account.set_orders(vec![1]);
            account.clear_user();
            *account.hits_mut() -= 1;
            account.save().await
        })
        .await;
    assert_eq!(read(&mut visitor).await, (None, 1, vec![1]));
}

#[tokio::test]
async fn what_it_did_not_change_is_left_to_others() {
    let (store, mut visitor) = ordered().await;
    let mut other = visitor.clone();
    visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            assert_eq!(*account.orders_mut(), [1]);
            *account.hits_mut() += 1;
            save_unanswered(&store, &mut account).await;
            seen(&ask(&mut other, Ask::Order(2)).await);
            account.save().await
        })
        .await;
    assert_eq!(read(&mut visitor).await, (None, 3, vec![1, 2]));
}

#[tokio::test]
async fn too_many_are_an_error_until_the_session_is_reloaded() {
    let (store, mut visitor) = ordered().await;
    visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            for _ in 0..10 {
                *account.hits_mut() += 1;
                store.on_every(Call::Update, Fault::CallLost);
                account.save().await.expect_err("no answer");
                store.recover();
            }
            let error = account.save().await.expect_err("too many");
            assert!(error.is_unavailable());
            account.reload().await?;
            *account.hits_mut() += 1;
            account.save().await
        })
        .await;
    assert_eq!(read(&mut visitor).await, (None, 2, vec![1]));
}

/// The save finds the session gone; a sign-out after it ends what it became.
#[tokio::test]
async fn a_sign_out_after_a_save_that_met_a_new_id_ends_the_session() {
    let (store, mut visitor) = ordered().await;
    let mut other = visitor.clone();
    visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            seen(&ask(&mut other, Ask::SignIn(7)).await);
            *account.hits_mut() += 1;
            account.save().await?;
            account.destroy();
            account.save().await
        })
        .await;
    assert!(store.inner().is_empty());
}

#[tokio::test]
async fn a_sign_out_follows_eight_renames() {
    for (renames, left) in [(8, 0), (9, 1)] {
        let (store, visitor) = ordered().await;
        let (mut slow, mut other): (Visitor, Visitor) = (visitor.clone(), visitor);
        let answer = slow
            .act(async move |handle: SessionHandle| {
                let mut account = handle.load::<Account>().await?;
                for user in 0..renames {
                    seen(&ask(&mut other, Ask::SignIn(user)).await);
                }
                account.destroy();
                Ok::<_, SessionError>(())
            })
            .await;
        assert_eq!(
            answer.status.is_success(),
            left == 0,
            "the client is not told that it is signed out where it is not"
        );
        assert_eq!(store.inner().len(), left);
    }
}
