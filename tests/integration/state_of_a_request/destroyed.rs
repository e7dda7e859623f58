//! Sign-out, new ids, and what follows them in the same request.

use axum::http::StatusCode;
use session_runtime::{Session, SessionHandle};
use session_tests::{Fault, Scripted, Visitor, load};

use super::{Account, Cart, planted};

fn is_removal(cookie: &str) -> bool {
    cookie.starts_with("__Host-id=;") && cookie.contains("Max-Age=0") && cookie.contains("Path=/")
}

#[tokio::test]
async fn t10_destroy_ends_the_session_whatever_else_it_holds() {
    let (store, mut visitor, _) = planted(&[("user", b"7"), ("cart.items", b"[1]")]).await;
    let answer = visitor
        .visit::<Account>(|account| {
            account.destroy();
            assert_eq!(account.user(), None);
            assert!(account.id().is_none());
        })
        .await;
    assert_eq!(store.asked(), "load; remove");
    assert_eq!(store.len(), 0);
    assert_eq!(answer.set_cookies().len(), 1);
    assert!(is_removal(answer.set_cookies()[0]));
}

#[tokio::test]
async fn a_sign_out_holds_whatever_the_status() {
    for status in
        [StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::REQUEST_TIMEOUT, StatusCode::INTERNAL_SERVER_ERROR]
    {
        let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
        let answer = visitor
            .act(async move |handle: SessionHandle| {
                load::<Account>(&handle).await.destroy();
                status
            })
            .await;
        assert_eq!(store.len(), 0, "{status}");
        assert!(is_removal(answer.set_cookies()[0]), "{status}");
    }
}

#[tokio::test]
async fn t11_destroying_what_does_not_exist_does_nothing() {
    let store = Scripted::default();
    let answer = Visitor::of(&store).visit::<Account>(Session::<Account>::destroy).await;
    assert_eq!(store.asked(), "");
    assert!(answer.set_cookies().is_empty());
    let mut stranger = Visitor::of(&store).holding("0123456789abcdef0123456789abcdef");
    let answer = stranger.visit::<Account>(Session::<Account>::destroy).await;
    assert_eq!(store.asked(), "load");
    assert!(answer.set_cookies().is_empty(), "it ended nothing");
}

#[tokio::test]
async fn destroy_absorbs_deposits_whatever_the_order_of_drops() {
    for destroyer_goes_first in [true, false] {
        let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
        visitor
            .act(async move |handle: SessionHandle| {
                let mut guard = load::<Account>(&handle).await;
                let mut handler = load::<Account>(&handle).await;
                let mut cart = load::<Cart>(&handle).await;
                guard.set_hits(1);
                cart.items_mut().push(1);
                drop(cart);
                handler.destroy();
                if destroyer_goes_first {
                    drop(handler);
                    drop(guard);
                } else {
                    drop(guard);
                    drop(handler);
                }
            })
            .await;
        assert_eq!(store.asked(), "load; remove");
        assert_eq!(store.len(), 0);
    }
}

#[tokio::test]
async fn what_the_destroying_session_sets_afterwards_starts_a_new_session() {
    let (store, mut visitor, old) = planted(&[("user", b"7"), ("hits", b"3")]).await;
    let answer = visitor
        .visit::<Account>(|account| {
            account.set_hits(100);
            account.destroy();
            assert_eq!(account.hits(), 0, "nothing of the old session");
            account.set_flash("signed out");
        })
        .await;
    assert_eq!(store.asked(), r#"load; remove; insert flash="signed out""#);
    assert_eq!(answer.set_cookies().len(), 1);
    assert_ne!(visitor.held(), old);
    assert_eq!(store.fields(&old).await, "(none)");
    assert_eq!(store.fields(&visitor.held()).await, r#"flash="signed out""#);
}

#[tokio::test]
async fn what_others_load_after_a_sign_out_belongs_to_the_new_session() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    visitor
        .act(async |handle: SessionHandle| {
            load::<Account>(&handle).await.destroy();
            let mut cart = load::<Cart>(&handle).await;
            assert!(cart.id().is_none());
            cart.items_mut().push(1);
        })
        .await;
    assert_eq!(store.fields(&visitor.held()).await, "cart.items=[1]");
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_failed_response_keeps_the_sign_out_and_drops_what_followed_it() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let answer = visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.destroy();
            account.set_flash("signed out");
            StatusCode::INTERNAL_SERVER_ERROR
        })
        .await;
    assert_eq!(store.asked(), "load; remove");
    assert!(is_removal(answer.set_cookies()[0]));
}

#[tokio::test]
async fn no_session_exists_after_a_sign_out() {
    let (_, mut visitor, _) = planted(&[("user", b"7")]).await;
    visitor
        .act(async |handle: SessionHandle| {
            load::<Account>(&handle).await.destroy();
            let left = handle.load_existing::<Account>().await.expect("loaded");
            assert!(left.is_none());
            load::<Account>(&handle).await.set_hits(1);
            let begun = handle.load_existing::<Account>().await.expect("loaded");
            assert_eq!(begun.expect("a new one").hits(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_new_id_keeps_the_data_and_the_old_one_is_dead_at_once() {
    let (store, mut visitor, old) = planted(&[("user", b"7"), ("cart.items", b"[1]")]).await;
    let answer = visitor
        .visit::<Account>(|account| {
            account.regenerate_id();
            account.set_hits(1);
            assert!(account.is_modified());
        })
        .await;
    assert_eq!(store.asked(), "load; rename hits=1");
    assert_eq!(answer.set_cookies().len(), 1);
    assert_ne!(visitor.held(), old);
    assert_eq!(store.fields(&old).await, "(none)");
    assert_eq!(store.fields(&visitor.held()).await, "cart.items=[1] hits=1 user=7");
    let mut thief = visitor.clone().holding(&old);
    thief.visit::<Account>(|account| assert_eq!(account.user(), None)).await;
}

#[tokio::test]
async fn a_new_id_alone_is_one_rename() {
    let (store, mut visitor, old) = planted(&[("user", b"7")]).await;
    visitor.visit::<Account>(|account| account.regenerate_id()).await;
    assert_eq!(store.asked(), "load; rename");
    assert_ne!(visitor.held(), old);
}

#[tokio::test]
async fn a_failed_response_leaves_the_id_as_it_was() {
    let (store, mut visitor, id) = planted(&[("user", b"7")]).await;
    let answer = visitor
        .act(async |handle: SessionHandle| {
            load::<Account>(&handle).await.regenerate_id();
            StatusCode::BAD_GATEWAY
        })
        .await;
    assert_eq!(store.asked(), "load");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.fields(&id).await, "user=7");
}

#[tokio::test]
async fn a_new_id_for_no_session_makes_none() {
    let store = Scripted::default();
    let answer = Visitor::of(&store).visit::<Account>(|account| account.regenerate_id()).await;
    assert_eq!(store.asked(), "");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn a_sign_out_that_the_store_does_not_carry_out_sends_no_cookie() {
    let (store, mut visitor, id) = planted(&[("user", b"7")]).await;
    store.breaks("remove", Fault::Unreachable);
    let answer = visitor.visit::<Account>(Session::<Account>::destroy).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.fields(&id).await, "user=7");
}
