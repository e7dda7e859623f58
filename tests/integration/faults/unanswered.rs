//! A save that nobody answered, and what its request does afterwards.

use axum::http::StatusCode;
use session_runtime::conformance::{Call, Fault, FaultStore};
use session_runtime::{MemoryStore, Session, SessionError, SessionHandle};
use session_tests::Visitor;

use super::{Account, Ask, Seen, ask, empty, ordered, read, seen};

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

/// Saves twelve times while no answer comes to anything, and once more when the store is back; what others do in between.
async fn after_many<F>(others: impl FnOnce(Visitor) -> F + Send + 'static) -> Seen
where
    F: Future<Output = ()> + Send + 'static,
{
    let (store, mut visitor) = ordered().await;
    let other = visitor.clone();
    visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            for _ in 0..12 {
                *account.hits_mut() += 1;
                store.on_every(Call::Update, Fault::CallLost);
                account.save().await.expect_err("no answer");
            }
            store.recover();
            others(other).await;
            if let Err(error) = account.save().await {
                assert!(error.is_unavailable());
                account.reload().await?;
                *account.hits_mut() += 1;
            }
            account.save().await
        })
        .await;
    read(&mut visitor).await
}

#[tokio::test]
async fn many_are_made_good_when_the_store_is_back() {
    assert_eq!(after_many(async |_| {}).await, (None, 13, vec![1]));
}

#[tokio::test]
async fn many_fail_until_the_session_is_reloaded_where_others_came_since() {
    let hits = after_many(async |mut other| {
        seen(&ask(&mut other, Ask::Order(2)).await);
    });
    assert_eq!(hits.await, (None, 3, vec![1, 2]));
}

/// What becomes of a session of one order after this, its first save lost with nothing done.
async fn after_a_lost_save<F>(
    begin: impl FnOnce(&mut Session<Account>) + Send + 'static,
    then: impl FnOnce(Session<Account>, Visitor) -> F + Send + 'static,
) -> (FaultStore<MemoryStore>, Seen)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (store, mut visitor) = ordered().await;
    let (inside, other) = (store.clone(), visitor.clone());
    visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            begin(&mut account);
            inside.on_every(Call::Update, Fault::CallLost);
            account.save().await.expect_err("no answer");
            inside.recover();
            then(account, other).await;
            Ok::<_, SessionError>(())
        })
        .await;
    let seen = read(&mut visitor).await;
    (store, seen)
}

#[tokio::test]
async fn a_session_that_is_cleared_ends_with_the_next_save() {
    let (store, _) = after_a_lost_save(Session::<Account>::clear, async |mut account, _| {
        account.save().await.expect("saved");
    })
    .await;
    assert!(store.inner().is_empty());
}

#[tokio::test]
async fn a_field_with_a_merge_that_is_cleared_is_cleared_whatever_others_added() {
    let (_, seen_last) = after_a_lost_save(Session::<Account>::clear, async |account, mut other| {
        seen(&ask(&mut other, Ask::Order(3)).await);
        drop(account);
    })
    .await;
    assert_eq!(seen_last.1, 0);
}

#[tokio::test]
async fn what_is_set_back_is_told_to_be_modified() {
    let (_, seen_last) = after_a_lost_save(
        |account| account.set_orders(vec![9]),
        async |mut account, _| {
            account.set_orders(vec![1]);
            assert_eq!(account.changed_fields(), ["orders"]);
        },
    )
    .await;
    assert_eq!(seen_last, (None, 1, vec![1]));
}

#[tokio::test]
async fn what_was_cleared_since_begins_no_session() {
    let (store, mut visitor) = empty();
    let inside = store.clone();
    let answer = visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            account.set_hits(5);
            inside.on_every(Call::Insert, Fault::CallLost);
            account.save().await.expect_err("no answer");
            inside.recover();
            account.clear();
            Ok::<_, SessionError>(())
        })
        .await;
    assert!(answer.sets_no_cookie() && store.inner().is_empty());
}

#[tokio::test]
async fn a_second_one_does_not_forget_the_first() {
    let (store, mut visitor) = ordered().await;
    visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            account.set_orders(vec![9]);
            save_unanswered(&store, &mut account).await;
            account.discard();
            account.set_user(5_u32);
            save_unanswered(&store, &mut account).await;
            account.set_orders(vec![1]);
            account.save().await
        })
        .await;
    assert_eq!(read(&mut visitor).await, (Some(5), 1, vec![1]));
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

#[tokio::test]
async fn what_another_view_leaves_alone_is_not_added_again() {
    let (store, mut visitor) = ordered().await;
    let answer = visitor
        .act(async move |handle: SessionHandle| {
            let mut guard = handle.load::<Account>().await?;
            let mut account = handle.load::<Account>().await?;
            *account.hits_mut() += 1;
            save_unanswered(&store, &mut account).await;
            drop(account);
            *guard.hits_mut() += 5;
            Ok::<_, SessionError>(())
        })
        .await;
    assert_eq!((answer.status, read(&mut visitor).await), (StatusCode::OK, (None, 7, vec![1])));
}
