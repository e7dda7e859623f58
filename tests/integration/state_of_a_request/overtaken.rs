//! What is under way when the session ends, moves on, or turns out to have ended: by another view, another task, another request.

use axum::http::StatusCode;
use session_runtime::{Clock, Expiry, Session, SessionError, SessionHandle, SessionLayer};
use session_tests::{Answer, Fault, Gate, Logs, Scripted, Visitor, load};
use std::time::Duration;
use tokio::task::JoinHandle;

use super::races::{finish, waiting};
use super::{Account, Cart, planted};

type Saving = JoinHandle<Result<(), SessionError>>;

fn is_removal(answer: &Answer) -> bool {
    answer.set_cookies().len() == 1 && answer.set_cookies()[0].contains("Max-Age=0")
}

/// A view that saves and waits in the store, and another that has signed out meanwhile.
async fn signed_out_during_a_save(handle: &SessionHandle, in_the_store: &Gate) -> (Saving, Session<Account>) {
    let mut saved = load::<Account>(handle).await;
    let mut destroyed = load::<Account>(handle).await;
    saved.set_hits(1);
    let saving = tokio::spawn(async move { saved.save().await });
    in_the_store.arrived().await;
    destroyed.destroy();
    (saving, destroyed)
}

/// The answer to a request that does so while `method` waits; its handler ends before the save does, or after.
async fn sign_out_during(method: &'static str, store: &Scripted, visitor: &mut Visitor, handler_first: bool) -> Answer {
    let gate = Gate::default();
    store.waits(method, &gate);
    visitor
        .act(async move |handle: SessionHandle| {
            let (saving, _destroyed) = signed_out_during_a_save(&handle, &gate).await;
            gate.open();
            if !handler_first {
                saving.await.expect("no panic").expect("saved");
            }
        })
        .await
}

#[tokio::test]
async fn a_sign_out_ends_the_session_that_another_view_is_saving() {
    for handler_first in [true, false] {
        let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
        let answer = sign_out_during("update", &store, &mut visitor, handler_first).await;
        assert_eq!(store.asked(), "load; update hits=1; remove");
        assert_eq!(store.len(), 0);
        assert!(is_removal(&answer), "{:?}", answer.set_cookies());
    }
}

#[tokio::test]
async fn a_sign_out_ends_the_new_session_that_another_view_is_saving_and_no_cookie_tells_of_it() {
    for handler_first in [true, false] {
        let store = Scripted::default();
        let answer = sign_out_during("insert", &store, &mut Visitor::of(&store), handler_first).await;
        assert_eq!(store.asked(), "insert hits=1; remove");
        assert_eq!(store.len(), 0);
        assert!(answer.set_cookies().is_empty(), "{:?}", answer.set_cookies());
    }
}

#[tokio::test]
async fn a_sign_out_ends_the_session_that_another_view_gives_a_new_id() {
    let (store, visitor, _) = planted(&[("user", b"7")]).await;
    let gate = Gate::default();
    store.waits("rename", &gate);
    let request = visitor.start(async move |handle: SessionHandle| {
        let mut renamed = load::<Account>(&handle).await;
        let mut destroyed = load::<Account>(&handle).await;
        renamed.regenerate_id();
        let saving = tokio::spawn(async move { renamed.save().await });
        gate.arrived().await;
        destroyed.destroy();
        gate.open();
        saving.await.expect("no panic").expect("saved");
    });
    let answer = request.await.expect("an answer");
    assert_eq!(store.asked(), "load; rename; remove");
    assert_eq!(store.len(), 0);
    assert!(is_removal(&answer), "{:?}", answer.set_cookies());
}

/// A request whose last commit waits in the store while a task of it does `act`.
async fn during_the_last_commit(
    store: &Scripted,
    visitor: &Visitor,
    method: &'static str,
    act: impl FnOnce(Session<Account>) + Send + 'static,
) -> Answer {
    let (in_the_store, in_the_task) = (Gate::default(), Gate::default());
    store.waits(method, &in_the_store);
    let (inside, (sender, receiver)) = (in_the_task.clone(), tokio::sync::oneshot::channel());
    let request = visitor.start(async move |handle: SessionHandle| {
        let account = load::<Account>(&handle).await;
        let task = tokio::spawn(async move {
            inside.pass().await;
            act(account);
        });
        sender.send(task).expect("a test that waits");
        load::<Account>(&handle).await.set_hits(1);
    });
    in_the_store.arrived().await;
    in_the_task.open();
    receiver.await.expect("a task").await.expect("no panic");
    in_the_store.open();
    request.await.expect("an answer")
}

