//! Stores on servers. All schedules share a connection, which lives in a runtime of its own: each test has another.

use std::sync::LazyLock;
use std::thread;

use redis::Client;
use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use session_runtime::{Clock, RedisConnection, RedisStore};
use session_servers::given;
use session_tests::prefix;
use tokio::runtime::Runtime;

/// A store in one server.
pub(super) fn redis(clock: &Clock) -> RedisStore {
    static CONNECTION: LazyLock<MultiplexedConnection> = LazyLock::new(|| {
        let client = Client::open(given::redis()).expect("a URL");
        elsewhere(client.get_multiplexed_async_connection()).expect("a server")
    });
    over(CONNECTION.clone(), clock)
}

/// A store in a cluster.
pub(super) fn cluster(clock: &Clock) -> RedisStore {
    static CONNECTION: LazyLock<ClusterConnection> = LazyLock::new(|| {
        let client = ClusterClient::new(given::redis_cluster()).expect("URLs");
        elsewhere(client.get_async_connection()).expect("a cluster")
    });
    over(CONNECTION.clone(), clock)
}

fn over(connection: impl Into<RedisConnection>, clock: &Clock) -> RedisStore {
    RedisStore::new(connection).clock(clock.clone()).key_prefix(prefix("schedules"))
}

fn elsewhere<F: Future<Output: Send> + Send>(future: F) -> F::Output {
    static ELSEWHERE: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    let answer = thread::scope(|scope| scope.spawn(|| ELSEWHERE.block_on(future)).join());
    answer.expect("an answer")
}
