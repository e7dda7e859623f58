//! Bodies that are still being made when the head goes out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::header::SET_COOKIE;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use session_runtime::SessionHandle;
use session_tests::{Gate, Logs, Scripted, Visitor, load};

use super::{Counter, planted};

/// A body of this text, which ends when `end` does.
fn ending_with(text: &'static str, end: impl Future<Output = ()> + Send + 'static) -> Body {
    let text = Full::new(Bytes::from_static(text.as_bytes()));
    Body::new(text.with_trailers(async move {
        end.await;
        None
    }))
}

#[tokio::test]
async fn t51_the_cookie_is_sent_before_the_first_byte_and_the_body_is_not_buffered() {
    let store = Scripted::default();
    let visitor = Visitor::of(&store);
    let (gate, polled) = (Gate::default(), Arc::new(AtomicBool::new(false)));
    let (inside, polling) = (gate.clone(), polled.clone());
    let request = visitor.asking(async move |handle: SessionHandle| {
        load::<Counter>(&handle).await.set_hits(1);
        ending_with("first", async move {
            polling.store(true, Ordering::SeqCst);
            inside.pass().await;
        })
    });
    let response = visitor.respond(request).await;
    assert!(response.headers().contains_key(SET_COOKIE));
    assert_eq!(store.asked(), "insert hits=1", "stored before the head");
    assert!(!polled.load(Ordering::SeqCst), "nobody read the body");
    let mut body = response.into_body();
    let first = body.frame().await.expect("a frame").expect("no error");
    assert_eq!(first.into_data().expect("data"), "first");
    let rest = tokio::spawn(body.collect());
    gate.arrived().await;
    gate.open();
    let rest = rest.await.expect("no panic").expect("a body");
    assert!(rest.to_bytes().is_empty());
}

#[tokio::test]
async fn a_session_in_a_stream_saves_fields() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    let answer = visitor
        .act(async |handle: SessionHandle| {
            let mut counter = load::<Counter>(&handle).await;
            ending_with("text", async move {
                *counter.hits_mut() += 1;
                counter.save().await.expect("saved");
            })
        })
        .await;
    assert_eq!(answer.text(), "text");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.asked(), "load; update hits=4");
}

#[tokio::test]
async fn a_session_in_a_stream_that_is_not_saved_is_an_error_that_names_the_fields() {
    let logs = Logs::capture();
    let (store, id) = planted(&[("hits", b"3")]).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    visitor
        .act(async |handle: SessionHandle| {
            let mut counter = load::<Counter>(&handle).await;
            ending_with("text", async move { counter.set_hits(4) })
        })
        .await;
    assert!(logs.text().starts_with("ERROR"), "{}", logs.text());
    assert!(logs.text().contains("hits"), "{}", logs.text());
    assert_eq!(store.fields(&id).await, "hits=3");
}

/// What the handler changed before it moved the session into the body is not deposited when the head goes out.
#[tokio::test]
async fn a_session_that_was_changed_and_then_moved_into_a_stream_is_saved_there() {
    let logs = Logs::capture();
    let (store, id) = planted(&[("hits", b"3")]).await;
    let visitor = Visitor::of(&store).holding(&id);
    let request = visitor.asking(async |handle: SessionHandle| {
        let mut counter = load::<Counter>(&handle).await;
        counter.set_hits(4);
        ending_with("text", async move {
            counter.save().await.expect("saved");
        })
    });
    let response = visitor.respond(request).await;
    assert_eq!(store.asked(), "load");
    response.into_body().collect().await.expect("a body");
    assert_eq!(store.asked(), "update hits=4");
    assert_eq!(logs.text(), "");
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_drops_its_session_with_a_trace() {
    let logs = Logs::capture();
    let (store, id) = planted(&[("hits", b"3")]).await;
    let visitor = Visitor::of(&store).holding(&id);
    let request = visitor.asking(async |handle: SessionHandle| {
        let mut counter = load::<Counter>(&handle).await;
        counter.set_hits(4);
        ending_with("text", async move {
            counter.save().await.expect("saved");
        })
    });
    drop(visitor.respond(request).await);
    assert!(logs.text().contains("hits"), "{}", logs.text());
    assert_eq!(store.fields(&id).await, "hits=3");
}

#[tokio::test]
async fn a_stream_may_load_its_session_after_the_head() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    visitor
        .act(async |handle: SessionHandle| {
            ending_with("text", async move {
                let mut counter = load::<Counter>(&handle).await;
                *counter.hits_mut() += 1;
                counter.save().await.expect("saved");
            })
        })
        .await;
    assert_eq!(store.asked(), "load; update hits=4");
}
