//! What a response does to its session, and what the session does to its response: T50 to T54.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use session_runtime::{MemoryStore, Session, SessionCookie, SessionLayer, session};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;

use session_tests::{Client, Fault, Notes, Scripted, Site, Visits, routes};

/// Counts, and answers with this status.
#[session(autoload)]
async fn status(visits: &mut Session<Visits>, Path(status): Path<u16>) -> (StatusCode, String) {
    *visits.hits_mut() += 1;
    let status = StatusCode::from_u16(status).expect("a status");
    (status, visits.hits().to_string())
}

/// Signs out, and answers with this status.
#[session(autoload)]
async fn end(visits: &mut Session<Visits>, Path(status): Path<u16>) -> StatusCode {
    visits.set_hits(100);
    visits.destroy();
    StatusCode::from_u16(status).expect("a status")
}

fn statuses() -> Router {
    routes().route("/status/{status}", get(status)).route("/end/{status}", get(end))
}

#[tokio::test]
async fn t50_success_redirect_and_client_error_commit() {
    for status in [200, 201, 204, 302, 303, 304, 400, 401, 404, 422, 429] {
        let mut site = Site::of(statuses(), |layer| layer);
        let answer = site.get(&format!("/status/{status}")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.set_cookies().len(), 1, "{status}");
        assert_eq!(site.get("/count").await.text(), "2", "{status}");
    }
}

#[tokio::test]
async fn t50_a_server_error_or_a_timeout_commits_nothing() {
    for status in [408, 500, 502, 503, 504] {
        let mut site = Site::of(statuses(), |layer| layer);
        let path = format!("/status/{status}");
        let answer = site.get(&path).await;
        assert_eq!(answer.status, status);
        assert!(answer.sets_no_cookie(), "{status}");
        assert_eq!(site.calls(), "none", "{status}");
        site.get("/count").await;
        site.calls();
        assert!(site.get(&path).await.sets_no_cookie(), "{status}");
        assert_eq!(site.calls(), "1 load", "{status}");
        assert_eq!(site.get("/count").await.text(), "2", "{status}");
    }
}

#[tokio::test]
async fn t50_which_responses_commit_can_be_decided() {
    let mut site = Site::of(statuses(), |layer| layer.commit_when(|status| status == StatusCode::BAD_GATEWAY));
    assert!(site.get("/status/200").await.sets_no_cookie());
    assert_eq!(site.get("/status/502").await.set_cookies().len(), 1);
}

#[tokio::test]
async fn t50_s19_a_sign_out_is_carried_out_whatever_the_response() {
    for status in [200, 303, 408, 500, 503] {
        let mut site = Site::of(statuses(), |layer| layer);
        site.get("/count").await;
        let answer = site.get(&format!("/end/{status}")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.set_cookie().max_age(), Some(0), "{status}");
        assert!(site.memory.is_empty(), "{status}");
    }
}

#[tokio::test]
async fn t50_a_handler_that_panics_commits_nothing() {
    #[session(autoload)]
    async fn panics(visits: &mut Session<Visits>) -> &'static str {
        visits.set_hits(100);
        panic!("the handler gives up");
    }
    let mut site = Site::layered(|layer, _| {
        let app = routes().route("/panic", get(panics));
        app.layer(layer).layer(CatchPanicLayer::new())
    });
    site.get("/count").await;
    site.calls();
    let answer = site.get("/panic").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
    assert_eq!(site.get("/count").await.text(), "2");
}

#[tokio::test]
async fn t50_what_a_panic_drops_is_not_committed_whatever_the_response() {
    let panics = async |mut visits: Session<Visits>| -> &'static str {
        visits.set_hits(100);
        panic!("the handler gives up");
    };
    let app = routes().route("/panic", get(panics));
    let app = app.layer(CatchPanicLayer::new());
    let mut site = Site::of(app, |layer| layer.commit_when(|_| true));
    site.get("/count").await;
    site.calls();
    let answer = site.get("/panic").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(site.calls(), "1 load");
    assert_eq!(site.get("/count").await.text(), "2");
}

#[tokio::test]
async fn t51_the_cookie_leaves_before_the_first_byte_of_a_body_that_is_not_buffered() {
    let (end, polled) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (handler_end, handler_polled) = (end.clone(), polled.clone());
    let stream = async |mut visits: Session<Visits>| {
        visits.set_hits(1);
        let first = Full::new(Bytes::from_static(b"first")).map_frame(move |frame| {
            handler_polled.store(true, Ordering::SeqCst);
            frame
        });
        Body::new(first.with_trailers(async move {
            handler_end.notified().await;
            None
        }))
    };
    let app = Router::new().route("/", get(stream));
    let site = Site::of(app, |layer| layer);
    let response = site.client.respond(site.client.request("/")).await;
    assert!(response.headers().contains_key("set-cookie"));
    assert_eq!(site.calls(), "1 insert");
    assert!(!polled.load(Ordering::SeqCst));
    end.notify_one();
    let body = response.into_body().collect().await.expect("a body");
    assert_eq!(body.to_bytes(), "first");
}

/// What somebody who signs in is sent.
#[session(autoload)]
async fn sign_in(notes: &mut Session<Notes>) -> Redirect {
    notes.set_some("Ada");
    notes.regenerate_id();
    Redirect::to("/view")
}

