//! `save()` while the handler runs.

use axum::http::StatusCode;
use session_runtime::{SessionHandle, SessionLayer};
use session_tests::{Fault, Scripted, Visitor, load};
use std::time::Duration;

use super::{Account, Cart, planted};

#[tokio::test]
async fn what_was_saved_stays_and_its_cookie_is_sent_whatever_the_status() {
    for status in [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR] {
        let store = Scripted::default();
        let mut visitor = Visitor::of(&store);
        let answer = visitor
            .act(async move |handle: SessionHandle| {
                let mut account = load::<Account>(&handle).await;
                account.set_user(7_u32);
                account.save().await.expect("saved");
                account.set_hits(1);
                status
            })
            .await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.set_cookies().len(), 1, "{status}");
        let kept = if status == StatusCode::OK { "hits=1 user=7" } else { "user=7" };
        assert_eq!(store.fields(&visitor.held()).await, kept);
    }
}

#[tokio::test]
async fn a_new_id_that_was_saved_is_sent_whatever_the_status() {
    let (store, mut visitor, old) = planted(&[("user", b"7")]).await;
    let answer = visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.regenerate_id();
            account.save().await.expect("saved");
            StatusCode::INTERNAL_SERVER_ERROR
        })
        .await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_ne!(visitor.held(), old);
    assert_eq!(store.fields(&visitor.held()).await, "user=7");
}

#[tokio::test]
async fn saving_what_did_not_change_asks_nothing() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            let _ = account.hits_mut();
            account.save().await.expect("nothing to save");
        })
        .await;
    assert_eq!(store.asked(), "load");
}

#[tokio::test]
async fn what_was_saved_is_not_written_again() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.set_hits(1);
            account.save().await.expect("saved");
            assert_eq!((account.hits(), account.user()), (1, Some(7)));
        })
        .await;
    assert_eq!(store.asked(), "load; update hits=1");
}

#[tokio::test]
async fn a_save_that_fails_leaves_the_changes_to_the_end_of_the_request() {
    let (store, mut visitor, id) = planted(&[("user", b"7")]).await;
    let inside = store.clone();
    let answer = visitor
        .act(async move |handle: SessionHandle| {
            load::<Cart>(&handle).await.items_mut().push(1);
            let mut account = load::<Account>(&handle).await;
            account.set_hits(1);
            inside.breaks("update", Fault::Unreachable);
            let error = account.save().await.expect_err("the store is down");
            assert!(error.is_unavailable());
            assert_eq!(account.hits(), 1);
            inside.recovers();
        })
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(store.fields(&id).await, "cart.items=[1] hits=1 user=7");
}

#[tokio::test(start_paused = true)]
async fn a_save_that_was_given_up_leaves_the_changes_to_the_end_of_the_request() {
    let (store, mut visitor, id) = planted(&[("user", b"7")]).await;
    let inside = store.clone();
    let answer = visitor
        .act(async move |handle: SessionHandle| {
            load::<Cart>(&handle).await.items_mut().push(1);
            let mut account = load::<Account>(&handle).await;
            account.set_hits(1);
            inside.breaks("update", Fault::Hangs);
            let saving = tokio::time::timeout(Duration::from_millis(10), account.save());
            saving.await.expect_err("no answer in time");
            inside.recovers();
        })
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(store.fields(&id).await, "cart.items=[1] hits=1 user=7");
}

#[tokio::test]
async fn a_session_that_begins_and_ends_in_one_request_leaves_no_cookie() {
    let store = Scripted::default();
    let answer = Visitor::of(&store)
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.set_hits(1);
            account.save().await.expect("saved");
            account.destroy();
        })
        .await;
    assert_eq!(store.asked(), "insert hits=1; remove");
    assert!(answer.set_cookies().is_empty(), "it ended no session that it had loaded: {:?}", answer.set_cookies());
}

#[tokio::test]
async fn a_saved_sign_out_is_done_before_the_handler_ends() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let inside = store.clone();
    let answer = visitor
        .act(async move |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.destroy();
            account.save().await.expect("saved");
            assert_eq!(inside.len(), 0);
            StatusCode::INTERNAL_SERVER_ERROR
        })
        .await;
    assert_eq!(store.asked(), "load; remove");
    assert!(answer.set_cookies()[0].contains("Max-Age=0"));
}

#[tokio::test]
async fn a_saved_session_is_kept_by_a_handler_that_ends_in_another_error() {
    let store = Scripted::default();
    let layer = SessionLayer::new(store.clone()).commit_when(|status| status == StatusCode::OK);
    let mut visitor = Visitor::through(layer);
    visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.set_user(7_u32);
            account.save().await.expect("saved");
            account.set_hits(1);
            StatusCode::CREATED
        })
        .await;
    assert_eq!(store.fields(&visitor.held()).await, "user=7");
}

#[tokio::test]
async fn what_was_saved_keeps_its_cookie_though_the_commit_at_the_end_fails() {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    let inside = store.clone();
    let answer = visitor
        .act(async move |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.set_user(7_u32);
            account.save().await.expect("saved");
            account.set_hits(1);
            inside.breaks("update", Fault::Unreachable);
        })
        .await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.set_cookies().len(), 1, "the session is stored");
    assert_eq!(store.fields(&visitor.held()).await, "user=7");
}
