//! What happens to sessions is told to whoever listens, once and without a secret: security lines 26 and 28.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::{Clock, Except, Expiry, Session, SessionHandle, SessionId, SessionLayer};
use session_tests::{Account, Accounts, Fault, Heard, Keeping, Logs, Scripted, Visitor, in_time, load};

use crate::conformance::SwapStore;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn s26_a_life_is_told_event_by_event() {
    let accounts = Accounts::new(Keeping::Memory);
    let mut visitor = accounts.another();
    visitor.sees().await;
    assert_eq!(accounts.heard.told(), "", "nothing happens to a session that is none");
    visitor.fill(2).await;
    assert_eq!(accounts.heard.told(), "created");
    visitor.sees().await;
    visitor.get("/plain").await;
    assert_eq!(accounts.heard.told(), "loaded");
    visitor.fill(3).await;
    assert_eq!(accounts.heard.told(), "loaded");
    visitor.sign_in(7).await;
    assert_eq!(accounts.heard.told(), "loaded, renewed");
    let again = |account: &mut Session<Account>| {
        account.destroy();
        account.set_cart(1_u32);
    };
    visitor.visit::<Account>(again).await;
    assert_eq!(accounts.heard.told(), "loaded, destroyed, created");
    visitor.visit::<Account>(Session::<Account>::clear).await;
    assert_eq!(accounts.heard.told(), "loaded, destroyed");
    accounts.signed_in(7).await;
    accounts.registry.revoke_all(7, Except::None).await.expect("an answer");
    accounts.registry.revoke_all(7, Except::None).await.expect("an answer");
    assert_eq!(accounts.heard.told(), "created, revoked");
}

#[tokio::test]
async fn s26_s28_a_cookie_that_stands_for_no_session_is_told() {
    let accounts = Accounts::with(Keeping::Memory, |layer| layer.expiry(Expiry::lifetime(10 * HOUR)));
    let mut visitor = accounts.signed_in(7).await;
    let old = visitor.held();
    visitor.visit::<Account>(|account| account.regenerate_id()).await;
    accounts.heard.take();
    visitor.another().holding(&old).sees().await;
    assert_eq!(accounts.heard.told(), "overtaken");
    for stranger in [SessionId::generate().expect("random bytes").as_str(), "short"] {
        visitor.another().holding(stranger).sees().await;
        assert_eq!(accounts.heard.told(), "unknown_id");
    }
    accounts.wait(2 * HOUR);
    let restarted = accounts.restarted(|layer| layer.expiry(Expiry::lifetime(HOUR)));
    restarted.another().holding(&visitor.held()).sees().await;
    assert_eq!(restarted.heard.told(), "expired");
    let signed = Accounts::new(Keeping::SignedIds);
    let foreign = Accounts::new(Keeping::SignedIds).signed_in(7).await.held();
    signed.another().holding(&foreign).sees().await;
    assert_eq!(signed.heard.told(), "forged");
}

#[tokio::test]
async fn s26_an_end_that_a_request_comes_too_late_for_is_told() {
    let accounts = Accounts::new(Keeping::Memory);
    let visitor = accounts.signed_in(7).await;
    let slow = visitor.held_up::<Account>(|account| account.set_cart(2_u32)).await;
    visitor.clone().visit::<Account>(Session::<Account>::destroy).await;
    accounts.heard.take();
    slow.goes_on().await;
    assert_eq!(accounts.heard.told(), "lost");
}

#[tokio::test]
async fn s26_a_commit_that_is_tried_again_is_told() {
    let heard = Heard::default();
    let layer = heard.listens(SessionLayer::new(SwapStore::new(Clock::system())));
    let mut visitor = Visitor::through(layer);
    for cart in 1..=4 {
        visitor.fill(cart).await;
    }
    assert_eq!(heard.told(), "created, loaded, loaded, loaded, conflict_retried");
}

#[tokio::test]
async fn s26_what_fails_is_told_with_its_cause() {
    let (heard, store, causes) = (Heard::default(), Scripted::default(), Arc::<Mutex<Vec<String>>>::default());
    let telling = causes.clone();
    let layer = heard.listens(SessionLayer::new(store.clone())).on_event(move |event| {
        telling.lock().expect("not poisoned").extend(event.error().map(ToString::to_string));
    });
    let mut visitor = Visitor::through(layer);
    visitor.fill(1).await;
    heard.take();
    store.breaks("load", Fault::Unreachable);
    let load = async |handle: SessionHandle| handle.load::<Account>().await.map(|_| "loaded");
    assert_eq!(visitor.act(load).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(heard.told(), "load_failed");
    store.breaks("load", Fault::Corrupt);
    visitor.sees().await;
    assert_eq!(heard.told(), "undecodable");
    store.recovers();
    store.breaks("update", Fault::Unreachable);
    assert_eq!(visitor.fill(2).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(heard.told(), "loaded, commit_failed");
    let causes = causes.lock().expect("not poisoned").clone();
    assert_eq!(causes, ["the session store failed", "the session store failed"]);
}

#[tokio::test]
async fn s26_an_event_tells_sessions_apart_and_gives_none_away() {
    let (logs, shown) = (Logs::capture_all(), Arc::<Mutex<Vec<String>>>::default());
    let telling = shown.clone();
    let listen = move |event: &session_runtime::Event<'_>| {
        let line = format!("{event} {event:?} {event:#?} {:?}", event.fingerprint());
        telling.lock().expect("not poisoned").push(line);
    };
    let accounts = Accounts::with(Keeping::Memory, |layer| layer.on_event(listen));
    let mut visitor = accounts.another();
    let sign_in = |account: &mut Session<Account>| {
        account.set_user(1_234_567_890_u32);
        account.set_cart(987_654_321_u32);
        account.describe("a telling browser");
    };
    visitor.visit::<Account>(sign_in).await;
    let id = visitor.held();
    let fingerprint = SessionId::parse(id.as_bytes()).expect("an id").fingerprint();
    visitor.sees().await;
    let told: Vec<_> = accounts.heard.take().into_iter().map(|(_, session)| session).collect();
    assert_eq!(told, [Some(fingerprint.clone()), Some(fingerprint)]);
    let handle = accounts.only_handle(1_234_567_890).await;
    accounts.registry.revoke_all(1_234_567_890, Except::None).await.expect("an answer");
    let text = shown.lock().expect("not poisoned").concat() + &logs.text();
    assert!(text.contains("a session was ended from elsewhere"), "{text}");
    for secret in [&*id, &handle, "1234567890", "987654321", "a telling browser"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

/// A listener is a user's code: no lock is held while it runs.
#[tokio::test]
async fn s26_a_listener_may_use_the_session_that_it_hears_of() {
    let handles = Arc::<Mutex<Vec<SessionHandle>>>::default();
    let known = handles.clone();
    let accounts = Accounts::with(Keeping::Memory, |layer| {
        layer.on_event(move |_| {
            let known = known.lock().expect("not poisoned").clone();
            for handle in known {
                drop(handle.get::<Account>());
            }
        })
    });
    let mut visitor = accounts.signed_in(7).await;
    let known = handles.clone();
    let act = async move |handle: SessionHandle| {
        known.lock().expect("not poisoned").push(handle.clone());
        let mut account = load::<Account>(&handle).await;
        account.set_user(7_u32);
        account.save().await.expect("saved");
        account.destroy();
        account.set_cart(2_u32);
    };
    in_time(Duration::from_secs(30), visitor.act(act)).await;
    assert_eq!(accounts.heard.told(), "created, loaded, renewed, destroyed, created");
    assert_eq!(visitor.sees().await, "nobody, 2 in the cart");
}