#[tokio::test(start_paused = true)]
async fn t52_a_redirect_leaves_only_once_the_session_is_stored() {
    let store = Scripted::default();
    let app = routes().route("/sign-in", get(sign_in));
    let mut client = Client::new(app.layer(SessionLayer::new(store.clone())));
    store.breaks("insert", Fault::Hangs);
    let response = client.respond(client.request("/sign-in"));
    let waited = timeout(Duration::from_secs(4), response).await;
    assert!(waited.is_err(), "answered before the store did");
    store.recovers();
    let answer = client.get("/sign-in").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(store.len(), 1);
    assert_eq!(client.get("/view").await.text(), r#"{"some":"Ada"}"#);
}

#[tokio::test]
async fn t53_s22_a_cookie_is_never_cached_and_what_was_read_varies() {
    let mut site = Site::new();
    let untouched = site.get("/plain").await;
    assert_eq!(untouched.lines(&VARY), [""; 0]);
    assert_eq!(untouched.lines(&CACHE_CONTROL), [""; 0]);
    for (path, sets_cookie) in [("/update?some=data", true), ("/view", false), ("/clear", true)] {
        let answer = site.get(path).await;
        assert_eq!(answer.set_cookies().len(), usize::from(sets_cookie), "{path}");
        assert_eq!(answer.lines(&VARY), ["Cookie"], "{path}");
        let expected: &[&str] = if sets_cookie { &["no-store"] } else { &[] };
        assert_eq!(answer.lines(&CACHE_CONTROL), expected, "{path}");
    }
}

#[tokio::test]
async fn t53_s22_a_visitor_without_a_session_read_it_all_the_same() {
    let mut site = Site::new();
    assert_eq!(site.get("/view").await.lines(&VARY), ["Cookie"]);
}

#[tokio::test]
async fn t53_s22_what_the_handler_says_of_caching_is_added_to() {
    #[session(autoload)]
    async fn cached(notes: &mut Session<Notes>) -> impl IntoResponse {
        notes.set_some("data");
        let headers: [(HeaderName, &str); 3] =
            [(CACHE_CONTROL, "private, max-age=60"), (VARY, "Accept"), (VARY, "Origin")];
        AppendHeaders(headers)
    }
    let app = Router::new().route("/", get(cached));
    let mut site = Site::of(app, |layer| layer);
    let answer = site.get("/").await;
    assert_eq!(answer.lines(&VARY), ["Accept", "Origin", "Cookie"]);
    assert_eq!(answer.lines(&CACHE_CONTROL), ["private, max-age=60", "no-store"]);
}

#[tokio::test]
async fn t54_a_layer_inside_its_own_clone_loads_once_and_sets_one_cookie() {
    let mut site = Site::layered(|layer, _| {
        let inner = routes().route_layer(layer.clone()).layer(layer.clone());
        Router::new().merge(inner).layer(layer)
    });
    let answer = site.get("/count").await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_eq!(answer.lines(&VARY), ["Cookie"]);
    assert_eq!(answer.lines(&CACHE_CONTROL), ["no-store"]);
    assert_eq!(site.calls(), "1 insert");
    assert_eq!(site.get("/count").await.text(), "2");
    assert_eq!(site.calls(), "1 load, 1 update");
}

#[tokio::test]
async fn t54_a_layer_finds_its_own_session_behind_another_layer() {
    let between = MemoryStore::new();
    let other = SessionLayer::new(between.clone()).cookie(SessionCookie::new("__Host-other"));
    let mut site = Site::layered(|layer, _| routes().layer(layer.clone()).layer(other).layer(layer));
    let answer = site.get("/count").await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_eq!(answer.set_cookie().name, "__Host-id");
    assert_eq!(site.calls(), "1 insert");
    assert_eq!(site.get("/count").await.text(), "2");
    assert_eq!(site.calls(), "1 load, 1 update");
    assert!(between.is_empty());
}

#[tokio::test]
async fn t54_what_stands_between_a_layer_and_its_clone_shares_the_session_with_what_is_inside() {
    async fn guard(mut visits: Session<Visits>, request: Request, next: Next) -> Response {
        *visits.hits_mut() += 10;
        drop(visits);
        next.run(request).await
    }
    let mut site = Site::layered(|layer, _| {
        let guarded = routes().layer(layer.clone()).layer(from_fn(guard));
        guarded.layer(layer)
    });
    assert_eq!(site.get("/count").await.text(), "11");
    assert_eq!(site.calls(), "1 insert");
    let answer = site.get("/count").await;
    assert_eq!(answer.text(), "22");
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "1 load, 1 update");
}

#[tokio::test]
async fn t54_a_layer_of_one_route_leaves_the_others_alone() {
    let mut site = Site::layered(|layer, _| {
        let counted = Router::new().route("/count", get(count)).layer(layer);
        counted.route("/bare", get(count))
    });
    assert_eq!(site.get("/count").await.text(), "1");
    let bare = site.get("/bare").await;
    assert_eq!(bare.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn t54_s14_a_layer_of_other_settings_has_a_session_of_its_own() {
    let admin = MemoryStore::new();
    let admin_layer = SessionLayer::new(admin.clone()).cookie(SessionCookie::new("__Secure-admin").path("/admin"));
    let mut site = Site::layered(|layer, _| {
        let admin = Router::new().nest("/admin", routes().layer(admin_layer));
        routes().merge(admin).layer(layer)
    });
    let outer = site.get("/count").await;
    let inner = site.get("/admin/count").await;
    assert_eq!((outer.text(), inner.text()), ("1", "1"));
    assert_eq!(inner.set_cookie().name, "__Secure-admin");
    assert_ne!(outer.set_cookie().value, inner.set_cookie().value);
    assert_eq!(site.get("/count").await.text(), "2");
    assert_eq!(site.get("/admin/count").await.text(), "2");
    assert_eq!((site.memory.len(), admin.len()), (1, 1));
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) -> Response {
    *visits.hits_mut() += 1;
    visits.hits().to_string().into_response()
}
