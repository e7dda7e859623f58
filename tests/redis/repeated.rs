//! Calls that reach a server twice, late, or as one that has forgotten every function or script: each is done once.

use std::collections::HashMap;
use std::time::Duration;

use redis::Client;
use redis::cluster::{ClusterClient, ClusterClientBuilder, NodeAddress};
use session_runtime::record::{Record, Stamp};
use session_runtime::store::{Inserted, Loaded, Removed, Touched, Update, Updated};
use session_runtime::{Clock, RedisStore, Roll, SessionId, SessionStore as _, StoreKey};
use session_servers::{Cluster, Redis};
use session_tests::{delta, prefix};

use crate::support::{Fault, PREFIX, Proxy, allow, as_user, name_of, until, ways};

const HOUR: Duration = Duration::from_hours(1);

fn record(clock: &Clock) -> Record {
    let now = clock.now();
    Record::new(now, now + HOUR).apply_stamped(&delta(&[("hits", b"1")]), Stamp::next()).at_version(1)
}

async fn there(store: &RedisStore, key: &StoreKey) -> Record {
    match store.load(key, None).await.unwrap() {
        Some(Loaded::Record { record, .. }) => record,
        other => panic!("a session, not {other:?}"),
    }
}

/// Makes each call there is to a session, and something happens before each of them.
async fn each_call(store: &RedisStore, [first, second]: [StoreKey; 2], before: impl AsyncFn()) {
    let record = record(&Clock::system());
    before().await;
    assert_eq!(store.insert(&first, &record).await.unwrap(), Inserted::Done);
    before().await;
    let roll = Roll { now: record.created(), idle: 2 * HOUR, threshold: Duration::ZERO, limit: None };
    let loaded = store.load(&first, Some(roll)).await.unwrap();
    assert!(matches!(&loaded, Some(Loaded::Record { .. })), "{loaded:?}");
    before().await;
    let add = delta(&[("hits", b"2")]);
    let updated = store.update(&first, &Update::new(&record, &add, Stamp::next())).await.unwrap();
    assert!(matches!(updated, Updated::Done), "{updated:?}");
    assert_eq!(there(store, &first).await.version(), 2, "done once");
    before().await;
    assert_eq!(store.touch(&first, record.expires() + 2 * HOUR).await.unwrap(), Touched::Done);
    before().await;
    let (base, add) = (there(store, &first).await, delta(&[("hits", b"3")]));
    before().await;
    let renamed = store.rename(&first, &second, &Update::new(&base, &add, Stamp::next()), None).await.unwrap();
    assert!(matches!(renamed, Updated::Done), "{renamed:?}");
    let moved = there(store, &second).await;
    assert_eq!((moved.version(), moved.get("hits")), (3, Some(&b"3"[..])), "done once");
    before().await;
    assert_eq!(store.remove(&second).await.unwrap(), Removed::Done);
    assert!(store.load(&second, None).await.unwrap().is_none());
}

/// Makes each call to servers that forget, before each of them, what this order says.
async fn to_the_forgetful(servers: &[Redis], store: RedisStore, keys: [StoreKey; 2], order: [&str; 2]) {
    let forget = async || servers.iter().for_each(|server| _ = server.command(&order));
    each_call(&store.key_prefix(PREFIX), keys, forget).await;
}

const FUNCTIONS: [&str; 2] = ["FUNCTION", "FLUSH"];
const SCRIPTS: [&str; 2] = ["SCRIPT", "FLUSH"];

