//! What others do to the session while a request runs.

use axum::http::StatusCode;
use session_runtime::{Clock, Expiry, Session, SessionHandle, SessionLayer};
use session_tests::{Answer, Gate, Logs, Scripted, Visitor, load};
use std::time::Duration;
use tokio::task::JoinHandle;

use super::{Account, Cart, planted};

/// Starts a request that has loaded its session and waits at the gate before it does `act`.
pub(super) async fn waiting(
    visitor: &Visitor,
    act: impl FnOnce(&mut Session<Account>) + Send + 'static,
) -> (Gate, JoinHandle<Answer>) {
    let gate = Gate::default();
    let inside = gate.clone();
    let request = visitor.start(async move |handle: SessionHandle| {
        let mut account = load::<Account>(&handle).await;
        inside.pass().await;
        act(&mut account);
    });
    gate.arrived().await;
    (gate, request)
}

pub(super) async fn finish((gate, request): (Gate, JoinHandle<Answer>)) -> Answer {
    gate.open();
    request.await.expect("an answer")
}

#[tokio::test]
async fn changes_to_a_session_that_ended_meanwhile_are_dropped() {
    let logs = Logs::capture();
    let (store, visitor, id) = planted(&[("user", b"7")]).await;
    let request = waiting(&visitor, |account| account.set_hits(1)).await;
    store.end(&id).await;
    let answer = finish(request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(store.asked(), "load; update hits=1");
    assert_eq!(store.len(), 0, "a session never comes back from the dead");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(logs.text().lines().count(), 1, "{}", logs.text());
    assert!(logs.text().contains("dropped"), "{}", logs.text());
    assert!(!logs.text().contains(&id), "an id is a secret");
}

#[tokio::test]
async fn changes_to_a_session_that_expired_meanwhile_are_dropped() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let layer = SessionLayer::new(store.clone()).clock(clock.clone()).expiry(Expiry::idle(Duration::from_mins(1)));
    let mut visitor = Visitor::through(layer);
    visitor.visit::<Account>(|account| account.set_user(7_u32)).await;
    let request = waiting(&visitor, |account| account.set_hits(1)).await;
    clock.advance(Duration::from_mins(1));
    let answer = finish(request).await;
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn t40_a_slow_reader_leaves_the_sign_out_of_another_alone() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let request = waiting(&visitor, |account| assert_eq!(account.user(), Some(7))).await;
    visitor.visit::<Account>(Session::<Account>::destroy).await;
    let answer = finish(request).await;
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_due_touch_of_a_session_that_ended_meanwhile_sends_no_cookie() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let expiry = Expiry::idle(Duration::from_mins(1));
    let layer = SessionLayer::new(store.clone()).clock(clock.clone()).expiry(expiry);
    let mut visitor = Visitor::through(layer);
    visitor.visit::<Account>(|account| account.set_user(7_u32)).await;
    clock.advance(Duration::from_secs(30));
    let request = waiting(&visitor, |account| assert_eq!(account.user(), Some(7))).await;
    store.end(&visitor.held()).await;
    let answer = finish(request).await;
    assert_eq!(store.asked(), "insert user=7; load; touch");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_second_save_to_a_session_that_ended_revives_nothing() {
    let (store, visitor, id) = planted(&[("user", b"7")]).await;
    let (gate, end) = (Gate::default(), id.clone());
    let inside = gate.clone();
    let request = visitor.start(async move |handle: SessionHandle| {
        let mut account = load::<Account>(&handle).await;
        inside.pass().await;
        account.set_hits(1);
        account.save().await.expect("dropped without an error");
        account.set_hits(2);
        account.save().await.expect("dropped without an error");
        load::<Cart>(&handle).await.items_mut().push(1);
    });
    gate.arrived().await;
    store.end(&end).await;
    let answer = finish((gate, request)).await;
    assert_eq!(store.asked(), "load; update hits=1");
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn a_reload_of_a_session_that_ended_revives_nothing() {
    let (store, visitor, id) = planted(&[("user", b"7")]).await;
    let (store_inside, end) = (store.clone(), id.clone());
    let answer = visitor
        .start(async move |handle: SessionHandle| {
            load::<Cart>(&handle).await.items_mut().push(1);
            let mut account = load::<Account>(&handle).await;
            store_inside.end(&end).await;
            account.reload().await.expect("reloaded");
            assert_eq!(account.user(), None);
        })
        .await
        .expect("an answer");
    assert_eq!(store.len(), 0, "{}", store.asked());
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn a_new_id_for_a_session_that_ended_holds_only_what_this_request_set() {
    let (store, mut visitor, old) = planted(&[("hits", b"9"), ("cart.items", b"[1]")]).await;
    let request = waiting(&visitor, |account| {
        assert_eq!(account.hits(), 9);
        account.set_user(7_u32);
        account.regenerate_id();
    })
    .await;
    store.end(&old).await;
    let answer = finish(request).await;
    assert_eq!(store.asked(), "load; rename user=7; insert user=7");
    visitor.take(&answer);
    assert_ne!(visitor.held(), old);
    assert_eq!(store.fields(&visitor.held()).await, "user=7");
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_new_id_for_a_session_that_ended_and_nothing_set_begins_none() {
    let logs = Logs::capture();
    let (store, visitor, old) = planted(&[("hits", b"9")]).await;
    let request = waiting(&visitor, |account| account.regenerate_id()).await;
    store.end(&old).await;
    let answer = finish(request).await;
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies().is_empty());
    assert!(logs.text().contains("ended while"), "{}", logs.text());
}

#[tokio::test]
async fn a_double_clicked_sign_in_signs_in() {
    let (store, mut visitor, old) = planted(&[("hits", b"9")]).await;
    let sign_in = |account: &mut Session<Account>| {
        account.set_user(7_u32);
        account.regenerate_id();
    };
    let first = waiting(&visitor, sign_in).await;
    let second = waiting(&visitor, sign_in).await;
    for request in [first, second] {
        let answer = finish(request).await;
        assert_eq!(answer.set_cookies().len(), 1);
        visitor.take(&answer);
        assert!(store.fields(&visitor.held()).await.contains("user=7"));
        assert_eq!(store.fields(&old).await, "(none)");
    }
}

#[tokio::test]
async fn a_sign_in_again_as_the_same_user_survives_the_end_of_the_session() {
    let (store, mut visitor, old) = planted(&[("user", b"7")]).await;
    let request = waiting(&visitor, |account| {
        account.set_user(7_u32);
        account.regenerate_id();
    })
    .await;
    store.end(&old).await;
    let answer = finish(request).await;
    visitor.take(&answer);
    assert_eq!(answer.set_cookies().len(), 1, "set is set, though it was equal");
    assert_eq!(store.fields(&visitor.held()).await, "user=7");
}

#[tokio::test]
async fn what_another_writes_under_an_id_that_was_renamed_is_dropped() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let slow = waiting(&visitor, |account| account.set_hits(1)).await;
    visitor.visit::<Account>(|account| account.regenerate_id()).await;
    let answer = finish(slow).await;
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.fields(&visitor.held()).await, "user=7");
}

#[tokio::test]
async fn a_sign_out_under_the_old_id_wins_over_a_new_id() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let sign_out = waiting(&visitor, Session::<Account>::destroy).await;
    visitor.visit::<Account>(|account| account.regenerate_id()).await;
    assert_eq!(store.len(), 1);
    let answer = finish(sign_out).await;
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies()[0].contains("Max-Age=0"));
}

