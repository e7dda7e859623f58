//! Each way to reach Redis, at the servers of the environment, or at one of this process' own where it is a special one.

use std::sync::LazyLock;

use redis::Client;
use redis::cluster::ClusterClient;
use session_runtime::RedisStore;
use session_servers::{Redis, given};

use super::{allow, as_user};

/// One server.
pub(crate) async fn plain() -> RedisStore {
    RedisStore::connect(given::redis()).await.expect("a server")
}

/// One server that answers with maps where the older protocol has lists.
pub(crate) async fn resp3() -> RedisStore {
    let url = given::redis();
    let mark = if url.contains('?') { '&' } else { '?' };
    RedisStore::connect(format!("{url}{mark}protocol=resp3")).await.expect("a server")
}

/// One server, over TLS, with a password.
pub(crate) async fn tls() -> RedisStore {
    RedisStore::connect(given::redis_tls()).await.expect("a server with TLS")
}

/// A cluster.
pub(crate) async fn cluster() -> RedisStore {
    RedisStore::connect_cluster(given::redis_cluster()).await.expect("a cluster")
}

/// One server, with a cache in this process.
pub(crate) async fn near() -> RedisStore {
    plain().await.near_cache(1_000)
}

/// A cluster, with a cache in this process.
pub(crate) async fn near_cluster() -> RedisStore {
    cluster().await.near_cache(1_000)
}

/// The master that sentinels know.
pub(crate) async fn sentinels() -> RedisStore {
    let (sentinels, master) = given::redis_sentinels();
    RedisStore::connect_sentinel(sentinels, &master).await.expect("sentinels")
}

/// One server, as a user who may run scripts, and call no functions.
pub(crate) async fn by_scripts() -> RedisStore {
    static SERVER: LazyLock<Redis> = LazyLock::new(|| {
        let server = Redis::start().expect("a server");
        allow(&server, "scripts", SCRIPTS);
        server
    });
    RedisStore::connect(as_user("scripts", &SERVER.url())).await.expect("a server")
}

/// What a user needs for whom it is said in scripts, over keys of any prefix.
pub(crate) const SCRIPTS: &str = "~* +evalsha +eval +hgetall +hget +hmget +hset +hdel +hkeys +hexists +exists +del +rename \
                                   +pexpireat +zadd +zrem +zscore +zcard +zrange +zremrangebyscore +ping";

/// One server, over a connection of the application's own, which it makes anew when that breaks.
pub(crate) async fn own_manager() -> RedisStore {
    RedisStore::new(own_client().get_connection_manager().await.expect("a server"))
}

/// One server, over a connection of the application's own.
pub(crate) async fn own_connection() -> RedisStore {
    RedisStore::new(own_client().get_multiplexed_async_connection().await.expect("a server"))
}

/// A cluster, over connections of the application's own.
pub(crate) async fn own_cluster() -> RedisStore {
    let client = ClusterClient::new(given::redis_cluster()).expect("URLs");
    RedisStore::new(client.get_async_connection().await.expect("a cluster"))
}

fn own_client() -> Client {
    Client::open(given::redis()).expect("a URL")
}
