//! The ways to a session, and layers within layers.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use session_runtime::{Autoload, Session, SessionCookie, SessionHandle, SessionLayer, session};
use session_tests::{Client, Scripted, Visitor, load};
use std::convert::Infallible;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};

use super::{Account, planted};

#[session(autoload)]
async fn count(account: &mut Session<Account>) -> String {
    *account.hits_mut() += 1;
    account.hits().to_string()
}

#[tokio::test]
async fn t54_a_layer_within_its_own_clone_passes_through() {
    let store = Scripted::default();
    let layer = SessionLayer::new(store.clone());
    let between = async |mut account: Session<Account>, request: Request, next: Next| {
        account.set_user(7_u32);
        drop(account);
        next.run(request).await
    };
    let app = Router::new()
        .route("/", get(count).layer(layer.clone()))
        .layer(layer.clone())
        .layer(from_fn(between))
        .layer(layer);
    let mut client = Client::new(app);
    let answer = client.get("/").await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_eq!(store.asked(), "insert hits=1 user=7");
    assert_eq!(client.get("/").await.text(), "2");
    assert_eq!(store.asked(), "load; update hits=2");
}

#[tokio::test]
async fn t54_a_layer_of_other_settings_has_a_session_of_its_own() {
    let (outside, inside) = (Scripted::default(), Scripted::default());
    let admin = SessionLayer::new(inside.clone()).cookie(SessionCookie::new("admin"));
    let app = Router::new()
        .route("/admin", get(count).layer(admin))
        .route("/", get(count))
        .layer(from_fn(async |mut account: Session<Account>, request: Request, next: Next| {
            account.set_user(7_u32);
            drop(account);
            next.run(request).await
        }))
        .layer(SessionLayer::new(outside.clone()));
    let mut client = Client::new(app);
    assert_eq!(client.get("/").await.text(), "1");
    assert_eq!(outside.asked(), "insert hits=1 user=7");
    let answer = client.other().get("/admin").await;
    assert_eq!(answer.text(), "1");
    assert_eq!(answer.set_cookies().len(), 2, "{:?}", answer.set_cookies());
    assert_eq!(outside.asked(), "insert user=7");
    assert_eq!(inside.asked(), "insert hits=1");
    assert_eq!(client.get("/admin").await.text(), "1");
    assert_eq!(client.get("/admin").await.text(), "2");
    assert_eq!(inside.asked(), "insert hits=1; load; update hits=2");
    assert_eq!(outside.asked(), "load; load");
}

/// A service that knows no axum.
async fn plain(request: Request) -> Result<Response<Full<Bytes>>, Infallible> {
    let handle = request.extensions().get::<SessionHandle>().cloned();
    let handle = handle.expect("the layer's handle");
    assert!(handle.get::<Account>().is_err(), "not loaded yet");
    let mut account = handle.load::<Account>().await.expect("a session");
    *account.hits_mut() += 1;
    let text = account.hits().to_string();
    Ok(Response::new(Full::from(text)))
}

#[tokio::test]
async fn a_plain_tower_service_has_its_session_among_the_extensions() {
    let store = Scripted::default();
    let service = ServiceBuilder::new().layer(SessionLayer::new(store.clone())).service(service_fn(plain));
    let mut cookie = String::new();
    for expected in ["1", "2"] {
        let request = Request::get("/").header("cookie", &cookie);
        let request = request.body(Body::empty()).expect("a request");
        let response = service.clone().oneshot(request).await.expect("infallible");
        if let Some(set) = response.headers().get("set-cookie") {
            let set = set.to_str().expect("text");
            cookie = set.split(';').next().expect("a cookie").to_owned();
        }
        let body = response.into_body().collect().await.expect("a body");
        assert_eq!(body.to_bytes(), expected);
    }
    assert_eq!(store.asked(), "insert hits=1; load; update hits=2");
}

#[tokio::test]
async fn t14_the_synchronous_way_fails_until_something_was_loaded() {
    let (store, mut visitor, _) = planted(&[("hits", b"3")]).await;
    visitor
        .act(async |handle: SessionHandle| {
            let error = handle.get::<Account>().expect_err("not loaded");
            assert!(error.is_not_loaded());
            drop(load::<Account>(&handle).await);
            assert_eq!(handle.get::<Account>().expect("loaded").hits(), 3);
        })
        .await;
    assert_eq!(store.asked(), "load");
}

