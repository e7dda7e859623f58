//! Servers and networks that do not answer for longer than the layer waits.

use std::time::Duration;

use session_tests::proxy::{Fault, Proxy};
use session_tests::{Guest, Timed, in_time};
use tokio::task::JoinSet;

use super::CONNECTIONS;
use crate::support::{Server, fill, pooled};

over_servers!(
    a_server_that_hangs_is_503_when_the_layer_has_waited_and_keeps_no_connection,
    a_commit_that_was_not_answered_is_done_once_or_not_at_all,
    connections_that_have_gone_silent_are_given_up,
);

const LIMIT: Duration = Duration::from_secs(1);

/// Three times as many requests as there are connections give up.
async fn give_up<S: Timed>(guest: &Guest<S>) {
    let mut requests = JoinSet::new();
    for path in ["/read", "/hit", "/sign-out"].into_iter().cycle().take(3 * CONNECTIONS as usize) {
        let mut guest = guest.clone();
        requests.spawn(async move { guest.fail(path).await });
    }
    for error in in_time(LIMIT, requests.join_all()).await {
        assert_eq!(error, "timed out: the store did not answer in time");
    }
}

async fn a_server_that_hangs_is_503_when_the_layer_has_waited_and_keeps_no_connection<S: Server>() {
    let server = S::start();
    let (store, pool) = pooled::<S::DB>(&server.url(), CONNECTIONS).await;
    let mut guest = Guest::patient_for(store, LIMIT);
    guest.see("/hit").await;
    fill(&pool).await;
    let ran = guest.ran();
    server.pause();
    give_up(&guest).await;
    assert_eq!(guest.ran(), ran, "no handler runs without its session");
    server.resume();
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
    in_time(LIMIT, fill(&pool)).await;
}

/// The load is answered, the commit is not: somebody has locked the row.
async fn a_commit_that_was_not_answered_is_done_once_or_not_at_all<S: Server>() {
    let server = S::start();
    let (store, pool) = pooled::<S::DB>(&server.url(), CONNECTIONS).await;
    let mut guest = Guest::patient_for(store, LIMIT / 4);
    guest.see("/sign-in/7").await;
    let mut hand = server.connection().await;
    for path in ["/hit", "/sign-in/8", "/sign-out"] {
        S::say(&mut hand, "BEGIN; SELECT COUNT(*) FROM (SELECT id FROM sessions FOR UPDATE) locked").await;
        let error = in_time(LIMIT, guest.fail(path)).await;
        assert!(error.starts_with("timed out: "), "{path}: {error}");
        S::say(&mut hand, "ROLLBACK").await;
        in_time(LIMIT, fill(&pool)).await;
    }
    let seen = guest.see("/read").await;
    let whole = ["0 hits of 7", "1 hits of 7", "0 hits of nobody"];
    assert!(whole.contains(&seen.as_str()), "{seen}");
    assert_eq!(guest.see("/sign-out").await, "signed out");
    assert_eq!(guest.see("/read").await, "0 hits of nobody");
}

/// The other end of a connection may be gone without a word: what stands between confirms what it is sent, and no more comes.
async fn connections_that_have_gone_silent_are_given_up<S: Server>() {
    let server = S::start();
    let proxy = Proxy::to(server.port()).await;
    let (store, pool) = pooled::<S::DB>(&proxy.instead_of(&server.url()), CONNECTIONS).await;
    let mut guest = Guest::patient_for(store, LIMIT);
    guest.see("/hit").await;
    fill(&pool).await;
    proxy.set(Fault::Hang);
    let mut requests = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut guest = guest.clone();
        requests.spawn(async move { guest.fail("/hit").await });
    }
    in_time(LIMIT, requests.join_all()).await;
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
    in_time(LIMIT, fill(&pool)).await;
}
