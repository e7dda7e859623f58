//! The users that the docs tell operators to create: who may do what they say does all that a store does, and no more.

use redis::aio::MultiplexedConnection;
use redis::{Cmd, Value};
use session_runtime::conformance::{Subject, check};
use session_runtime::{RedisStore, SessionStore as _, StoreError, StoreKey};
use session_servers::{Cluster, Redis, Sentinels};

use crate::support::{PREFIX, allow, as_user, name_of, until};

/// What every user needs.
const SESSIONS: &str = "+fcall +function|load +evalsha +eval +hgetall +hget +hmget +hset +hdel +hkeys +hexists +exists +del \
                        +rename +pexpireat +zadd +zrem +zscore +zcard +zrange +zremrangebyscore +ping";
const NEAR: &str = "+client|tracking";
const REPLICAS: &str = "+wait";
const CLUSTER: &str = "+cluster|slots +asking";
const SENTINEL: &str = "+role";
const DATABASE: &str = "+select";

/// Makes the user, with the keys of the prefix.
fn shop<'a>(servers: impl IntoIterator<Item = &'a Redis>, more: &[&str]) {
    let rules = [&[&*format!("~{PREFIX}*"), SESSIONS], more].concat().join(" ");
    servers.into_iter().for_each(|server| allow(server, "shop", &rules));
}

/// Runs the whole suite over these stores, and over those with a near cache too: nothing that they ask is refused.
fn conforms<'a, F>(servers: impl IntoIterator<Item = &'a Redis>, connect: impl Fn() -> F + Clone + 'static)
where
    F: Future<Output = Result<RedisStore, StoreError>> + 'static,
{
    for near in [false, true] {
        let connect = connect.clone();
        let subject = Subject::with_clock(move |clock| {
            let connected = connect();
            async move {
                let store = connected.await.unwrap().clock(clock).key_prefix(PREFIX);
                if near { store.near_cache(100) } else { store }
            }
        });
        let report = check(&subject);
        assert!(report.is_clean(), "{report}");
    }
    servers.into_iter().for_each(nothing_was_refused);
}

/// But for the name of the client's library, which newer servers are told, and which is nobody's concern.
fn nothing_was_refused(server: &Redis) {
    let log = server.command(&["ACL", "LOG"]).unwrap();
    let mut refused: Vec<String> = log.list().iter().map(|entry| entry.texts().join(" ")).collect();
    refused.retain(|entry| !entry.contains("client|setinfo"));
    assert_eq!(refused, [""; 0]);
}

#[test]
fn of_one_server() {
    let redis = Redis::start().unwrap();
    shop([&redis], &[NEAR]);
    let url = as_user("shop", &redis.url());
    conforms([&redis], move || RedisStore::connect(url.clone()));
}

#[test]
fn of_a_database_that_is_not_the_first() {
    let redis = Redis::start().unwrap();
    shop([&redis], &[NEAR, DATABASE]);
    let url = format!("{}/1", as_user("shop", &redis.url()));
    conforms([&redis], move || RedisStore::connect(url.clone()));
}

#[tokio::test]
async fn of_a_server_whose_replicas_are_waited_for() {
    let master = Redis::with(&["--repl-diskless-sync-delay", "0"]).unwrap();
    let replica = Redis::with(&["--replicaof", &format!("127.0.0.1 {}", master.port())]).unwrap();
    until("the replica follows", async || {
        let info = replica.command(&["INFO", "replication"]).unwrap().text();
        info.contains("master_link_status:up").then_some(())
    })
    .await;
    shop([&master], &[NEAR, REPLICAS]);
    let url = as_user("shop", &master.url());
    let suite = move || {
        conforms([&master], move || {
            let connecting = RedisStore::connect(url.clone());
            async { Ok(connecting.await?.replicas(1)) }
        });
    };
    tokio::task::spawn_blocking(suite).await.unwrap();
}

