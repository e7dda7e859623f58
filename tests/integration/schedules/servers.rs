//! Stores on servers, and in a file. All schedules share a connection to Redis, which lives in a runtime of its own: each test has another.
//! Those of a test share a pool, for as long as the one thread of its runtime.

use std::sync::LazyLock;
use std::thread;

use redis::Client;
use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use session_runtime::store::{SqlDatabase, SqlStore};
use session_runtime::{Clock, PostgresStore, RedisConnection, RedisStore, SqliteStore};
use session_servers::given;
use session_tests::{new_file, prefix};
use sqlx::Pool;
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

/// A store in a file.
pub(super) fn sqlite(clock: &Clock) -> SqliteStore {
    thread_local! {
        static STORE: SqliteStore = {
            let file = new_file().display().to_string();
            let made = elsewhere(async { SqliteStore::connect(&file).await?.table(TABLE).migrate().await });
            made.expect("a table");
            pooled(&format!("sqlite:{file}"))
        };
    }
    STORE.with(|store| store.clone().clock(clock.clone()))
}

/// A store in a table.
pub(super) fn postgres(clock: &Clock) -> PostgresStore {
    thread_local! {
        static STORE: PostgresStore = {
            let url = given::postgres();
            let made = elsewhere(async { PostgresStore::connect(&url).await?.table(TABLE).migrate().await });
            made.expect("a table");
            pooled(&url)
        };
    }
    STORE.with(|store| store.clone().clock(clock.clone()))
}

const TABLE: &str = "session_tests_schedules";

fn pooled<DB: SqlDatabase>(url: &str) -> SqlStore<DB> {
    SqlStore::new(Pool::connect_lazy(url).expect("a URL")).table(TABLE)
}

fn elsewhere<F: Future<Output: Send> + Send>(future: F) -> F::Output {
    static ELSEWHERE: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    let answer = thread::scope(|scope| scope.spawn(|| ELSEWHERE.block_on(future)).join());
    answer.expect("an answer")
}
