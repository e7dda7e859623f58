//! Where the store, an encoder or a decoder fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use bytes::Bytes;
use serde::{Deserialize, Serialize, Serializer};
use session_runtime::{Autoload, Session, SessionError, SessionHandle, SessionLayer};
use session_tests::{Client, Fault, Logs, Scripted, Visitor, load};

use super::{Account, planted};

/// A number that cannot be encoded while it is odd.
#[derive(Deserialize, Default)]
struct Even(u32);

impl Serialize for Even {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 % 2 {
            0 => serializer.serialize_u32(self.0),
            _ => Err(serde::ser::Error::custom("an odd number")),
        }
    }
}

#[derive(Session)]
struct Picky {
    even: Even,
    hits: u32,
}

#[tokio::test]
async fn a_value_that_cannot_be_encoded_is_500_and_stores_nothing() {
    let logs = Logs::capture();
    let store = Scripted::default();
    let answer = Visitor::of(&store)
        .visit::<Picky>(|picky| {
            picky.set_hits(1);
            picky.even_mut().0 = 1;
        })
        .await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.asked(), "");
    assert!(logs.text().contains("even"), "{}", logs.text());
    assert!(!answer.text().contains("even"), "{}", answer.text());
}

#[tokio::test]
async fn a_value_that_cannot_be_encoded_stops_the_deposits_of_others_too() {
    let (store, mut visitor, id) = planted(&[("user", b"7")]).await;
    let answer = visitor
        .act(async |handle: SessionHandle| {
            load::<Account>(&handle).await.set_hits(1);
            load::<Picky>(&handle).await.even_mut().0 = 1;
        })
        .await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(store.fields(&id).await, "user=7");
}

#[tokio::test]
async fn a_value_that_cannot_be_encoded_does_not_keep_someone_signed_in() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let answer = visitor
        .visit::<Picky>(|picky| {
            picky.destroy();
            picky.even_mut().0 = 1;
        })
        .await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies()[0].contains("Max-Age=0"));
}

#[tokio::test]
async fn saving_what_cannot_be_encoded_names_the_field_and_can_be_mended() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let answer = visitor
        .act(async |handle: SessionHandle| {
            let mut picky = load::<Picky>(&handle).await;
            picky.even_mut().0 = 1;
            let error = picky.save().await.expect_err("an odd number");
            assert!(error.is_encode());
            assert_eq!(error.field(), Some("even"));
            assert_eq!(picky.changed_fields(), ["even"]);
            picky.even_mut().0 = 2;
        })
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(store.asked(), "load; update even=2");
}

/// A handler that tells whether it ran, and changes the session if it gets one.
fn recorded(store: &Scripted, ran: &Arc<AtomicBool>, autoload: bool) -> Client {
    let ran = ran.clone();
    let handler = async move |mut account: Session<Account>| {
        ran.store(true, Ordering::SeqCst);
        account.set_hits(1);
    };
    let layer = SessionLayer::new(store.clone());
    let layer = if autoload { layer.autoload(Autoload::always()) } else { layer };
    Client::new(Router::new().route("/", get(handler)).layer(layer))
}

#[tokio::test]
async fn a_store_that_is_down_is_503_and_the_handler_does_not_run() {
    for autoload in [false, true] {
        let logs = Logs::capture();
        let (store, _, id) = planted(&[("user", b"7")]).await;
        let ran = Arc::default();
        let mut client = recorded(&store, &ran, autoload);
        client.set_cookie("__Host-id", &id);
        for fault in [Fault::Unreachable, Fault::Rejected] {
            store.breaks("load", fault);
            let answer = client.get("/").await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(answer.set_cookies().is_empty());
            assert!(!answer.text().contains(Fault::CAUSE));
        }
        assert!(!ran.load(Ordering::SeqCst));
        assert_eq!(store.asked(), "load; load");
        let traced = logs.text().lines().filter(|line| line.contains(Fault::CAUSE)).count();
        assert_eq!(traced, 2, "autoload: {autoload}: {}", logs.text());
    }
}

