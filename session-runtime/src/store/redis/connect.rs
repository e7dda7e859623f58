//! From URLs to a connection.

#[cfg(not(target_os = "linux"))]
#[path = "connect/no_user_timeout.rs"]
mod tcp;
#[cfg(target_os = "linux")]
#[path = "connect/user_timeout.rs"]
mod tcp;
#[cfg(not(feature = "redis_tls"))]
#[path = "connect/no_tls.rs"]
mod tls;
#[cfg(feature = "redis_tls")]
#[path = "connect/tls.rs"]
mod tls;

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::io::tcp::TcpSettings;
use redis::sentinel::{Sentinel, SentinelNodeConnectionInfo};
use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsMode, Value};
use tokio::time::timeout;

use super::error::{OF_A_CLUSTER, TOO_OLD, no_cluster, no_connection, no_url, silence};
use super::link::{CONNECTING, Cluster, Link, Managed, Source, Wire};
use crate::error::StoreError;

/// A connection of the application's: what [`RedisStore::new`](super::RedisStore::new) takes.
pub struct RedisConnection(pub(super) Link);

impl From<ConnectionManager> for RedisConnection {
    fn from(manager: ConnectionManager) -> Self {
        Self(Wire::TheirManager(manager).into())
    }
}

impl From<MultiplexedConnection> for RedisConnection {
    fn from(connection: MultiplexedConnection) -> Self {
        Self(Wire::TheirConnection(connection).into())
    }
}

impl From<ClusterConnection> for RedisConnection {
    fn from(cluster: ClusterConnection) -> Self {
        Self(Wire::TheirCluster(cluster).into())
    }
}

impl std::fmt::Debug for RedisConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisConnection").finish_non_exhaustive()
    }
}

/// One server.
pub(super) async fn server(url: &str) -> Result<Link, StoreError> {
    let client = Client::open(information(url)?).map_err(no_url)?;
    connected(Source::At(client)).await
}

/// The master that sentinels know by the name in the place of the host of `node`.
pub(super) async fn sentinel<U: AsRef<str>>(
    sentinels: impl IntoIterator<Item = U>,
    node: &str,
) -> Result<Link, StoreError> {
    let sentinels = nodes(sentinels)?;
    let url = if node.contains("://") { node.to_owned() } else { format!("redis://{node}") };
    let node = information(&url)?;
    let (master, tls) = match node.addr() {
        ConnectionAddr::Tcp(host, _) => (host.clone(), None),
        ConnectionAddr::TcpTls { host, insecure, .. } => {
            (host.clone(), Some(if *insecure { TlsMode::Insecure } else { TlsMode::Secure }))
        }
        _ => return Err(StoreError::rejected("the master behind sentinels is named by a URL like `redis://mymaster`")),
    };
    let settings = SentinelNodeConnectionInfo::default()
        .set_redis_connection_info(node.redis_settings().clone())
        .set_tcp_settings(node.tcp_settings().clone());
    let node = tls.into_iter().fold(settings, SentinelNodeConnectionInfo::set_tls_mode);
    let sentinels = Sentinel::build(sentinels).map_err(no_url)?;
    let sentinels = Arc::new(tokio::sync::Mutex::new(sentinels));
    connected(Source::Sentinels { sentinels, master, node }).await
}

/// A cluster, found by any of its nodes.
pub(super) async fn cluster<U: AsRef<str>>(nodes: impl IntoIterator<Item = U>) -> Result<Link, StoreError> {
    let cluster = Cluster::new(self::nodes(nodes)?);
    cluster.look().await.map_err(no_cluster)?;
    Ok(Wire::Cluster(cluster).into())
}

/// What answers is the kind of server that is asked for, or is told apart now rather than at the first request.
async fn connected(source: Source) -> Result<Link, StoreError> {
    let managed = Managed::new(source);
    match timeout(CONNECTING, managed.send(&redis::cmd("HELLO"))).await {
        Ok(Ok(answer)) => {
            judge(&answer)?;
            Ok(Wire::Server(managed).into())
        }
        Ok(Err(error)) => Err(no_connection(error)),
        Err(_) => Err(silence()),
    }
}

/// Refuses a server of another kind, or one that is too old, by what it says of itself.
fn judge(hello: &Value) -> Result<(), StoreError> {
    let fact = |name| text_after(name, hello);
    let advice = match fact("mode") {
        Some("cluster") => OF_A_CLUSTER,
        Some("sentinel") => "this server is a sentinel: use `RedisStore::connect_sentinel`",
        Some(_) if fact("version").is_some_and(is_too_old) => TOO_OLD,
        Some(_) => {
            if fact("role") == Some("replica") {
                tracing::warn!("this Redis server is a replica: sessions can be read there, and nothing else");
            }
            return Ok(());
        }
        None => "what answers at this URL is no Redis server",
    };
    Err(StoreError::rejected(advice))
}

fn is_too_old(version: &str) -> bool {
    version.split('.').next().and_then(|major| major.parse().ok()).is_some_and(|major: u32| major < 7)
}

/// A fact of the answer to `HELLO`: names and what they mean, in turn.
fn text_after<'a>(name: &str, answer: &'a Value) -> Option<&'a str> {
    let (flat, pairs) = match answer {
        Value::Array(flat) => (flat.as_slice(), [].as_slice()),
        Value::Map(pairs) => ([].as_slice(), pairs.as_slice()),
        _ => return None,
    };
    let flat = flat.chunks_exact(2).map(|pair| (&pair[0], &pair[1]));
    let mut all = flat.chain(pairs.iter().map(|(name, meaning)| (name, meaning)));
    all.find_map(|(known, meaning)| (text(known) == Some(name)).then(|| text(meaning))?)
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(text) => str::from_utf8(text).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// What the URLs of nodes say; there must be one.
fn nodes<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Result<Vec<ConnectionInfo>, StoreError> {
    let all: Vec<_> = urls.into_iter().map(|url| information(url.as_ref())).collect::<Result<_, _>>()?;
    if all.is_empty() {
        Err(StoreError::rejected("the list of URLs is empty: name at least one node"))
    } else {
        Ok(all)
    }
}

/// What a URL says, and what it need not say.
fn information(url: &str) -> Result<ConnectionInfo, StoreError> {
    tls::check(url)?;
    let information = url.into_connection_info().map_err(no_url)?;
    tls::prepare(information.addr());
    Ok(information.set_tcp_settings(tcp_settings()))
}

/// A server that no longer takes what it is sent is given up, not waited for.
fn tcp_settings() -> TcpSettings {
    tcp::patient_for(Duration::from_secs(10)).set_nodelay(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(mode: &str, version: &str) -> Result<(), String> {
        let text = |text: &str| Value::BulkString(text.into());
        let facts = [text("server"), text("redis"), text("version"), text(version), text("proto"), Value::Int(2)];
        let flat = Value::Array([&facts[..], &[text("mode"), text(mode), text("role"), text("master")]].concat());
        let cause = |error: StoreError| std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        judge(&flat).map_err(cause)
    }

    #[test]
    fn a_server_of_another_kind_or_age_is_told_apart() {
        assert_eq!(told("standalone", "7.0.15"), Ok(()));
        assert_eq!(told("standalone", "255.255.255"), Ok(()));
        for (mode, version, word) in [
            ("cluster", "7.0.15", "connect_cluster"),
            ("sentinel", "7.0.15", "connect_sentinel"),
            ("standalone", "6.2.14", "Redis 7"),
        ] {
            let told = told(mode, version).expect_err("another kind");
            assert!(told.contains(word), "{told}");
        }
    }
}
