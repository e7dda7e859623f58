//! How commands reach a server: over a connection of the store's own, or of the user's.

mod managed;

use redis::aio::{ConnectionLike, ConnectionManager, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, SingleNodeRoutingInfo, SlotAddr};
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value};

pub(super) use managed::{CONNECTING, Managed, Source, configuration};

use super::script::Script;

/// For how long replicas may take to confirm a sign-out, in milliseconds.
const REPLICATION: u32 = 1_000;

/// A connection; a clone shares it.
#[derive(Clone)]
pub(super) enum Link {
    Managed(Managed),
    Manager(ConnectionManager),
    Multiplexed(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Link {
    /// Whether two keys may be on two servers.
    pub(super) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Sends one command.
    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let answer = match self {
            Self::Managed(managed) => managed.send(command).await?,
            Self::Manager(manager) => manager.clone().send_packed_command(command).await?,
            Self::Multiplexed(connection) => connection.clone().send_packed_command(command).await?,
            Self::Cluster(cluster) => cluster.clone().req_packed_command(command).await?,
        };
        answer.extract_error()
    }

    /// Runs a script; in full where the server does not know it yet, or no more.
    pub(super) async fn run(&self, script: &Script, command: &Cmd) -> RedisResult<Value> {
        match self.send(command).await {
            Err(error) if is_unknown_script(&error) => self.send(&script.in_full(command)).await,
            answer => answer,
        }
    }

    /// As [`run`](Self::run), and then waits until so many replicas have what this connection wrote: the answer, and how many have it. Nothing
    /// else that goes over the connection is answered meanwhile.
    pub(super) async fn run_and_wait(
        &self,
        script: &Script,
        command: &Cmd,
        key: &str,
        replicas: usize,
    ) -> RedisResult<(Value, usize)> {
        match self.send_and_wait(command, key, replicas).await {
            Err(error) if is_unknown_script(&error) => {
                self.send_and_wait(&script.in_full(command), key, replicas).await
            }
            answer => answer,
        }
    }

    async fn send_and_wait(&self, command: &Cmd, key: &str, replicas: usize) -> RedisResult<(Value, usize)> {
        let mut both = redis::pipe();
        both.add_command(command.clone()).cmd("WAIT").arg(replicas).arg(REPLICATION);
        let mut answers = self.send_both(both, key).await?.into_iter();
        let answer = answers.next().unwrap_or_default().extract_error()?;
        let reached: usize = redis::from_redis_value(answers.next().unwrap_or_default().extract_error()?)?;
        Ok((answer, reached))
    }

    async fn send_both(&self, both: Pipeline, key: &str) -> RedisResult<Vec<Value>> {
        match self {
            Self::Managed(managed) => managed.send_both(&both).await,
            Self::Manager(manager) => manager.clone().send_packed_commands(&both, 0, 2).await,
            Self::Multiplexed(connection) => connection.clone().send_packed_commands(&both, 0, 2).await,
            Self::Cluster(cluster) => {
                let master = SingleNodeRoutingInfo::SpecificNode(Route::with_key(key, SlotAddr::Master));
                cluster.clone().route_pipeline(both, 0, 2, master).await
            }
        }
    }
}

fn is_unknown_script(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

/// Whether keys that one script was to work on are on two servers.
pub(super) fn is_cross_slot(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot)
}
