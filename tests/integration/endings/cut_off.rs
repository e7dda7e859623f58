//! Handlers that are cut off: by a timeout inside or outside the layer, by a client that goes away.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use session_runtime::{Session, SessionLayer, session};
use session_tests::{Fault, Gate, Scripted};
use tower::ServiceBuilder;
use tower_http::timeout::TimeoutLayer;

use super::{Counter, holding, planted, slow_routes};

const SECOND: Duration = Duration::from_secs(1);

fn timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, SECOND)
}

/// The timeout inside and outside the session layer, added in both ways that axum's users know.
fn apps(store: &Scripted) -> [(&'static str, Router); 4] {
    let sessions = SessionLayer::new(store.clone());
    let routes = || slow_routes(&Gate::default());
    [
        ("inside", routes().layer(timeout()).layer(sessions.clone())),
        ("outside", routes().layer(sessions.clone()).layer(timeout())),
        ("inside, built", routes().layer(ServiceBuilder::new().layer(sessions.clone()).layer(timeout()))),
        ("outside, built", routes().layer(ServiceBuilder::new().layer(timeout()).layer(sessions))),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_times_out_writes_nothing() {
    for path in ["/autoload", "/plain"] {
        let (store, id) = planted(&[("hits", b"3")]).await;
        for (place, app) in apps(&store) {
            let answer = holding(app, &id).get(path).await;
            assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{place} {path}");
            assert_eq!(store.asked(), "load", "{place} {path}");
            assert!(answer.set_cookies().is_empty(), "{place} {path}");
            assert_eq!(store.fields(&id).await, "hits=3", "{place} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_visitor_whose_handler_times_out_gets_no_session() {
    for path in ["/autoload", "/plain"] {
        let store = Scripted::default();
        for (place, app) in apps(&store) {
            let answer = session_tests::Client::new(app).get(path).await;
            assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{place} {path}");
            assert!(answer.set_cookies().is_empty(), "{place} {path}");
            assert_eq!(store.len(), 0, "{place} {path}");
        }
    }
}

/// Whatever the status of the answer, a body that autoload lent to and that was cut off deposits nothing.
#[tokio::test(start_paused = true)]
async fn a_lent_session_deposits_nothing_from_a_body_that_was_cut_off() {
    for status in [StatusCode::OK, StatusCode::GATEWAY_TIMEOUT] {
        let (store, id) = planted(&[("hits", b"3")]).await;
        let app = slow_routes(&Gate::default())
            .layer(TimeoutLayer::with_status_code(status, SECOND))
            .layer(SessionLayer::new(store.clone()).commit_when(|_| true));
        let answer = holding(app, &id).get("/autoload").await;
        assert_eq!(answer.status, status);
        assert_eq!(store.asked(), "load");
        assert!(answer.set_cookies().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_in_time_is_committed_behind_a_timeout() {
    for (place, app) in apps_in_time() {
        let (store, app) = app;
        let mut client = session_tests::Client::new(app);
        let answer = client.get("/").await;
        assert_eq!(answer.status, StatusCode::OK, "{place}");
        assert_eq!(store.asked(), "insert hits=1", "{place}");
        assert_eq!(answer.set_cookies().len(), 1, "{place}");
    }
}

#[session(autoload)]
async fn half_a_second(counter: &mut Session<Counter>) {
    tokio::time::sleep(SECOND / 2).await;
    *counter.hits_mut() += 1;
}

fn apps_in_time() -> [(&'static str, (Scripted, Router)); 2] {
    let routes = || Router::new().route("/", get(half_a_second));
    [true, false].map(|inside| {
        let store = Scripted::default();
        let sessions = SessionLayer::new(store.clone());
        if inside {
            ("inside", (store, routes().layer(timeout()).layer(sessions)))
        } else {
            ("outside", (store, routes().layer(sessions).layer(timeout())))
        }
    })
}

/// A sign-out is carried out though the page that tells of it was cut off.
#[tokio::test(start_paused = true)]
async fn a_sign_out_before_a_timeout_inside_the_layer_holds() {
    #[session(autoload)]
    async fn sign_out(counter: &mut Session<Counter>) {
        counter.destroy();
        std::future::pending::<()>().await;
    }
    let (store, id) = planted(&[("user", b"7")]).await;
    let app = Router::new().route("/", get(sign_out)).layer(timeout()).layer(SessionLayer::new(store.clone()));
    let answer = holding(app, &id).get("/").await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(store.len(), 0);
    assert!(answer.set_cookies()[0].contains("Max-Age=0"));
}

#[tokio::test]
async fn a_request_that_is_cancelled_in_its_handler_writes_nothing() {
    for path in ["/autoload", "/plain"] {
        let (store, id) = planted(&[("hits", b"3")]).await;
        let gate = Gate::default();
        let app = slow_routes(&gate).layer(SessionLayer::new(store.clone()));
        let client = holding(app, &id);
        let request = client.request(path);
        tokio::select! {
            biased;
            _ = client.respond(request) => panic!("the gate is shut"),
            () = gate.arrived() => {}
        }
        assert_eq!(store.asked(), "load", "{path}");
        assert_eq!(store.fields(&id).await, "hits=3", "{path}");
    }
}

#[tokio::test]
async fn a_request_that_is_cancelled_while_it_loads_leaves_the_session_alone() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    store.breaks("load", Fault::Hangs);
    let app = slow_routes(&Gate::default()).layer(SessionLayer::new(store.clone()));
    let client = holding(app, &id);
    let request = client.request("/plain");
    tokio::select! {
        biased;
        _ = client.respond(request) => panic!("the store hangs"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(store.asked(), "load");
    assert_eq!(store.fields(&id).await, "hits=3");
}

#[tokio::test]
async fn a_request_that_is_cancelled_before_it_starts_asks_nothing() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let app = slow_routes(&Gate::default()).layer(SessionLayer::new(store.clone()));
    let client = holding(app, &id);
    drop(client.respond(client.request("/plain")));
    assert_eq!(store.asked(), "");
}