#[tokio::test]
async fn functions_that_a_server_has_forgotten_are_given_to_it_again() {
    let redis = [Redis::start().unwrap()];
    let store = RedisStore::connect(redis[0].url()).await.unwrap();
    to_the_forgetful(&redis, store, keys(), FUNCTIONS).await;
    let connection = Client::open(redis[0].url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    to_the_forgetful(&redis, RedisStore::new(connection), keys(), FUNCTIONS).await;
}

/// Replicas have nothing but what their masters give them.
#[tokio::test]
async fn functions_that_a_cluster_has_forgotten_are_given_to_it_again() {
    let cluster = Cluster::start().unwrap();
    let masters = &cluster.nodes()[..3];
    let store = RedisStore::connect_cluster(cluster.urls()).await.unwrap().replicas(1);
    to_the_forgetful(masters, store, apart(&cluster), FUNCTIONS).await;
    let connection = ClusterClient::new(cluster.urls()).unwrap().get_async_connection().await.unwrap();
    to_the_forgetful(masters, RedisStore::new(connection).replicas(1), apart(&cluster), FUNCTIONS).await;
}

#[tokio::test]
async fn scripts_that_a_server_has_forgotten_are_sent_again() {
    let redis = [Redis::start().unwrap()];
    allow(&redis[0], "scripts", ways::SCRIPTS);
    let store = RedisStore::connect(as_user("scripts", &redis[0].url())).await.unwrap();
    to_the_forgetful(&redis, store, keys(), SCRIPTS).await;
}

#[tokio::test]
async fn scripts_that_a_cluster_has_forgotten_are_sent_again() {
    let cluster = Cluster::start().unwrap();
    let rules = format!("{} +cluster|slots +wait", ways::SCRIPTS);
    cluster.nodes().iter().for_each(|node| allow(node, "scripts", &rules));
    let urls = cluster.urls().into_iter().map(|url| as_user("scripts", &url));
    let store = RedisStore::connect_cluster(urls).await.unwrap().replicas(1);
    to_the_forgetful(&cluster.nodes()[..3], store, apart(&cluster), SCRIPTS).await;
}

#[tokio::test]
async fn functions_that_a_server_has_lost_with_its_data_are_given_to_it_again() {
    let redis = Redis::start().unwrap();
    is_restarted(&redis, RedisStore::connect(redis.url()).await.unwrap()).await;
    let manager = Client::open(redis.url()).unwrap().get_connection_manager().await.unwrap();
    is_restarted(&redis, RedisStore::new(manager)).await;
}

async fn is_restarted(redis: &Redis, store: RedisStore) {
    for _ in 0..3 {
        each_call(&store, keys(), async || ()).await;
        assert_eq!(redis.command(&["FUNCTION", "LIST"]).unwrap().list().len(), 1);
        redis.kill().unwrap();
        redis.restart().unwrap();
        assert_eq!(redis.command(&["FUNCTION", "LIST"]).unwrap().list().len(), 0);
        until("the connection is made anew", async || store.load(&keys()[0], None).await.ok()).await;
    }
}

/// Who may call functions, but give the server none, calls those that there are, and says it in scripts where there are none.
#[tokio::test]
async fn who_may_give_a_server_no_functions_goes_on_without() {
    let redis = Redis::start().unwrap();
    allow(&redis, "caller", &format!("{} +fcall", ways::SCRIPTS));
    let connect = async || RedisStore::connect(as_user("caller", &redis.url())).await.unwrap();
    let ran = |what: &str| redis.command(&["INFO", "commandstats"]).unwrap().text().contains(what);
    each_call(&connect().await, keys(), async || ()).await;
    assert!(ran("cmdstat_evalsha:"));
    RedisStore::connect(redis.url()).await.unwrap().load(&keys()[0], None).await.unwrap();
    redis.command(&["CONFIG", "RESETSTAT"]).unwrap();
    each_call(&connect().await, keys(), async || ()).await;
    assert!(!ran("cmdstat_eval"));
}

/// Two keys that nobody has used.
fn keys() -> [StoreKey; 2] {
    [(); 2].map(|()| SessionId::generate().unwrap().store_key())
}

/// The same, on two servers.
fn apart(cluster: &Cluster) -> [StoreKey; 2] {
    let master = |key: &StoreKey| cluster.master_of(&name_of(key)).unwrap();
    loop {
        let [first, second] = keys();
        if master(&first) != master(&second) {
            return [first, second];
        }
    }
}

/// The first answer of every server to each call is lost, after it has done what it was asked.
#[tokio::test]
async fn calls_whose_answers_a_cluster_loses_are_done_once() {
    let cluster = Cluster::start().unwrap();
    let mut proxies = Vec::new();
    let mut addresses = HashMap::new();
    for node in cluster.nodes() {
        let proxy = Proxy::to(node.port()).await;
        addresses.insert(address(&node.url()), address(&proxy.instead_of(&node.url())));
        proxies.push(proxy);
    }
    let client = ClusterClientBuilder::new(cluster.urls()).node_address_map(addresses).build().unwrap();
    let store = RedisStore::new(client.get_async_connection().await.unwrap()).key_prefix(PREFIX);
    let keys = apart(&cluster);
    let masters = keys.map(|key| cluster.master_of(&name_of(&key)).unwrap());
    let cut = async || masters.iter().for_each(|master| proxies[*master].set(Fault::CutOnce(0)));
    each_call(&store, keys, cut).await;
    assert!(masters.iter().all(|master| !proxies[*master].is_armed()));
}

fn address(url: &str) -> NodeAddress {
    let (_, port) = url.rsplit_once(':').unwrap();
    NodeAddress::new("127.0.0.1", port.parse().unwrap())
}

/// An insert that arrives once more when the session it made has ended.
async fn comes_late(store: RedisStore) {
    let clock = Clock::manual();
    let store = store.key_prefix(prefix("late")).clock(clock.clone());
    let (key, record) = (StoreKey::from_bytes([3; 32]), record(&clock));
    assert_eq!(store.insert(&key, &record).await.unwrap(), Inserted::Done);
    assert_eq!(store.insert(&key, &record).await.unwrap(), Inserted::Done, "it is there");
    assert_eq!(store.remove(&key).await.unwrap(), Removed::Done);
    clock.advance(Duration::from_millis(59_999));
    assert_eq!(store.insert(&key, &record).await.unwrap(), Inserted::Exists);
    assert!(store.load(&key, None).await.unwrap().is_none());
    assert_eq!(store.remove(&key).await.unwrap(), Removed::Missing);

    let another = self::record(&clock);
    assert_eq!(store.insert(&key, &another).await.unwrap(), Inserted::Done, "it is another session");
    assert_eq!(there(&store, &key).await.created(), another.created());
}

#[tokio::test]
async fn an_insert_that_comes_late_brings_no_session_back() {
    comes_late(ways::plain().await).await;
}

#[tokio::test]
async fn an_insert_that_comes_late_brings_no_session_back_in_a_cluster() {
    comes_late(ways::cluster().await).await;
}
