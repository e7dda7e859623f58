//! Sessions that open and are refused: `reject_before`, `reject_if`, and what security line 19 asks of sessions that no server keeps.

use session_runtime::{Clock, CookieStore, Expiry, Key, Session, SessionLayer, Timestamp};
use session_tests::{Client, Logs, Notes, Visitor, Visits, load, routes};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{key, visitor};

const SECOND: Duration = Duration::from_secs(1);

/// The application started again over this store, at the same time; another browser, which holds the token.
fn restarted(store: CookieStore, clock: &Clock, token: &str) -> Client {
    let mut client = Client::new(routes().layer(SessionLayer::new(store).clock(clock.clone())));
    client.set_cookie("__Host-id", token);
    client
}

/// How the token fares where what is older than a moment is rejected.
async fn seen(key: &Key, moment: Timestamp, clock: &Clock, token: &str) -> String {
    let store = CookieStore::new(key.clone()).reject_before(moment);
    let mut client = restarted(store, clock, token);
    let (view, origin) = (client.get("/view").await, client.get("/origin").await);
    assert!(view.sets_no_cookie());
    format!("{} {}", origin.text(), view.text())
}

#[tokio::test]
async fn s19_a_moment_signs_everybody_out_who_signed_in_before_it() {
    let key = key();
    let (mut visitor, clock) = visitor(CookieStore::new(key.clone()), |layer| layer);
    visitor.get("/update?some=data").await;
    let (made, moment) = (visitor.held(), clock.now());
    assert_eq!(seen(&key, moment, &clock, &made).await, r#"Loaded {"some":"data"}"#);
    clock.advance(SECOND);
    let later = clock.now();
    assert_eq!(seen(&key, later, &clock, &made).await, "Revoked {}");
    visitor.get("/update?key=value").await;
    assert_eq!(seen(&key, later, &clock, &visitor.held()).await, "Revoked {}", "use is no sign-in");
    visitor.visit::<Notes>(|notes| notes.regenerate_id()).await;
    assert!(seen(&key, later, &clock, &visitor.held()).await.starts_with("Loaded"));
    assert_eq!(seen(&key, later, &clock, &made).await, "Revoked {}");
}

#[tokio::test]
async fn s19_what_was_refused_begins_anew() {
    let (key, clock) = (key(), Clock::manual());
    let (mut visitor, _) = visitor(CookieStore::new(key.clone()), |layer| layer.clock(clock.clone()));
    visitor.get("/count").await;
    visitor.get("/count").await;
    clock.advance(SECOND);
    let store = CookieStore::new(key).reject_before(clock.now());
    let mut client = restarted(store, &clock, &visitor.held());
    assert_eq!(client.get("/count").await.text(), "1");
    assert_eq!(client.get("/count").await.text(), "2");
}

/// Who was signed out everywhere, and when.
type SignedOut = Arc<Mutex<BTreeMap<String, Timestamp>>>;

fn listed(key: Key, list: &SignedOut) -> CookieStore {
    let list = list.clone();
    CookieStore::new(key).reject_if::<Notes>(move |notes| {
        let list = list.lock().expect("not poisoned");
        let moment = notes.some().and_then(|user| list.get(user));
        moment.is_some_and(|moment| notes.metadata().renewed() < *moment)
    })
}

#[tokio::test]
async fn s19_a_list_of_the_applications_ends_the_copies_that_were_kept() {
    let list = SignedOut::default();
    let (mut ada, clock) = visitor(listed(key(), &list), |layer| layer);
    let mut bob = ada.other();
    ada.get("/update?some=Ada").await;
    bob.get("/update?some=Bob").await;
    let copy = ada.held();
    clock.advance(SECOND);
    list.lock().expect("not poisoned").insert("Ada".to_owned(), clock.now());
    let mut thief = ada.other();
    thief.set_cookie("__Host-id", &copy);
    assert_eq!(thief.get("/view").await.text(), "{}");
    assert_eq!(thief.get("/origin").await.text(), "Revoked");
    assert_eq!(bob.get("/view").await.text(), r#"{"some":"Bob"}"#);
    assert_eq!(ada.get("/update?some=Ada").await.text(), r#"{"some":"Ada"}"#);
    assert_eq!(ada.get("/origin").await.text(), "Loaded", "who signs in again is in");
}

#[tokio::test]
async fn s19_every_rule_is_asked_each_time_and_one_is_enough() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (first, second) = (asked.clone(), asked.clone());
    let store = CookieStore::new(key())
        .reject_if::<Visits>(move |visits| {
            first.lock().expect("not poisoned").push(visits.hits());
            visits.hits() > 3
        })
        .reject_if::<Notes>(move |notes| {
            second.lock().expect("not poisoned").push(100);
            notes.some().is_some()
        });
    let (mut visitor, _) = visitor(store, |layer| layer);
    for expected in ["1", "2", "3", "4", "1"] {
        assert_eq!(visitor.get("/count").await.text(), expected);
    }
    // At each load, and again before it is sealed anew.
    let expected = [1, 100, 1, 100, 2, 100, 2, 100, 3, 100, 3, 100, 4];
    assert_eq!(*asked.lock().expect("not poisoned"), expected);
    visitor.get("/update?some=data").await;
    assert_eq!(visitor.get("/view").await.text(), "{}");
}

#[tokio::test]
async fn s19_of_several_cookies_one_that_is_refused_does_not_hide_another() {
    let store = CookieStore::new(key()).reject_if::<Notes>(|notes| notes.some().is_some_and(|some| some == "out"));
    let (mut visitor, _): (Visitor, _) = visitor(store, |layer| layer);
    let mut other = visitor.other();
    visitor.get("/update?some=out").await;
    other.get("/update?some=in").await;
    let cookies = format!("{}; __Host-id={}", visitor.held(), other.id().expect("a cookie"));
    visitor.set_cookie("__Host-id", &cookies);
    assert_eq!(visitor.get("/view").await.text(), r#"{"some":"in"}"#);
}

/// A session of two hours' age is loaded, then its owner is signed out everywhere, then the slow request ends; what is seen with the cookie before
/// and after.
async fn signed_out_meanwhile(expiry: Expiry, renews: bool) -> [String; 2] {
    let list = SignedOut::default();
    let (mut visitor, clock) = visitor(listed(key(), &list), |layer| layer.expiry(expiry));
    visitor.get("/update?some=Ada").await;
    clock.advance(Duration::from_hours(2));
    let slow = visitor.held_up::<Notes>(move |notes| {
        if renews {
            notes.regenerate_id();
        }
    });
    let slow = slow.await;
    list.lock().expect("not poisoned").insert("Ada".to_owned(), clock.now());
    clock.advance(SECOND);
    let before = visitor.get("/view").await.text().to_owned();
    visitor.take(&slow.goes_on().await);
    [before, visitor.get("/view").await.text().to_owned()]
}

#[tokio::test]
async fn s19_who_was_signed_out_everywhere_is_not_let_in_again_by_a_request_on_its_way() {
    let rotating = Expiry::idle(Duration::from_hours(24)).rotate_every(Duration::from_hours(1));
    assert_eq!(signed_out_meanwhile(rotating, false).await, ["{}", "{}"]);
    assert_eq!(signed_out_meanwhile(Expiry::default(), true).await, ["{}", "{}"]);
}

#[tokio::test]
async fn s19_a_sign_in_over_a_session_that_was_signed_out_everywhere_begins_anew() {
    let list = SignedOut::default();
    let (mut visitor, clock) = visitor(listed(key(), &list), |layer| layer);
    visitor.get("/update?some=Ada&key=old").await;
    clock.advance(SECOND);
    let (inside, now) = (list.clone(), clock.clone());
    visitor
        .act(async move |handle| {
            let mut notes = load::<Notes>(&handle).await;
            inside.lock().expect("not poisoned").insert("Ada".to_owned(), now.now());
            notes.regenerate_id();
            notes.set_some("Ada");
        })
        .await;
    assert_eq!(visitor.get("/view").await.text(), r#"{"some":"Ada"}"#);
}

#[derive(Session)]
struct Secret {
    #[session(sealed)]
    token: Option<String>,
}

#[tokio::test]
async fn a_rule_reads_a_sealed_field_as_its_default_and_nothing_is_logged() {
    let logs = Logs::capture();
    let store = CookieStore::new(key()).reject_if::<Secret>(|secret| secret.token().is_some());
    let (mut visitor, _) = visitor(store, |layer| layer.keys(key()));
    visitor.visit::<Secret>(|secret| secret.set_token("hunter2")).await;
    visitor.visit::<Secret>(|secret| assert!(secret.token().is_some())).await;
    assert_eq!(logs.text(), "");
}
