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

use std::time::Duration;

use redis::aio::{ConnectionManager, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::io::tcp::TcpSettings;
use redis::sentinel::{Sentinel, SentinelNodeConnectionInfo};
use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsMode};

use super::link::{CONNECTING, Link, Managed, Source};
use crate::error::StoreError;

/// A connection of the user's: what [`RedisStore::new`](super::RedisStore::new) takes.
pub struct RedisConnection(pub(super) Link);

impl From<ConnectionManager> for RedisConnection {
    fn from(manager: ConnectionManager) -> Self {
        Self(Link::Manager(manager))
    }
}

impl From<MultiplexedConnection> for RedisConnection {
    fn from(connection: MultiplexedConnection) -> Self {
        Self(Link::Multiplexed(connection))
    }
}

impl From<ClusterConnection> for RedisConnection {
    fn from(cluster: ClusterConnection) -> Self {
        Self(Link::Cluster(cluster))
    }
}

impl std::fmt::Debug for RedisConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisConnection").finish_non_exhaustive()
    }
}

/// How a connected store reaches its servers: what more connections are made of.
pub(super) enum Servers {
    Master(Managed),
    Cluster { client: Box<ClusterClient>, seeds: Vec<ConnectionInfo> },
}

/// One server.
pub(super) async fn node(url: &str) -> Result<Managed, StoreError> {
    let client = Client::open(information(url)?)?;
    connected(Source::Node(client)).await
}

/// The master that sentinels know by the name in the place of the host of `node`.
pub(super) async fn sentinel<U: AsRef<str>>(
    sentinels: impl IntoIterator<Item = U>,
    node: &str,
) -> Result<Managed, StoreError> {
    let sentinels = all(sentinels)?;
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
    let sentinels = tokio::sync::Mutex::new(Sentinel::build(sentinels)?);
    connected(Source::Sentinel { sentinels, master, node }).await
}

/// A cluster, found by any of its nodes.
pub(super) fn cluster<U: AsRef<str>>(nodes: impl IntoIterator<Item = U>) -> Result<Servers, StoreError> {
    let seeds = all(nodes)?;
    let client = ClusterClient::builder(seeds.clone())
        .tcp_settings(tcp_settings())
        .connection_timeout(CONNECTING)
        // Shorter than a layer's usual patience, so that a node which hangs is asked about elsewhere.
        .response_timeout(Duration::from_secs(2))
        .min_retry_wait(10)
        .max_retry_wait(250)
        .build()?;
    Ok(Servers::Cluster { client: client.into(), seeds })
}

async fn connected(source: Source) -> Result<Managed, StoreError> {
    let managed = Managed::new(source.into());
    managed.connect().await?;
    Ok(managed)
}

fn all<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Result<Vec<ConnectionInfo>, StoreError> {
    urls.into_iter().map(|url| information(url.as_ref())).collect()
}

/// What a URL says, and what it need not say.
fn information(url: &str) -> Result<ConnectionInfo, StoreError> {
    let information = url.into_connection_info()?;
    tls::prepare(information.addr())?;
    Ok(information.set_tcp_settings(tcp_settings()))
}

/// A server that no longer takes what it is sent is given up, not waited for.
fn tcp_settings() -> TcpSettings {
    tcp::patient_for(Duration::from_secs(10)).set_nodelay(true)
}

impl Servers {
    /// Another connection to them.
    pub(super) async fn link(&self) -> Result<Link, StoreError> {
        match self {
            Self::Master(managed) => Ok(Link::Managed(managed.another())),
            Self::Cluster { client, .. } => Ok(Link::Cluster(client.get_async_connection().await?)),
        }
    }
}
