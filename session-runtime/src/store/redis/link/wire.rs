//! What a command goes over: connections of the store's own, or one of the application's.

use redis::aio::{ConnectionLike, ConnectionManager, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, SingleNodeRoutingInfo, SlotAddr};
use redis::{Cmd, Pipeline, RedisResult, Value};

use super::cluster::Cluster;
use super::managed::Managed;

/// For how long replicas may take to confirm a sign-out, in milliseconds.
const REPLICATION: u32 = 1_000;

/// A connection; a clone shares it.
#[derive(Clone)]
pub(in crate::store::redis) enum Wire {
    Server(Managed),
    Cluster(Cluster),
    TheirManager(ConnectionManager),
    TheirConnection(MultiplexedConnection),
    TheirCluster(ClusterConnection),
}

impl Wire {
    /// Whether two hashes may be on two servers.
    pub(in crate::store::redis) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_) | Self::TheirCluster(_))
    }

    /// Whether it is not the application's.
    pub(in crate::store::redis) fn is_our_own(&self) -> bool {
        matches!(self, Self::Server(_) | Self::Cluster(_))
    }

    /// Another connection to the same servers; the same one where it is the application's.
    pub(super) fn another(&self) -> Self {
        match self {
            Self::Server(managed) => Self::Server(managed.another()),
            Self::Cluster(cluster) => Self::Cluster(cluster.another()),
            theirs => theirs.clone(),
        }
    }

    /// Sends a command to the server of a hash.
    pub(in crate::store::redis) async fn send(&self, command: &Cmd, hash: &str) -> RedisResult<Value> {
        let answer = match self {
            Self::Server(managed) => return managed.send(command).await,
            Self::Cluster(cluster) => return cluster.send(command, hash).await,
            Self::TheirManager(manager) => manager.clone().send_packed_command(command).await?,
            Self::TheirConnection(connection) => connection.clone().send_packed_command(command).await?,
            Self::TheirCluster(cluster) => cluster.clone().req_packed_command(command).await?,
        };
        checked(answer)
    }

    /// Sends a command, and then waits until so many replicas have what this connection wrote: the answer, and how many have it. Nothing else that
    /// goes over the connection is answered meanwhile.
    pub(super) async fn send_and_wait(
        &self,
        command: &Cmd,
        hash: &str,
        replicas: usize,
    ) -> RedisResult<(Value, usize)> {
        let mut both = redis::pipe();
        both.add_command(command.clone()).cmd("WAIT").arg(replicas).arg(REPLICATION);
        let mut answers = self.send_both(both, hash).await?.into_iter();
        let answer = checked(answers.next().unwrap_or_default())?;
        let reached: usize = redis::from_redis_value(checked(answers.next().unwrap_or_default())?)?;
        Ok((answer, reached))
    }

    async fn send_both(&self, both: Pipeline, hash: &str) -> RedisResult<Vec<Value>> {
        match self {
            Self::Server(managed) => managed.send_both(&both).await,
            Self::Cluster(cluster) => cluster.send_both(&both, hash).await,
            Self::TheirManager(manager) => manager.clone().send_packed_commands(&both, 0, 2).await,
            Self::TheirConnection(connection) => connection.clone().send_packed_commands(&both, 0, 2).await,
            Self::TheirCluster(cluster) => {
                let master = SingleNodeRoutingInfo::SpecificNode(Route::with_key(hash, SlotAddr::Master));
                cluster.clone().route_pipeline(both, 0, 2, master).await
            }
        }
    }
}

/// An answer that is no error; what is within it is the business of who reads it.
pub(super) fn checked(answer: Value) -> RedisResult<Value> {
    match answer {
        Value::ServerError(error) => Err(error.into()),
        answer => Ok(answer),
    }
}