#[tokio::test]
async fn a_sign_out_during_the_last_commit_ends_the_session() {
    let logs = Logs::capture();
    let (store, visitor, _) = planted(&[("user", b"7")]).await;
    let answer = during_the_last_commit(&store, &visitor, "update", |mut account| account.destroy()).await;
    assert_eq!(store.asked(), "load; update hits=1; remove");
    assert_eq!(store.len(), 0);
    assert!(is_removal(&answer), "{:?}", answer.set_cookies());

    let store = Scripted::default();
    let visitor = Visitor::of(&store);
    let answer = during_the_last_commit(&store, &visitor, "insert", |mut account| account.destroy()).await;
    assert_eq!(store.asked(), "insert hits=1; remove");
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies().is_empty(), "{:?}", answer.set_cookies());
    assert_eq!(logs.text(), "");
}

#[tokio::test]
async fn a_session_that_is_dropped_with_changes_during_the_last_commit_is_an_error_that_names_the_fields() {
    let logs = Logs::capture();
    let (store, visitor, id) = planted(&[("user", b"7")]).await;
    let answer = during_the_last_commit(&store, &visitor, "update", |mut account| {
        account.set_user(8_u32);
        account.set_flash("hunter2");
    })
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(logs.text().lines().count(), 1, "{}", logs.text());
    assert!(logs.text().starts_with("ERROR"), "{}", logs.text());
    assert!(logs.text().contains("user") && logs.text().contains("flash"), "{}", logs.text());
    assert!(!logs.text().contains("hunter2"), "{}", logs.text());
    assert_eq!(store.fields(&id).await, "hits=1 user=7");
}

/// How a save that was overtaken by a sign-out does not come about.
#[derive(Clone, Copy, Debug)]
enum Failing {
    Refused,
    Dropped,
}

#[tokio::test]
async fn what_a_failed_save_took_does_not_reach_the_session_that_follows_a_sign_out() {
    for failing in [Failing::Refused, Failing::Dropped] {
        let (store, mut visitor, old) = planted(&[("user", b"7")]).await;
        let gate = Gate::default();
        store.waits("update", &gate);
        let inside = store.clone();
        let answer = visitor
            .act(async move |handle: SessionHandle| {
                load::<Cart>(&handle).await.items_mut().push(1);
                let (saving, mut destroyed) = signed_out_during_a_save(&handle, &gate).await;
                match failing {
                    Failing::Refused => {
                        inside.breaks("update", Fault::Unreachable);
                        gate.open();
                        saving.await.expect("no panic").expect_err("the store is down");
                    }
                    Failing::Dropped => {
                        saving.abort();
                        assert!(saving.await.expect_err("aborted").is_cancelled());
                    }
                }
                destroyed.set_flash("signed out");
            })
            .await;
        let saves = match failing {
            // Its answer may have been lost, so it is repeated.
            Failing::Refused => "update cart.items=[1] hits=1; update cart.items=[1] hits=1",
            Failing::Dropped => "update cart.items=[1] hits=1",
        };
        assert_eq!(store.asked(), format!(r#"load; {saves}; remove; insert flash="signed out""#), "{failing:?}");
        assert_eq!(answer.set_cookies().len(), 1, "{failing:?}");
        assert_ne!(visitor.held(), old);
        assert_eq!(store.fields(&visitor.held()).await, r#"flash="signed out""#, "{failing:?}");
        assert_eq!(store.len(), 1, "{failing:?}");
    }
}

#[tokio::test]
async fn a_new_session_that_was_saved_and_has_ended_since_sends_no_cookie() {
    let logs = Logs::capture();
    let store = Scripted::default();
    let inside = store.clone();
    let answer = Visitor::of(&store)
        .act(async move |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.set_user(7_u32);
            account.save().await.expect("saved");
            let id = account.id().expect("a stored session");
            inside.end(id.as_str()).await;
            account.set_hits(1);
        })
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(store.asked(), "insert user=7; update hits=1");
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies().is_empty(), "{:?}", answer.set_cookies());
    assert!(logs.text().contains("dropped"), "{}", logs.text());
}

#[tokio::test]
async fn a_late_reload_shows_what_another_request_has_stored_since() {
    let (store, mut visitor, id) = planted(&[("user", b"7")]).await;
    let gate = Gate::default();
    let (inside, (sender, receiver)) = (gate.clone(), tokio::sync::oneshot::channel());
    visitor
        .act(async move |handle: SessionHandle| {
            let mut late = load::<Account>(&handle).await;
            load::<Account>(&handle).await.set_hits(1);
            let task = tokio::spawn(async move {
                inside.pass().await;
                late.reload().await.expect("a session");
                assert_eq!(late.hits(), 2);
                late.set_hits(1);
                assert!(late.is_modified(), "it differs from what is stored now");
                late.save().await.expect("saved");
            });
            sender.send(task).expect("a test that waits");
        })
        .await;
    visitor.visit::<Account>(|account| account.set_hits(2)).await;
    assert_eq!(store.asked(), "load; update hits=1; load; update hits=2");
    gate.open();
    receiver.await.expect("a task").await.expect("no panic");
    assert_eq!(store.asked(), "load; update hits=1");
    assert_eq!(store.fields(&id).await, "hits=1 user=7");
}

#[tokio::test]
async fn a_sign_in_after_the_session_was_seen_to_have_ended_begins_a_new_one() {
    for (by_reload, asked) in [(true, "load; load; insert user=8"), (false, "load; update hits=1; insert user=8")] {
        let (store, mut visitor, old) = planted(&[("hits", b"9"), ("cart.items", b"[1]")]).await;
        let (inside, end) = (store.clone(), old.clone());
        let answer = visitor
            .act(async move |handle: SessionHandle| {
                let mut account = load::<Account>(&handle).await;
                inside.end(&end).await;
                if by_reload {
                    account.reload().await.expect("reloaded");
                } else {
                    account.set_hits(1);
                    account.save().await.expect("dropped without an error");
                }
                account.set_user(8_u32);
                account.regenerate_id();
            })
            .await;
        assert_eq!(store.asked(), asked);
        assert_eq!(answer.set_cookies().len(), 1, "{asked}");
        assert_ne!(visitor.held(), old);
        assert_eq!(store.fields(&visitor.held()).await, "user=8", "{asked}");
        assert_eq!(store.len(), 1, "{asked}");
    }
}

#[tokio::test]
async fn a_sign_out_under_the_first_id_wins_over_two_new_ids() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let sign_out = waiting(&visitor, Session::<Account>::destroy).await;
    for _ in 0..2 {
        visitor.visit::<Account>(|account| account.regenerate_id()).await;
    }
    assert_eq!(store.fields(&visitor.held()).await, "user=7");
    let answer = finish(sign_out).await;
    assert_eq!(store.len(), 0, "{}", store.asked());
    assert!(is_removal(&answer), "{:?}", answer.set_cookies());
}

