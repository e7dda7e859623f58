//! Servers that do not answer for longer than the layer waits.

use std::time::Duration;

use session_servers::Redis;

use super::{connected, order};
use crate::support::{Guest, in_time};

const LIMIT: Duration = Duration::from_millis(200);
/// For how long servers are paused, in milliseconds: a few times as long.
const PAUSE: &str = "1000";

#[tokio::test]
async fn a_request_is_503_when_the_layer_has_waited_and_is_not_done_later() {
    let (server, mut guest) = impatient().await;
    guest.see("/hit").await;
    let ran = guest.ran();
    order(&server, &["CLIENT", "PAUSE", PAUSE, "ALL"]);
    for _ in 0..3 {
        let error = in_time(LIMIT, guest.fail("/hit")).await;
        assert_eq!(error, "timed out: the store did not answer in time");
    }
    assert_eq!(guest.ran(), ran, "no handler runs without its session");
    until_resumed(&server);
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

/// Loads are answered, commits are not.
#[tokio::test]
async fn a_commit_that_was_not_answered_is_done_once_or_not_at_all() {
    let (server, mut guest) = impatient().await;
    guest.see("/hit").await;
    order(&server, &["CLIENT", "PAUSE", PAUSE, "WRITE"]);
    let error = in_time(LIMIT, guest.fail("/hit")).await;
    assert!(error.starts_with("timed out: "), "{error}");
    until_resumed(&server);
    let hits: u32 = guest.see("/read").await.strip_suffix(" hits of nobody").expect("hits").parse().expect("a number");
    assert!((1..=2).contains(&hits));
    for more in 1..4 {
        assert_eq!(guest.see("/hit").await, format!("{} hits of nobody", hits + more));
    }
}

#[tokio::test]
async fn a_sign_out_that_was_not_answered_leaves_a_session_whole_or_none() {
    let (server, mut guest) = impatient().await;
    guest.see("/sign-in/7").await;
    order(&server, &["CLIENT", "PAUSE", PAUSE, "WRITE"]);
    in_time(LIMIT, guest.fail("/sign-out")).await;
    until_resumed(&server);
    let seen = guest.see("/read").await;
    assert!(["0 hits of 7", "0 hits of nobody"].contains(&seen.as_str()), "{seen}");
    assert_eq!(guest.see("/sign-out").await, "signed out");
    assert_eq!(guest.see("/read").await, "0 hits of nobody");
}

/// A session whose insert was done later is one that nobody was told of.
#[tokio::test]
async fn a_visitor_who_was_not_answered_begins_anew() {
    let (server, mut guest) = impatient().await;
    order(&server, &["CLIENT", "PAUSE", PAUSE, "WRITE"]);
    in_time(LIMIT, guest.fail("/hit")).await;
    until_resumed(&server);
    assert_eq!(guest.see("/hit").await, "1 hits of nobody");
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

async fn impatient() -> (Redis, Guest) {
    let server = Redis::start().expect("a server");
    let guest = Guest::patient_for(connected(&server).await, LIMIT);
    (server, guest)
}

/// Waits for the end of a pause, by a command that waits for it too, after those that came before.
fn until_resumed(server: &Redis) {
    order(server, &["DEL", "nothing"]);
}