#[tokio::test]
async fn a_commit_that_fails_is_an_answer_without_a_cookie() {
    for (fault, status) in [
        (Fault::Unreachable, StatusCode::SERVICE_UNAVAILABLE),
        (Fault::Rejected, StatusCode::SERVICE_UNAVAILABLE),
        (Fault::Corrupt, StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        let logs = Logs::capture();
        let store = Scripted::default();
        store.breaks("insert", fault);
        let answer = Visitor::of(&store).visit::<Account>(|account| account.set_hits(1)).await;
        assert_eq!(answer.status, status);
        assert!(answer.set_cookies().is_empty());
        assert!(!answer.text().contains(Fault::CAUSE));
        assert!(logs.text().contains(Fault::CAUSE), "{}", logs.text());
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_503_after_the_store_timeout() {
    let (store, _, id) = planted(&[("user", b"7")]).await;
    let layer = SessionLayer::new(store.clone()).store_timeout(Duration::from_secs(2));
    let mut visitor = Visitor::through(layer).holding(&id);
    for method in ["load", "update"] {
        store.breaks(method, Fault::Hangs);
        let before = tokio::time::Instant::now();
        let answer = visitor
            .act(async |handle: SessionHandle| {
                match handle.load::<Account>().await {
                    Ok(mut account) => account.set_hits(1),
                    Err(error) => {
                        assert!(error.is_unavailable());
                        assert!(error.store().is_some_and(session_runtime::StoreError::is_timed_out));
                        return StatusCode::SERVICE_UNAVAILABLE;
                    }
                }
                StatusCode::OK
            })
            .await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{method}");
        assert!(answer.set_cookies().is_empty(), "{method}");
        assert_eq!(before.elapsed().as_secs(), 2, "{method}");
        store.recovers();
    }
}

#[tokio::test(start_paused = true)]
async fn a_load_that_failed_or_was_given_up_may_be_tried_again() {
    let (store, mut visitor, _) = planted(&[("user", b"7")]).await;
    let inside = store.clone();
    visitor
        .act(async move |handle: SessionHandle| {
            inside.breaks("load", Fault::Unreachable);
            handle.load::<Account>().await.expect_err("the store is down");
            inside.breaks("load", Fault::Hangs);
            let loading = tokio::time::timeout(Duration::from_millis(10), handle.load::<Account>());
            loading.await.expect_err("no answer in time");
            inside.recovers();
            let mut account = load::<Account>(&handle).await;
            assert_eq!(account.user(), Some(7));
            account.set_hits(1);
        })
        .await;
    assert_eq!(store.asked(), "load; load; load; update hits=1");
}

fn own_page(error: &SessionError) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(format!("sorry: {error}")));
    *response.status_mut() = if error.is_unavailable() { StatusCode::BAD_GATEWAY } else { StatusCode::IM_A_TEAPOT };
    response
}

#[tokio::test]
async fn on_error_renders_rejections_and_failed_commits() {
    for autoload in [Autoload::paths(["/none"]), Autoload::always()] {
        let (store, _, id) = planted(&[("user", b"7")]).await;
        let layer = SessionLayer::new(store.clone()).on_error(own_page).autoload(autoload);
        let handler = async |mut account: Session<Account>| account.set_hits(1);
        let mut client = Client::new(Router::new().route("/", get(handler)).layer(layer));
        client.set_cookie("__Host-id", &id);
        for method in ["load", "update"] {
            store.breaks(method, Fault::Unreachable);
            let answer = client.get("/").await;
            assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{method}");
            assert_eq!(answer.text(), "sorry: the session store failed");
            store.recovers();
        }
    }
    let layer = SessionLayer::new(Scripted::default()).on_error(own_page);
    let answer = Visitor::through(layer).visit::<Picky>(|picky| picky.even_mut().0 = 1).await;
    assert_eq!(answer.status, StatusCode::IM_A_TEAPOT);
}

#[tokio::test]
async fn a_route_without_a_layer_is_500_and_says_what_is_missing() {
    let logs = Logs::capture();
    let handler = async |_: Session<Account>| "unreachable";
    let answer = Client::new(Router::new().route("/", get(handler))).get("/").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(logs.text().contains("SessionLayer::new"), "{}", logs.text());
}