#[tokio::test]
async fn t13_a_request_that_never_asks_costs_no_store_call() {
    let (store, mut visitor, _) = planted(&[("hits", b"3")]).await;
    let answer = visitor.act(async |_: SessionHandle| "static").await;
    assert_eq!(store.asked(), "");
    assert!(answer.set_cookies().is_empty());
    assert!(answer.headers.get("vary").is_none());
}

#[tokio::test]
async fn t55_autoload_loads_before_the_service_runs() {
    let (store, _, id) = planted(&[("hits", b"3")]).await;
    for (autoload, path, loaded) in [
        (Autoload::always(), "/any", true),
        (Autoload::paths(["/admin", "/app"]), "/app/1", true),
        (Autoload::paths(["/admin", "/app"]), "/apples", false),
        (Autoload::when(|parts| parts.uri.query().is_some()), "/?x", true),
        (Autoload::when(|parts| parts.uri.query().is_some()), "/", false),
    ] {
        let layer = SessionLayer::new(store.clone()).autoload(autoload.clone());
        let handler = async |handle: SessionHandle| handle.get::<Account>().is_ok().to_string();
        let mut client = Client::new(Router::new().fallback(handler).layer(layer));
        client.set_cookie("__Host-id", &id);
        let answer = client.get(path).await;
        assert_eq!(answer.text(), loaded.to_string(), "{autoload:?} {path}");
        assert_eq!(store.asked(), if loaded { "load" } else { "" });
    }
}

#[tokio::test]
async fn an_optional_session_is_there_only_if_one_exists() {
    async fn hits(account: Option<Session<Account>>) -> String {
        account.map_or("none".to_owned(), |account| account.hits().to_string())
    }
    let (store, _, id) = planted(&[("hits", b"3")]).await;
    let app = Router::new().route("/", get(hits)).layer(SessionLayer::new(store.clone()));
    let mut client = Client::new(app);
    assert_eq!(client.get("/").await.text(), "none");
    client.set_cookie("__Host-id", "0123456789abcdef0123456789abcdef");
    assert_eq!(client.get("/").await.text(), "none");
    client.set_cookie("__Host-id", &id);
    assert_eq!(client.get("/").await.text(), "3");
    store.breaks("load", session_tests::Fault::Unreachable);
    let answer = client.get("/").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "down is not none");
}

#[tokio::test]
async fn an_optional_session_that_was_lent_is_written() {
    #[session(autoload)]
    async fn add(account: Option<&mut Session<Account>>) -> StatusCode {
        let Some(account) = account else {
            return StatusCode::NO_CONTENT;
        };
        *account.hits_mut() += 1;
        StatusCode::OK
    }
    let (store, _, id) = planted(&[("hits", b"3")]).await;
    let app = Router::new().route("/", get(add)).layer(SessionLayer::new(store.clone()));
    let mut client = Client::new(app);
    assert_eq!(client.get("/").await.status, StatusCode::NO_CONTENT);
    client.set_cookie("__Host-id", &id);
    assert_eq!(client.get("/").await.status, StatusCode::OK);
    assert_eq!(store.asked(), "load; update hits=4");
}

#[tokio::test]
async fn a_session_that_this_request_has_begun_exists() {
    let store = Scripted::default();
    Visitor::of(&store)
        .act(async |handle: SessionHandle| {
            let none = handle.load_existing::<Account>().await.expect("loaded");
            assert!(none.is_none());
            load::<Account>(&handle).await.set_hits(1);
            let begun = handle.load_existing::<Account>().await.expect("loaded");
            assert_eq!(begun.expect("begun").hits(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_handler_is_a_plain_function_over_a_detached_handle() {
    let handle = SessionHandle::detached();
    for expected in ["1", "2", "3"] {
        assert_eq!(count(handle.get::<Account>().expect("a session")).await, expected);
    }
    let mut account = handle.get::<Account>().expect("a session");
    assert_eq!(account.hits(), 3);
    account.save().await.expect("saved");
    assert!(account.id().is_some());
    account.destroy();
    assert_eq!(account.hits(), 0);
    drop(account);
    assert_eq!(handle.get::<Account>().expect("a session").hits(), 0);
    let other = SessionHandle::detached();
    assert_eq!(other.get::<Account>().expect("a session").hits(), 0);
}
