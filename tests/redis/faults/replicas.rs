//! A store that waits for replicas, where there are too few.

use std::time::{Duration, Instant};

use session_runtime::SessionStore as _;
use session_servers::Redis;

use super::{connected, order};
use crate::support::{Guest, in_time, until};

const LIMIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_sign_out_that_no_replica_has_is_503_and_the_log_says_why() {
    let (_master, replica, mut guest) = followed().await;
    let mut other = guest.other();
    other.see("/sign-in/8").await;
    guest.see("/sign-in/7").await;
    replica.kill().expect("killed");

    let error = in_time(LIMIT, guest.fail("/sign-out")).await;
    assert!(error.starts_with("unreachable: ") && error.contains("0 of 1 replicas of Redis confirmed"), "{error}");
    assert_eq!(guest.see("/read").await, "0 hits of nobody", "the master has done it");

    assert_eq!(other.see("/hit").await, "1 hits of 8", "nothing else waits for replicas");
    in_time(LIMIT, other.fail("/sign-in/9")).await;
    replica.restart().expect("restarted");
    until("the replica is back", async || follows(&replica).then_some(())).await;
    let mut third = guest.other();
    third.see("/sign-in/10").await;
    assert_eq!(third.see("/sign-out").await, "signed out");
}

#[tokio::test]
async fn others_do_not_wait_with_a_sign_out_that_waits_for_replicas() {
    let (_master, replica, mut guest) = followed().await;
    let mut other = guest.other();
    other.see("/hit").await;
    guest.see("/sign-in/7").await;
    replica.kill().expect("killed");
    let waiting = tokio::spawn(async move { guest.fail("/sign-out").await });
    let (mut hits, mut slowest) = (1, Duration::ZERO);
    while !waiting.is_finished() {
        hits += 1;
        let began = Instant::now();
        assert_eq!(other.see("/hit").await, format!("{hits} hits of nobody"));
        slowest = slowest.max(began.elapsed());
    }
    println!("{hits} hits meanwhile, the slowest took {slowest:?}");
    assert!(hits > 10 && slowest < Duration::from_millis(900), "{hits} hits, the slowest took {slowest:?}");
    waiting.await.expect("an answer");
}

#[tokio::test]
async fn a_removal_that_no_replica_has_is_unreachable() {
    let (_master, replica, mut guest) = followed().await;
    guest.see("/hit").await;
    replica.kill().expect("killed");
    let error = in_time(LIMIT, guest.store.remove(&guest.key())).await.expect_err("no replica");
    assert!(error.is_unreachable());
}

/// A master, its replica, and the application over a store that waits for it.
async fn followed() -> (Redis, Redis, Guest) {
    let master = Redis::with(&["--repl-diskless-sync-delay", "0"]).expect("a server");
    let replica = Redis::with(&["--replicaof", &format!("127.0.0.1 {}", master.port())]).expect("a server");
    until("the replica follows", async || follows(&replica).then_some(())).await;
    let guest = Guest::patient_for(connected(&master).await.replicas(1), LIMIT);
    (master, replica, guest)
}

fn follows(replica: &Redis) -> bool {
    order(replica, &["INFO", "replication"]).contains("master_link_status:up")
}