#[test]
fn of_a_master_that_sentinels_know() {
    let sentinels = Sentinels::start().unwrap();
    shop(sentinels.nodes(), &[NEAR, SENTINEL]);
    let (urls, master) = (sentinels.urls(), as_user("shop", &format!("redis://{}", sentinels.master_name())));
    conforms(sentinels.nodes(), move || {
        let (urls, master) = (urls.clone(), master.clone());
        async move { RedisStore::connect_sentinel(urls, &master).await }
    });
}

#[test]
fn of_a_cluster() {
    let cluster = Cluster::start().unwrap();
    let urls = of_all(&cluster);
    conforms(cluster.nodes(), move || RedisStore::connect_cluster(urls.clone()));
}

/// Makes the user at all nodes, and tells where that user finds them.
fn of_all(cluster: &Cluster) -> Vec<String> {
    shop(cluster.nodes(), &[NEAR, CLUSTER]);
    cluster.urls().iter().map(|url| as_user("shop", url)).collect()
}

#[tokio::test]
async fn of_a_cluster_one_of_whose_slots_is_on_its_way() {
    let cluster = Cluster::start().unwrap();
    let store = RedisStore::connect_cluster(of_all(&cluster)).await.unwrap().key_prefix(PREFIX);
    let key = StoreKey::from_bytes([7; 32]);
    let from = cluster.master_of(&name_of(&key)).unwrap();
    let [from, to] = [from, (from + 1) % 3].map(|index| &cluster.nodes()[index]);
    let order = |node: &Redis, words: &[&str]| node.command(words).unwrap().text();
    let slot = order(from, &["CLUSTER", "KEYSLOT", &name_of(&key)]);
    let [from_id, to_id] = [from, to].map(|node| order(node, &["CLUSTER", "MYID"]));
    order(to, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]);
    order(from, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]);
    assert!(store.load(&key, None).await.unwrap().is_none());
    assert!(order(to, &["INFO", "commandstats"]).contains("cmdstat_asking:"));
    cluster.nodes().iter().for_each(nothing_was_refused);
}

#[tokio::test]
async fn whoever_has_them_is_kept_from_everything_else() {
    let redis = Redis::start().unwrap();
    shop([&redis], &[NEAR, REPLICAS, CLUSTER, SENTINEL, DATABASE]);
    redis.command(&["HSET", "other", "name", "Ada"]).unwrap();
    let client = redis::Client::open(as_user("shop", &redis.url())).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    for order in [
        "FLUSHALL",
        "FLUSHDB",
        "SWAPDB 0 1",
        "KEYS *",
        "SCAN 0",
        "CLIENT KILL TYPE normal",
        "CLIENT PAUSE 60000",
        "CLIENT LIST",
        "SCRIPT FLUSH",
        "FUNCTION FLUSH",
        "FUNCTION DUMP",
        "CONFIG GET *",
        "CLUSTER FAILOVER",
        "ACL LIST",
        "MONITOR",
        "SHUTDOWN",
        "HGETALL other",
        "DEL other",
        "RENAME my-shop:ours other",
        "FCALL s1g 1 other",
        "EVAL return\u{a0}redis.call('DEL','other') 0",
    ] {
        let words = order.split(' ').map(|word| word.replace('\u{a0}', " "));
        let error = said(&connection, words.collect()).await.unwrap_err();
        let is_refused = error.code() == Some("NOPERM") || error.to_string().contains(REFUSED_WITHIN_A_SCRIPT);
        assert!(is_refused, "{order}: {error}");
    }
    assert_eq!(redis.command(&["HGET", "other", "name"]).unwrap().text(), "Ada");
}

const REFUSED_WITHIN_A_SCRIPT: &str = "executing the script can't access";

async fn said(connection: &MultiplexedConnection, words: Vec<String>) -> redis::RedisResult<Value> {
    let (name, arguments) = words.split_first().unwrap();
    let mut command = Cmd::new();
    command.arg(name).arg(arguments);
    command.query_async(&mut connection.clone()).await
}
