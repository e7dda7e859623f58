//! Servers that are killed and started again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::SessionStore as _;
use session_servers::Redis;

use super::{connected, started};
use crate::support::{Guest, in_time};

const AT_ONCE: Duration = Duration::ZERO;

#[tokio::test]
async fn requests_are_503_at_once_and_the_first_one_after_it_is_back_is_served() {
    let (server, mut guest) = started().await;
    guest.see("/hit").await;
    let ran = guest.ran();
    server.kill().expect("killed");
    for path in ["/read", "/hit", "/sign-in/7", "/sign-out"] {
        let error = in_time(AT_ONCE, guest.fail(path)).await;
        assert!(error.starts_with("unreachable: "), "{error}");
    }
    assert_eq!(guest.ran(), ran, "no handler runs without its session");
    let error = in_time(AT_ONCE, guest.store.load(&guest.key(), None)).await.expect_err("no server");
    assert!(error.is_unreachable());
    server.restart().expect("restarted");
    assert_eq!(guest.see("/hit").await, "1 hits of nobody", "it keeps nothing");
}

#[tokio::test]
async fn a_new_visitor_is_told_that_nothing_is_kept() {
    let (server, guest) = started().await;
    server.kill().expect("killed");
    let error = in_time(AT_ONCE, guest.other().fail("/hit")).await;
    assert!(error.starts_with("unreachable: "), "{error}");
    server.restart().expect("restarted");
    assert_eq!(guest.other().see("/hit").await, "1 hits of nobody");
}

#[tokio::test]
async fn nobody_notices_a_restart_between_two_requests() {
    let (server, mut guest) = kept().await;
    guest.see("/hit").await;
    for hits in 2..6 {
        server.kill().expect("killed");
        server.restart().expect("restarted");
        assert_eq!(guest.see("/hit").await, format!("{hits} hits of nobody"));
    }
}

#[tokio::test]
async fn what_was_answered_is_there_when_a_server_that_persists_is_back() {
    let (server, mut guest) = kept().await;
    guest.see("/sign-in/7").await;
    let mut signed_out = guest.other();
    signed_out.see("/hit").await;
    let key = signed_out.key();
    signed_out.see("/sign-out").await;

    let answered = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (0..8).map(|_| tokio::spawn(write(guest.clone(), answered.clone()))).collect();
    while answered.load(Ordering::SeqCst) < 200 {
        tokio::task::yield_now().await;
    }
    server.kill().expect("killed");
    let writers_count = u32::try_from(writers.len()).expect("a few");
    for writer in writers {
        writer.await.expect("an end");
    }
    server.restart().expect("restarted");

    let seen = guest.see("/read").await;
    let hits: u32 = seen.strip_suffix(" hits of 7").expect("the user").parse().expect("hits");
    let answered = answered.load(Ordering::SeqCst);
    assert!(
        (answered..=answered + writers_count).contains(&hits),
        "{answered} were answered, and at most one more of each writer was done, but there are {hits}"
    );
    assert!(guest.store.load(&key, None).await.expect("an answer").is_none(), "who signed out stays so");
}

/// Hits until the server is gone.
async fn write(mut guest: Guest, answered: Arc<AtomicU32>) {
    while guest.get("/hit").await.status == StatusCode::OK {
        answered.fetch_add(1, Ordering::SeqCst);
    }
}

/// A server that writes down every change before it answers, and the application over it.
async fn kept() -> (Redis, Guest) {
    let server = Redis::with(&["--appendonly", "yes", "--appendfsync", "always"]).expect("a server");
    let guest = Guest::over(connected(&server).await);
    (server, guest)
}