/// No cookie may say that somebody is signed out who is not.
#[tokio::test]
async fn a_sign_out_that_loses_the_track_of_the_session_is_an_error() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let sign_out = waiting(&visitor, Session::<Account>::destroy).await;
    for _ in 0..9 {
        visitor.visit::<Account>(|account| account.regenerate_id()).await;
    }
    let answer = finish(sign_out).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.set_cookies().is_empty(), "{:?}", answer.set_cookies());
    assert_eq!(store.fields(&visitor.held()).await, "user=7");
}

#[tokio::test]
async fn a_lifetime_that_is_saved_before_the_first_field_is_kept() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let layer = SessionLayer::new(store.clone()).clock(clock.clone());
    let answer = Visitor::through(layer)
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.set_lifetime(Duration::from_hours(100));
            account.save().await.expect("nothing to save yet");
            account.set_user(7_u32);
        })
        .await;
    assert_eq!(store.asked(), "insert @l=360000000 user=7");
    assert_eq!(answer.set_cookies().len(), 1);
    assert!(answer.set_cookies()[0].contains("Max-Age=360000"), "{:?}", answer.set_cookies());
}

#[tokio::test]
async fn a_session_past_the_configured_lifetime_ends_with_its_own() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let layer = SessionLayer::new(store.clone()).clock(clock.clone());
    let mut visitor = Visitor::through(layer.expiry(Expiry::lifetime(Duration::from_mins(1))));
    let remember = |account: &mut Session<Account>| {
        account.set_user(7_u32);
        account.set_lifetime(Duration::from_hours(1));
    };
    visitor.visit::<Account>(remember).await;
    clock.advance(Duration::from_mins(2));
    let answer = visitor
        .visit::<Account>(|account| {
            assert_eq!(account.user(), Some(7));
            account.reset_lifetime();
        })
        .await;
    assert_eq!(store.asked(), "insert @l=3600000 user=7; load; remove");
    assert!(is_removal(&answer), "{:?}", answer.set_cookies());
    assert_eq!(store.len(), 0);
}
