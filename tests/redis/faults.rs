//! Servers that end, hang, are full or misled, and networks that lose answers, under the real layer: nothing is done twice, what was answered
//! holds, nobody waits for longer than the layer allows, and all goes on by itself.

mod cancelled;
mod cluster;
mod connect;
mod cut;
mod foreign;
mod full;
mod herd;
mod killed;
mod paused;
mod read_only;
mod replicas;
mod sentinels;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use session_runtime::RedisStore;
use session_servers::Redis;

use crate::support::{Guest, in_time};

/// A server of the test's own, and the application over it.
async fn started() -> (Redis, Guest) {
    let server = Redis::start().expect("a server");
    let guest = Guest::over(connected(&server).await);
    (server, guest)
}

async fn connected(server: &Redis) -> RedisStore {
    RedisStore::connect(server.url()).await.expect("a connection")
}

/// Gives a server an order that it has to carry out.
fn order(server: &Redis, words: &[&str]) -> String {
    server.command(words).expect("an answer").text()
}

/// Hits until that is served: how long it took, and how many requests were 503, each of them within the limit,
/// which is one for its load and one for its commit.
async fn until_served(guest: &mut Guest, limit: Duration) -> (Duration, u32) {
    let (began, mut failed) = (Instant::now(), 0);
    loop {
        let answer = in_time(2 * limit, guest.get("/hit")).await;
        if answer.status == StatusCode::OK {
            return (began.elapsed(), failed);
        }
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        assert!(began.elapsed() < Duration::from_secs(30), "requests are not served again: {}", answer.text());
        failed += 1;
    }
}

/// How many hits an answer shows.
fn hits_of(seen: &str) -> u32 {
    let (hits, _) = seen.split_once(' ').expect("an account");
    hits.parse().expect("a number")
}
