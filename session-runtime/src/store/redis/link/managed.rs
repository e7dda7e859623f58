//! A connection to the master, made anew when it breaks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::sentinel::{Sentinel, SentinelNodeConnectionInfo};
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value};

/// Where the master is.
pub(in crate::store::redis) enum Source {
    Node(Client),
    Sentinel { sentinels: tokio::sync::Mutex<Sentinel>, master: String, node: SentinelNodeConnectionInfo },
}

impl Source {
    /// The master as it is known now.
    async fn master(&self) -> RedisResult<Client> {
        match self {
            Self::Node(client) => Ok(client.clone()),
            Self::Sentinel { sentinels, master, node } => {
                sentinels.lock().await.async_master_for(master, Some(node)).await
            }
        }
    }
}

/// One connection that all requests share. A request that finds it broken, or its server no longer the master, connects anew and asks once
/// more: what was done already is not done again, since every script tells a repeated call.
#[derive(Clone)]
pub(in crate::store::redis) struct Managed(Arc<Shared>);

struct Shared {
    source: Arc<Source>,
    live: Mutex<Live>,
    /// Held by the one that connects.
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Live {
    connection: Option<MultiplexedConnection>,
    /// Counts connections, so that one that broke is not taken for the one after it.
    count: u64,
}

impl Managed {
    pub(in crate::store::redis) fn new(source: Arc<Source>) -> Self {
        Self(Arc::new(Shared { source, live: Mutex::default(), connecting: tokio::sync::Mutex::default() }))
    }

    /// The same master, over another connection.
    pub(in crate::store::redis) fn another(&self) -> Self {
        Self::new(self.0.source.clone())
    }

    /// The master as it is known now.
    pub(in crate::store::redis) async fn master(&self) -> RedisResult<Client> {
        self.0.source.master().await
    }

    /// Counts its connections: each may be to another server.
    pub(in crate::store::redis) fn count(&self) -> u64 {
        self.live().count
    }

    /// Connects, if that was not done yet.
    pub(in crate::store::redis) async fn connect(&self) -> RedisResult<()> {
        self.connection().await.map(|_| ())
    }

    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        self.over(|mut connection| async move {
            connection.send_packed_command(command).await.and_then(Value::extract_error)
        })
        .await
    }

    /// Sends two commands together; an error in answer to the first is one of both.
    pub(super) async fn send_both(&self, both: &Pipeline) -> RedisResult<Vec<Value>> {
        self.over(|mut connection| async move {
            let answers = connection.send_packed_commands(both, 0, 2).await?;
            match answers.first() {
                Some(Value::ServerError(error)) => Err(error.clone().into()),
                _ => Ok(answers),
            }
        })
        .await
    }

    /// Makes a call over the connection, and once more over another where that one is broken.
    async fn over<T, F>(&self, call: impl Fn(MultiplexedConnection) -> F) -> RedisResult<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let (connection, count) = self.connection().await?;
        match call(connection).await {
            Err(error) if is_broken(&error) => self.forget(count),
            answer => return answer,
        }
        let (connection, count) = self.connection().await?;
        let answer = call(connection).await;
        if answer.as_ref().is_err_and(is_broken) {
            self.forget(count);
        }
        answer
    }

    /// The connection, and which one it is.
    async fn connection(&self) -> RedisResult<(MultiplexedConnection, u64)> {
        if let Some(connection) = self.live().get() {
            return Ok(connection);
        }
        let _connecting = self.0.connecting.lock().await;
        if let Some(connection) = self.live().get() {
            return Ok(connection);
        }
        let master = self.0.source.master().await?;
        let connection = master.get_multiplexed_async_connection_with_config(&configuration()).await?;
        Ok(self.live().put(connection))
    }

    fn forget(&self, count: u64) {
        let mut live = self.live();
        if live.count == count {
            live.connection = None;
        }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn get(&self) -> Option<(MultiplexedConnection, u64)> {
        Some((self.connection.clone()?, self.count))
    }

    fn put(&mut self, connection: MultiplexedConnection) -> (MultiplexedConnection, u64) {
        self.count += 1;
        self.connection = Some(connection.clone());
        (connection, self.count)
    }
}

/// How long connecting may take.
pub(in crate::store::redis) const CONNECTING: Duration = Duration::from_secs(2);

/// How long a call may take is for the layer to say.
pub(in crate::store::redis) fn configuration() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_connection_timeout(Some(CONNECTING))
        .set_pipeline_buffer_size(1_024)
}

/// Whether a call may succeed over another connection: this one is gone, or leads to what is no longer the master.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}
