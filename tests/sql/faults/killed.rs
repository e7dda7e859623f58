//! Servers that are killed and started again, and connections that somebody ends.

use std::time::Duration;

use session_runtime::store::{SqlDatabase, SqlStore};
use session_tests::{Guest, in_time};
use sqlx::Pool;
use tokio::task::JoinSet;

use super::{CONNECTIONS, over};
use crate::support::{Server, fill, pooled};

over_servers!(
    requests_are_503_while_nobody_is_there_and_the_first_one_after_that_is_served,
    a_restart_that_breaks_all_connections_is_not_noticed,
    connections_that_somebody_ends_are_not_missed,
    a_pool_without_a_free_connection_is_503_that_says_so_until_one_is_free,
);

const LIMIT: Duration = Duration::from_secs(5);

async fn requests_are_503_while_nobody_is_there_and_the_first_one_after_that_is_served<S: Server>() {
    let server = S::durable();
    let (mut guest, _) = over(&server, CONNECTIONS).await;
    guest.see("/hit").await;
    let ran = guest.ran();
    server.kill();
    let mut requests = JoinSet::new();
    for path in ["/read", "/hit", "/sign-in/7", "/sign-out"] {
        let mut guest = guest.clone();
        requests.spawn(async move { guest.fail(path).await });
    }
    for error in in_time(LIMIT, requests.join_all()).await {
        assert!(error.starts_with("unreachable: ") || error.starts_with("timed out: "), "{error}");
    }
    assert_eq!(guest.ran(), ran, "no handler runs without its session");
    server.restart();
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

async fn a_restart_that_breaks_all_connections_is_not_noticed<S: Server>() {
    let server = S::durable();
    let (guest, pool) = over(&server, CONNECTIONS).await;
    not_noticed(guest, &pool, || {
        server.kill();
        server.restart();
    })
    .await;
}

async fn connections_that_somebody_ends_are_not_missed<S: Server>() {
    let server = S::start();
    let (guest, pool) = over(&server, CONNECTIONS).await;
    not_noticed(guest, &pool, || server.end_connections()).await;
}

/// Breaks all connections before each kind of request, then before many at once.
async fn not_noticed<DB: SqlDatabase>(mut guest: Guest<SqlStore<DB>>, pool: &Pool<DB>, break_all: impl Fn()) {
    let broken = async || {
        fill(pool).await;
        break_all();
    };
    broken().await;
    assert_eq!(guest.see("/hit").await, "1 hits of nobody");
    broken().await;
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
    broken().await;
    assert_eq!(guest.see("/sign-in/7").await, "2 hits of 7");
    broken().await;
    let mut requests = JoinSet::new();
    for _ in 0..2 * CONNECTIONS {
        let mut guest = guest.clone();
        requests.spawn(async move { guest.see("/hit").await });
    }
    in_time(LIMIT, requests.join_all()).await;
    assert_eq!(guest.see("/read").await, format!("{} hits of 7", 2 + 2 * CONNECTIONS));
    broken().await;
    assert_eq!(guest.see("/sign-out").await, "signed out");
    assert_eq!(guest.see("/read").await, "0 hits of nobody");
}

async fn a_pool_without_a_free_connection_is_503_that_says_so_until_one_is_free<S: Server>() {
    let server = S::start();
    let (_, pool) = pooled::<S::DB>(&server.url(), 1).await;
    let options = pool.options().clone().acquire_timeout(Duration::from_millis(100));
    let pool = options.connect(&server.url()).await.expect("a server");
    let mut guest = Guest::over(SqlStore::new(pool.clone()));
    guest.see("/hit").await;
    let held = pool.acquire().await.expect("the connection");
    for path in ["/read", "/hit", "/sign-in/7", "/sign-out"] {
        let error = in_time(LIMIT, guest.fail(path)).await;
        assert!(error.starts_with("unreachable: ") && error.contains("`max_connections`"), "{path}: {error}");
    }
    drop(held);
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}
