//! Sentinels that put a replica in the place of a master that was killed.

use std::net::SocketAddr;
use std::time::Duration;

use session_runtime::RedisStore;
use session_servers::{Redis, Sentinels};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{order, until_served};
use crate::support::{Guest, name_of, until};

const LIMIT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn sessions_follow_the_master() {
    let sentinels = Sentinels::start().expect("sentinels");
    let [old, new] = sentinels.nodes() else { panic!("a master and a replica") };
    let store = RedisStore::connect_sentinel(sentinels.urls(), sentinels.master_name()).await.expect("a master");
    let mut guest = Guest::patient_for(store, LIMIT);
    guest.see("/sign-in/7").await;
    guest.see("/hit").await;
    replicated(old);

    old.kill().expect("killed");
    let (gap, failed) = until_served(&mut guest, LIMIT).await;
    println!("the gap was {gap:?}, with {failed} requests that were 503");
    assert!(failed > 0, "a master that is gone is missed");
    assert_eq!(guest.see("/read").await, "2 hits of 7", "nothing is lost that the replica had");

    old.restart().expect("restarted");
    let mut hits = 2;
    until("the old master is a replica", async || {
        hits += 1;
        assert_eq!(guest.see("/hit").await, format!("{hits} hits of 7"));
        sentinels.master().expect("sentinels").is_some_and(|master| master == 1).then_some(())?;
        // It closes connections when it becomes one.
        let info = old.command(&["INFO", "replication"]).ok()?;
        info.text().contains("master_link_status:up").then_some(())
    })
    .await;
    for server in [old, new] {
        let ran = order(server, &["INFO", "commandstats"]).contains("cmdstat_fcall:");
        assert_eq!(ran, std::ptr::eq(server, new), "only the new master is called");
    }
}

/// A store made while the old master is back, and does not know yet that it is one no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_made_after_it_asks_the_sentinels() {
    let sentinels = Sentinels::start().expect("sentinels");
    let connect = async || RedisStore::connect_sentinel(sentinels.urls(), sentinels.master_name()).await;
    sentinels.nodes()[0].kill().expect("killed");
    until("the replica is the master", async || (sentinels.master().expect("sentinels") == Some(1)).then_some(()))
        .await;
    sentinels.nodes()[0].restart().expect("restarted");
    for _ in 0..20 {
        let mut guest = Guest::over(connect().await.expect("a master"));
        assert_eq!(guest.see("/hit").await, "1 hits of nobody");
    }
}

/// Nobody is killed: the old master lives on as a replica, and what was connected to it may still be.
#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_is_followed() {
    let sentinels = Sentinels::start().expect("sentinels");
    let store = RedisStore::connect_sentinel(sentinels.urls(), sentinels.master_name()).await.expect("a master");
    let mut guest = Guest::patient_for(store, LIMIT);
    guest.see("/sign-in/7").await;
    replicated(&sentinels.nodes()[0]);
    order(&sentinels.sentinels()[0], &["SENTINEL", "FAILOVER", sentinels.master_name()]);
    let mut failed = 0;
    until("the replica is the master", async || {
        let (_, more) = until_served(&mut guest, LIMIT).await;
        failed += more;
        (sentinels.master().expect("sentinels") == Some(1)).then_some(())
    })
    .await;
    sentinels.wait().expect("one master");
    until_served(&mut guest, LIMIT).await;
    println!("{failed} requests were 503");
    let seen = guest.see("/hit").await;
    assert!(seen.ends_with(" hits of 7"), "{seen}");
    assert_eq!(order(&sentinels.nodes()[1], &["EXISTS", &name_of(&guest.key())]), "1");
}

/// One sentinel is enough to find the master.
#[tokio::test(flavor = "multi_thread")]
async fn one_sentinel_is_enough() {
    let sentinels = Sentinels::start().expect("sentinels");
    let store = RedisStore::connect_sentinel(sentinels.urls(), sentinels.master_name()).await.expect("a master");
    let mut guest = Guest::over(store);
    guest.see("/hit").await;
    for sentinel in &sentinels.sentinels()[..2] {
        sentinel.kill().expect("killed");
    }
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
    order(&sentinels.nodes()[0], &["CLIENT", "KILL", "TYPE", "normal"]);
    assert_eq!(guest.see("/hit").await, "3 hits of nobody", "a connection that broke is made anew");
    RedisStore::connect_sentinel(sentinels.urls(), sentinels.master_name()).await.expect("a master");
}

/// Hosts that are away make connecting slow: what one request waited for, the next finds done.
#[tokio::test]
async fn requests_of_little_patience_connect_though_sentinels_are_away() {
    let sentinels = Sentinels::start().expect("sentinels");
    let away = [Away::new().await, Away::new().await];
    let urls: Vec<_> = away.iter().map(|away| away.url.clone()).chain(sentinels.urls()).collect();
    let store = RedisStore::connect_sentinel(urls, sentinels.master_name()).await.expect("a master");
    let mut guest = Guest::patient_for(store, Duration::from_millis(500));
    guest.see("/hit").await;
    order(&sentinels.nodes()[0], &["CLIENT", "KILL", "TYPE", "normal"]);
    let (gap, failed) = until_served(&mut guest, LIMIT).await;
    println!("the gap was {gap:?}, with {failed} requests that were 503");
}

/// An address where connections are neither made nor refused.
struct Away {
    url: String,
    _full: (TcpListener, Vec<TcpStream>),
}

impl Away {
    /// A listener whose queue is full.
    async fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        let listener = socket.listen(0).expect("a listener");
        let (address, mut queue) = (listener.local_addr().expect("an address"), Vec::new());
        while let Ok(Ok(stream)) = timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
            queue.push(stream);
        }
        Self { url: format!("redis://{address}"), _full: (listener, queue) }
    }
}

/// Waits until the replica has what its master has.
fn replicated(master: &Redis) {
    let mut connection = master.connect().expect("a connection");
    connection.command(&["SET", "mark", "here"]).expect("an answer");
    assert_eq!(connection.command(&["WAIT", "1", "10000"]).expect("an answer").text(), "1");
}
