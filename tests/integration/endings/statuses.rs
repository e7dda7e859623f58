//! The status of the response, and inner services that return an error.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use session_runtime::{Clock, Expiry, SessionHandle, SessionLayer};
use session_tests::{Scripted, Visitor, load};
use std::time::Duration;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};

use super::{Counter, planted};

async fn answer_with(visitor: &mut Visitor, status: StatusCode) -> Vec<String> {
    let answer = visitor
        .act(async move |handle: SessionHandle| {
            load::<Counter>(&handle).await.set_hits(1);
            status
        })
        .await;
    assert_eq!(answer.status, status);
    answer.set_cookies().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn t50_all_but_5xx_and_408_commit() {
    for (status, commits) in [
        (200, true),
        (204, true),
        (303, true),
        (401, true),
        (404, true),
        (422, true),
        (499, true),
        (408, false),
        (500, false),
        (503, false),
        (599, false),
    ] {
        let status = StatusCode::from_u16(status).expect("a status");
        let store = Scripted::default();
        let cookies = answer_with(&mut Visitor::of(&store), status).await;
        assert_eq!(store.asked(), if commits { "insert hits=1" } else { "" });
        assert_eq!(cookies.len(), usize::from(commits), "{status}");
    }
}

#[tokio::test]
async fn t50_a_failed_response_changes_nothing_of_a_stored_session() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    let cookies = answer_with(&mut visitor, StatusCode::INTERNAL_SERVER_ERROR).await;
    assert_eq!(store.asked(), "load");
    assert!(cookies.is_empty());
    assert_eq!(store.fields(&id).await, "hits=3");
}

#[tokio::test]
async fn t52_a_redirect_is_sent_after_the_session_is_stored() {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    answer_with(&mut visitor, StatusCode::SEE_OTHER).await;
    assert_eq!(store.fields(&visitor.held()).await, "hits=1");
}

#[tokio::test]
async fn commit_when_decides_by_the_status() {
    for (status, commits) in [(500, true), (200, true), (404, false), (302, false)] {
        let status = StatusCode::from_u16(status).expect("a status");
        let store = Scripted::default();
        let layer =
            SessionLayer::new(store.clone()).commit_when(|status| status.is_success() || status.is_server_error());
        let cookies = answer_with(&mut Visitor::through(layer), status).await;
        assert_eq!(store.asked(), if commits { "insert hits=1" } else { "" });
        assert_eq!(cookies.len(), usize::from(commits), "{status}");
    }
}

#[tokio::test]
async fn being_used_is_activity_whatever_the_status() {
    for status in [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR] {
        let clock = Clock::manual();
        let store = Scripted::with_clock(&clock);
        let expiry = Expiry::idle(Duration::from_mins(1));
        let layer = SessionLayer::new(store.clone()).clock(clock.clone()).expiry(expiry);
        let mut visitor = Visitor::through(layer);
        answer_with(&mut visitor, StatusCode::OK).await;
        for _ in 0..3 {
            clock.advance(Duration::from_secs(50));
            let answer = visitor
                .act(async move |handle: SessionHandle| {
                    assert_eq!(load::<Counter>(&handle).await.hits(), 1, "{status}");
                    status
                })
                .await;
            assert!(answer.set_cookies()[0].contains("Max-Age=60"), "{status}");
        }
        assert_eq!(store.asked(), "insert hits=1; load; touch; load; touch; load; touch");
    }
}

#[tokio::test]
async fn a_failed_response_extends_the_session_and_drops_its_changes() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let expiry = Expiry::idle(Duration::from_mins(1));
    let layer = SessionLayer::new(store.clone()).clock(clock.clone()).expiry(expiry);
    let mut visitor = Visitor::through(layer);
    visitor.visit::<Counter>(|counter| counter.set_hits(3)).await;
    clock.advance(Duration::from_secs(30));
    answer_with(&mut visitor, StatusCode::INTERNAL_SERVER_ERROR).await;
    assert_eq!(store.asked(), "insert hits=3; load; touch");
    assert_eq!(store.fields(&visitor.held()).await, "hits=3");
}

#[tokio::test]
async fn an_inner_service_that_returns_an_error_writes_nothing() {
    for destroys in [false, true] {
        let (store, id) = planted(&[("hits", b"3")]).await;
        let fails = move |request: Request| async move {
            let handle = request.extensions().get::<SessionHandle>();
            let mut counter = load::<Counter>(handle.expect("a handle")).await;
            if destroys {
                counter.destroy();
            }
            counter.set_hits(1);
            counter.regenerate_id();
            Err::<Response<Body>, _>("broken pipe")
        };
        let service = ServiceBuilder::new().layer(SessionLayer::new(store.clone())).service(service_fn(fails));
        let request = Request::get("/").header("cookie", format!("__Host-id={id}"));
        let request = request.body(Body::empty()).expect("a request");
        let error = service.oneshot(request).await.expect_err("an error");
        assert_eq!(error, "broken pipe");
        assert_eq!(store.asked(), "load");
        assert_eq!(store.fields(&id).await, "hits=3");
    }
}
