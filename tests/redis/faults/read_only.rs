//! Servers that are replicas, or become one for a while.

use axum::http::StatusCode;
use session_runtime::{RedisStore, SessionStore as _, StoreKey, Timestamp};
use session_servers::Redis;

use super::{order, started};
use crate::support::{Guest, Proxy, until};

/// Nobody listens there.
const NOBODY: [&str; 2] = ["127.0.0.1", "1"];
const ADVICE: &str = "rejected: the store refused: this Redis server is a read-only replica, sessions need its master";

#[tokio::test]
async fn changes_are_503_that_name_the_reason_until_it_is_a_master_again() {
    let (server, mut guest) = started().await;
    guest.see("/hit").await;
    for hits in 1..4 {
        order(&server, &["REPLICAOF", NOBODY[0], NOBODY[1]]);
        assert_eq!(guest.see("/read").await, format!("{hits} hits of nobody"), "what is there can be read");
        for path in ["/hit", "/sign-in/7", "/sign-out"] {
            let error = guest.fail(path).await;
            assert!(error.contains(ADVICE), "{path}: {error}");
        }
        let error = guest.other().fail("/hit").await;
        assert!(error.contains(ADVICE), "{error}");
        order(&server, &["REPLICAOF", "NO", "ONE"]);
        assert_eq!(guest.see("/hit").await, format!("{} hits of nobody", hits + 1));
    }
}

#[tokio::test]
async fn every_call_that_writes_is_rejected() {
    let (server, mut guest) = started().await;
    guest.see("/hit").await;
    order(&server, &["REPLICAOF", NOBODY[0], NOBODY[1]]);
    let (key, unknown) = (guest.key(), StoreKey::from_bytes([7; 32]));
    let later = Timestamp::from_millis(u64::from(u32::MAX) * 1_000);
    assert!(guest.store.touch(&key, later).await.expect_err("read-only").is_rejected());
    assert!(guest.store.remove(&key).await.expect_err("read-only").is_rejected());
    assert!(guest.store.load(&unknown, None).await.expect("an answer").is_none());
}

/// Looking elsewhere for the master takes a connection, which is not for every write.
#[tokio::test]
async fn writes_to_a_replica_make_no_connection_each() {
    let (server, mut guest) = started().await;
    guest.see("/hit").await;
    order(&server, &["REPLICAOF", NOBODY[0], NOBODY[1]]);
    let made = || {
        let info = order(&server, &["INFO", "stats"]);
        let count = info.lines().find_map(|line| line.strip_prefix("total_connections_received:"));
        count.and_then(|count| count.parse::<u32>().ok()).expect("a number")
    };
    // Of which one is made for the order.
    let before = made() + 1;
    for _ in 0..50 {
        guest.fail("/hit").await;
    }
    let made = made() - before;
    assert!(made < 10, "{made} connections for 50 writes");
}

/// As the names of hosted servers do, which are another server's after a failover, while connections stay where they are.
#[tokio::test]
async fn an_address_that_leads_to_another_master_is_followed() {
    let servers = [(); 2].map(|()| Redis::with(&["--repl-diskless-sync-delay", "0"]).expect("a server"));
    let ports = servers.each_ref().map(|server| server.port().to_string());
    let proxy = Proxy::to(servers[0].port()).await;
    let mut guest = Guest::over(RedisStore::connect(proxy.instead_of(&servers[0].url())).await.expect("a connection"));
    let (mut master, mut replica) = (0, 1);
    for hits in 1..5 {
        // Not more than once a second.
        let found = until("the master is found", async || {
            let answer = guest.get("/hit").await;
            (answer.status == StatusCode::OK).then_some(answer)
        });
        assert_eq!(found.await.text(), format!("{hits} hits of nobody"));
        order(&servers[replica], &["REPLICAOF", "127.0.0.1", &ports[master]]);
        until("the replica has everything", async || {
            order(&servers[replica], &["INFO", "replication"]).contains("master_link_status:up").then_some(())
        })
        .await;
        order(&servers[replica], &["REPLICAOF", "NO", "ONE"]);
        order(&servers[master], &["REPLICAOF", NOBODY[0], NOBODY[1]]);
        (master, replica) = (replica, master);
        proxy.lead_to(servers[master].port());
    }
}