#[tokio::test]
async fn of_two_sign_outs_only_the_one_that_ended_the_session_removes_the_cookie() {
    let (_, mut visitor, _) = planted(&[("user", b"7")]).await;
    let late = waiting(&visitor, Session::<Account>::destroy).await;
    let first = visitor.visit::<Account>(Session::<Account>::destroy).await;
    assert_eq!(first.set_cookies().len(), 1);
    // Meanwhile somebody signs in.
    visitor.visit::<Account>(|account| account.set_user(8_u32)).await;
    let answer = finish(late).await;
    assert!(answer.set_cookies().is_empty(), "it would sign them out");
}

#[tokio::test]
async fn a_late_response_that_empties_a_dead_session_sends_no_removal_cookie() {
    let (store, visitor, id) = planted(&[("flash", br#""hi""#)]).await;
    let late = waiting(&visitor, |account| {
        account.take_flash();
    })
    .await;
    store.end(&id).await;
    assert!(finish(late).await.set_cookies().is_empty());
}

#[tokio::test]
async fn taking_a_flash_does_not_delete_the_cart_that_was_stored_meanwhile() {
    let (store, mut visitor, id) = planted(&[("flash", br#""hi""#)]).await;
    let taking = waiting(&visitor, |account| {
        assert_eq!(account.take_flash().as_deref(), Some("hi"));
    })
    .await;
    visitor.visit::<Cart>(|cart| cart.items_mut().push(1)).await;
    let answer = finish(taking).await;
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.fields(&id).await, "cart.items=[1]");
}

#[tokio::test]
async fn taking_the_last_field_ends_the_session_and_its_cookie() {
    let (store, mut visitor, _) = planted(&[("flash", br#""hi""#)]).await;
    let answer = visitor.visit::<Account>(|account| assert!(account.take_flash().is_some())).await;
    assert_eq!(store.asked(), "load; update flash=-");
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies()[0].contains("Max-Age=0"));
}

#[tokio::test]
async fn an_unknown_id_is_never_adopted() {
    let store = Scripted::default();
    let unknown = "0123456789abcdef0123456789abcdef";
    let mut visitor = Visitor::of(&store).holding(unknown);
    visitor.visit::<Account>(|account| account.set_hits(1)).await;
    assert_eq!(store.asked(), "load; insert hits=1");
    assert_ne!(visitor.held(), unknown);
    assert_eq!(store.fields(unknown).await, "(none)");
}
