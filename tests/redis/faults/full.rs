//! Servers that are out of memory, and may not evict.

use std::time::Duration;

use session_runtime::SessionStore as _;

use super::{order, started};
use crate::support::Guest;

/// What a failed request is told, for the log.
const ADVICE: &str = "Redis is out of memory: raise `maxmemory`, or let it evict with `volatile-ttl`";

/// A server that is full, with a session of one hit.
async fn filled() -> (session_servers::Redis, Guest) {
    let (server, mut guest) = started().await;
    guest.see("/hit").await;
    order(&server, &["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    order(&server, &["CONFIG", "SET", "maxmemory", "1"]);
    (server, guest)
}

#[tokio::test]
async fn an_update_is_503_and_the_log_says_what_to_do() {
    let (server, mut guest) = filled().await;
    let error = guest.fail("/hit").await;
    assert!(error.starts_with("rejected: ") && error.contains(ADVICE), "{error}");
    assert_eq!(guest.see("/read").await, "1 hits of nobody");
    order(&server, &["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

#[tokio::test]
async fn a_new_session_is_503_and_the_log_says_what_to_do() {
    let (server, guest) = filled().await;
    let mut other = guest.other();
    let error = other.fail("/hit").await;
    assert!(error.starts_with("rejected: ") && error.contains(ADVICE), "{error}");
    assert_eq!(order(&server, &["DBSIZE"]), "1");
    order(&server, &["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(other.see("/hit").await, "1 hits of nobody");
}

#[tokio::test]
async fn a_new_id_is_503_and_the_old_one_goes_on() {
    let (server, mut guest) = filled().await;
    let error = guest.fail("/sign-in/7").await;
    assert!(error.starts_with("rejected: ") && error.contains(ADVICE), "{error}");
    assert_eq!(guest.see("/read").await, "1 hits of nobody");
    assert_eq!(order(&server, &["DBSIZE"]), "1");
    order(&server, &["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(guest.see("/sign-in/7").await, "1 hits of 7");
}

#[tokio::test]
async fn who_signs_out_is_signed_out() {
    let (_server, mut guest) = filled().await;
    let (key, mut copy) = (guest.key(), guest.clone());
    assert_eq!(guest.see("/sign-out").await, "signed out");
    assert_eq!(copy.see("/read").await, "0 hits of nobody");
    assert!(guest.store.load(&key, None).await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_session_that_is_due_to_be_extended_is_read() {
    let (server, mut guest) = filled().await;
    guest.clock.advance(Duration::from_hours(20));
    assert_eq!(guest.see("/read").await, "1 hits of nobody");
    order(&server, &["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
    guest.clock.advance(Duration::from_hours(20));
    assert_eq!(guest.see("/read").await, "2 hits of nobody", "it was extended after all");
}
