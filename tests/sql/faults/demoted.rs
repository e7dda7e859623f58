//! Servers that were the primary once: connections to them stay, and let nobody write, while new ones lead to the server that is it now.

use session_servers::{MariaDb, Postgres};
use sqlx::Pool;

use super::{CONNECTIONS, over};
use crate::support::{Server, fill};

over_servers!(
    a_connection_that_became_read_only_is_not_noticed,
    many_connections_that_became_read_only_are_replaced_after_a_few_requests,
);

/// A server that may change under the connections to it.
trait Demoted: Server {
    /// Lets a connection only read, and no other.
    const READ_ONLY: &'static str;
}

impl Demoted for Postgres {
    const READ_ONLY: &'static str = "SET default_transaction_read_only = on";
}

impl Demoted for MariaDb {
    const READ_ONLY: &'static str = "SET SESSION TRANSACTION READ ONLY";
}

/// Demotes the server to which the pool has its connections, as many as it can have.
async fn demote<S: Demoted>(pool: &Pool<S::DB>) {
    fill(pool).await;
    let mut connections = Vec::new();
    for _ in 0..pool.size() {
        let mut connection = pool.acquire().await.expect("a connection");
        S::say(&mut connection, S::READ_ONLY).await;
        connections.push(connection);
    }
}

async fn a_connection_that_became_read_only_is_not_noticed<S: Demoted>() {
    let server = S::start();
    let (mut guest, pool) = over(&server, 1).await;
    demote::<S>(&pool).await;
    assert_eq!(guest.see("/hit").await, "1 hits of nobody");
    demote::<S>(&pool).await;
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
    demote::<S>(&pool).await;
    assert_eq!(guest.see("/sign-in/7").await, "2 hits of 7");
    demote::<S>(&pool).await;
    assert_eq!(guest.see("/sign-out").await, "signed out");
    assert_eq!(guest.see("/read").await, "0 hits of nobody");
}

/// Each request tries two, and says what is wrong if neither will do.
async fn many_connections_that_became_read_only_are_replaced_after_a_few_requests<S: Demoted>() {
    const ADVICE: &str = "the database is read-only, sessions need one that is not";
    let server = S::start();
    let (mut guest, pool) = over(&server, CONNECTIONS).await;
    guest.see("/hit").await;
    demote::<S>(&pool).await;
    let (mut hits, mut refused) = (1, 0);
    for _ in 0..5 * CONNECTIONS {
        let answer = guest.get("/hit").await;
        if answer.status.is_success() {
            hits += 1;
        } else {
            refused += 1;
            assert!(answer.text().starts_with("rejected: ") && answer.text().contains(ADVICE), "{}", answer.text());
        }
    }
    assert!(refused <= CONNECTIONS / 2, "{refused}");
    assert_eq!(guest.see("/read").await, format!("{hits} hits of nobody"));
}
