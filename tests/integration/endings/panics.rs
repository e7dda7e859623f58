//! Handlers that panic, the panic caught inside or outside the layer.

use std::panic::{self, AssertUnwindSafe};

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use session_runtime::{Session, SessionHandle, SessionLayer, session};
use session_tests::{Logs, Scripted, load};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use super::{Counter, holding, planted};

#[session(autoload)]
async fn autoload(counter: &mut Session<Counter>) {
    counter.set_hits(1);
    counter.regenerate_id();
    panic!("the handler of a test");
}

async fn plain(mut counter: Session<Counter>) {
    counter.set_hits(1);
    counter.regenerate_id();
    panic!("the handler of a test");
}

async fn destroyed(mut counter: Session<Counter>) {
    counter.destroy();
    counter.set_hits(1);
    panic!("the handler of a test");
}

async fn saved(mut counter: Session<Counter>) {
    counter.set_user(7_u32);
    counter.save().await.expect("saved");
    counter.set_hits(1);
    panic!("the handler of a test");
}

async fn deposited(handle: SessionHandle) {
    load::<Counter>(&handle).await.set_hits(1);
    panic!("the handler of a test");
}

fn routes() -> Router {
    Router::new()
        .route("/autoload", get(autoload))
        .route("/plain", get(plain))
        .route("/destroyed", get(destroyed))
        .route("/saved", get(saved))
        .route("/deposited", get(deposited))
}

fn apps(store: &Scripted) -> [(&'static str, Router); 4] {
    let sessions = SessionLayer::new(store.clone());
    let catch = CatchPanicLayer::new;
    [
        ("inside", routes().layer(catch()).layer(sessions.clone())),
        ("outside", routes().layer(sessions.clone()).layer(catch())),
        (
            "inside, built",
            routes().layer(
                ServiceBuilder::new()
                    .layer(sessions.clone())
                    // The catcher's own body is one that nothing can be put into.
                    .map_response(|caught: Response<_>| caught.map(Body::new))
                    .layer(catch()),
            ),
        ),
        ("outside, built", routes().layer(ServiceBuilder::new().layer(catch()).layer(sessions))),
    ]
}

#[tokio::test]
async fn t50_a_handler_that_panics_writes_nothing() {
    for path in ["/autoload", "/plain", "/deposited"] {
        let (store, id) = planted(&[("hits", b"3")]).await;
        for (place, app) in apps(&store) {
            let answer = holding(app, &id).get(path).await;
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(store.asked(), "load", "{place} {path}");
            assert!(answer.set_cookies().is_empty(), "{place} {path}");
            assert_eq!(store.fields(&id).await, "hits=3", "{place} {path}");
        }
    }
}

/// Whatever the status of the answer, a session that is dropped by a panic deposits nothing.
#[tokio::test]
async fn a_session_that_a_panic_drops_deposits_nothing() {
    for path in ["/autoload", "/plain"] {
        let (store, id) = planted(&[("hits", b"3")]).await;
        let app = routes().layer(CatchPanicLayer::new()).layer(SessionLayer::new(store.clone()).commit_when(|_| true));
        let answer = holding(app, &id).get(path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(store.asked(), "load", "{path}");
    }
}

#[tokio::test]
async fn a_sign_out_holds_where_the_panic_is_caught_inside_the_layer() {
    let (store, id) = planted(&[("user", b"7")]).await;
    let [(_, inside), ..] = apps(&store);
    let answer = holding(inside, &id).get("/destroyed").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(store.asked(), "load; remove");
    assert!(answer.set_cookies()[0].contains("Max-Age=0"));
}

/// There is no response in which to carry out anything.
#[tokio::test]
async fn nothing_is_written_where_the_panic_passes_the_layer() {
    let (store, id) = planted(&[("user", b"7")]).await;
    let [_, (_, outside), ..] = apps(&store);
    let answer = holding(outside, &id).get("/destroyed").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(store.asked(), "load");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.fields(&id).await, "user=7");
}

#[tokio::test]
async fn what_was_saved_before_a_panic_stays() {
    let store = Scripted::default();
    let [(_, inside), ..] = apps(&store);
    let mut client = session_tests::Client::new(inside);
    let answer = client.get("/saved").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.set_cookies().len(), 1);
    let id = client.id().expect("a cookie");
    assert_eq!(store.fields(id).await, "user=7");
}

#[tokio::test]
async fn a_panic_is_not_reported_as_the_sessions_error() {
    let logs = Logs::capture();
    let (store, id) = planted(&[("hits", b"3")]).await;
    for (_, app) in apps(&store) {
        holding(app, &id).get("/plain").await;
    }
    assert!(!logs.text().contains("session"), "{}", logs.text());
}

/// A value that a panic left half-changed does not poison what others do with the same request.
#[tokio::test]
async fn a_handle_survives_a_panic_of_one_who_used_it() {
    let handle = SessionHandle::detached();
    let panicked = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut counter = handle.get::<Counter>().expect("a session");
        counter.set_hits(1);
        panic!("a test");
    }));
    assert!(panicked.is_err());
    let counter = handle.get::<Counter>().expect("a session");
    assert_eq!(counter.hits(), 0, "dropped by the panic");
}
