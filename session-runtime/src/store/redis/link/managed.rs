//! A connection to one server, made anew when it breaks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::sentinel::{Sentinel, SentinelNodeConnectionInfo};
use redis::{AsyncConnectionConfig, Client, Cmd, Pipeline, RedisError, RedisResult, Value};
use tokio::sync::watch;
use tokio::time::timeout;

use super::failure::{is_broken, is_read_only, is_unknown_function};
use super::pulse::Pulse;
use super::wire::checked;
use crate::store::redis::library::library;

/// Where the server is.
#[derive(Clone)]
pub(in crate::store::redis) enum Source {
    At(Client),
    /// Where these say that the master is.
    Sentinels {
        sentinels: Arc<tokio::sync::Mutex<Sentinel>>,
        master: String,
        node: SentinelNodeConnectionInfo,
    },
}

impl Source {
    async fn server(&self) -> RedisResult<Client> {
        match self {
            Self::At(client) => Ok(client.clone()),
            Self::Sentinels { sentinels, master, node } => {
                sentinels.lock().await.async_master_for(master, Some(node)).await
            }
        }
    }
}

/// One connection that all requests share. A request that finds it broken, or its server no longer the master, connects anew and asks once
/// more: what was done already is not done again, since every function knows a repeated call.
#[derive(Clone)]
pub(in crate::store::redis) struct Managed(Arc<Shared>);

struct Shared {
    source: Source,
    live: Mutex<Live>,
    /// The attempt to connect that is under way.
    attempt: Mutex<Option<Attempt>>,
}

/// What comes of an attempt, once it is over. All who wait for it share it, and none of them takes it away who goes.
type Attempt = watch::Receiver<Option<RedisResult<()>>>;

#[derive(Default)]
struct Live {
    connection: Option<MultiplexedConnection>,
    /// What it was made by.
    server: Option<Client>,
    /// When one was last given up because its server was a replica.
    left_replica: Option<Instant>,
    /// Counts connections, so that one that broke is not taken for the one after it.
    count: u64,
    pulse: Pulse,
}

/// A call on its way over a connection.
struct Call<'a> {
    server: &'a Managed,
    count: u64,
    is_answered: bool,
}

impl Managed {
    pub(in crate::store::redis) fn new(source: Source) -> Self {
        Self(Arc::new(Shared { source, live: Mutex::default(), attempt: Mutex::default() }))
    }

    /// The same server, over another connection.
    pub(super) fn another(&self) -> Self {
        Self::new(self.0.source.clone())
    }

    /// The server that it is connected to, and which connection that is.
    ///
    /// # Errors
    ///
    /// Where it cannot be connected.
    pub(in crate::store::redis) async fn server(&self) -> RedisResult<(Client, u64)> {
        // A connection that has ended is found out.
        self.send(&redis::cmd("PING")).await?;
        let live = self.live();
        live.server.clone().map(|server| (server, live.count)).ok_or_else(no_server)
    }

    /// Counts its connections: each may be to another server.
    pub(in crate::store::redis) fn count(&self) -> u64 {
        self.live().count
    }

    pub(in crate::store::redis) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        self.over(|mut connection| async move { checked(connection.send_packed_command(command).await?) }).await
    }

    /// Sends two commands together; an error in answer to the first is one of both.
    pub(super) async fn send_both(&self, both: &Pipeline) -> RedisResult<Vec<Value>> {
        self.send_after(both, 0).await
    }

    /// Sends commands together, of which so many are in front of the one that counts: its answer, and those after it.
    pub(super) async fn send_after(&self, all: &Pipeline, before: usize) -> RedisResult<Vec<Value>> {
        self.over(|mut connection| async move {
            let answers = connection.send_packed_commands(all, before, all.len() - before).await?;
            match answers.first() {
                Some(Value::ServerError(error)) => Err(error.clone().into()),
                _ => Ok(answers),
            }
        })
        .await
    }

    /// Makes a call over the connection, and once more over another where that one was given up for it.
    async fn over<T, F>(&self, call: impl Fn(MultiplexedConnection) -> F) -> RedisResult<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let (connection, first) = self.begin().await?;
        let (answer, is_given_up) = first.come_to(taught(connection, &call).await);
        if !is_given_up {
            return answer;
        }
        let again = async {
            let (connection, second) = self.begin().await?;
            second.come_to(taught(connection, &call).await).0
        };
        Box::pin(again).await
    }

    /// The connection, for one call.
    async fn begin(&self) -> RedisResult<(MultiplexedConnection, Call<'_>)> {
        loop {
            if let Some(begun) = self.begin_over(&mut self.live()) {
                return Ok(begun);
            }
            let mut attempt = self.attempt();
            // An attempt that ended with the runtime that it ran in says nothing.
            if let Ok(outcome) = attempt.wait_for(Option::is_some).await
                && let Some(Err(error)) = &*outcome
            {
                return Err(error.clone());
            }
        }
    }

    /// The attempt that is under way, or a new one.
    fn attempt(&self) -> Attempt {
        let mut current = self.0.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(attempt) if attempt.borrow().is_none() && attempt.has_changed().is_ok() => attempt.clone(),
            _ => {
                let (outcome, attempt) = watch::channel(None);
                let server = self.clone();
                tokio::spawn(async move {
                    let connected = timeout(PATIENCE, server.connect()).await;
                    outcome.send_replace(Some(connected.unwrap_or_else(|_| Err(no_server()))));
                });
                *current = Some(attempt.clone());
                attempt
            }
        }
    }

    async fn connect(&self) -> RedisResult<()> {
        let server = self.0.source.server().await?;
        let connection = server.get_multiplexed_async_connection_with_config(&configuration()).await?;
        let mut live = self.live();
        *live = Live {
            connection: Some(connection),
            server: Some(server),
            left_replica: live.left_replica,
            count: live.count + 1,
            pulse: Pulse::default(),
        };
        Ok(())
    }

    fn begin_over(&self, live: &mut Live) -> Option<(MultiplexedConnection, Call<'_>)> {
        let connection = live.connection.clone()?;
        live.pulse.asked(Instant::now());
        Some((connection, Call { server: self, count: live.count, is_answered: false }))
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call<'_> {
    /// Ends the call with this; whether the connection is given up for it.
    fn come_to<T>(mut self, answer: RedisResult<T>) -> (RedisResult<T>, bool) {
        self.is_answered = true;
        let mut live = self.server.live();
        if live.count != self.count {
            let is_given_up = answer.as_ref().is_err_and(is_broken);
            return (answer, is_given_up);
        }
        let now = Instant::now();
        live.pulse.answered(now);
        let is_given_up = match &answer {
            Err(error) if is_broken(error) => true,
            Err(error) if is_read_only(error) => live.leaves_replica(now),
            _ => false,
        };
        if is_given_up {
            live.connection = None;
        }
        (answer, is_given_up)
    }
}

impl Live {
    /// Whether to look for the master elsewhere: a server that stays a replica is asked for it, but not all the time.
    fn leaves_replica(&mut self, now: Instant) -> bool {
        let leaves = self.left_replica.is_none_or(|left| now.duration_since(left) >= RENEWAL);
        if leaves {
            self.left_replica = Some(now);
        }
        leaves
    }
}

impl Drop for Call<'_> {
    /// Nobody waits for the answer any more. A connection that answers nobody else either is not used again.
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let mut live = self.server.live();
        if live.count == self.count && live.pulse.gave_up(Instant::now()) && live.connection.take().is_some() {
            tracing::warn!("a connection to Redis answers nobody, the next request makes another");
        }
    }
}

/// Makes a call, and makes it again where the server had to be given the library first: it is new, or its functions were flushed.
async fn taught<T, F>(
    mut connection: MultiplexedConnection,
    call: &impl Fn(MultiplexedConnection) -> F,
) -> RedisResult<T>
where
    F: Future<Output = RedisResult<T>>,
{
    match call(connection.clone()).await {
        Err(error) if is_unknown_function(&error) => {
            let teach = async {
                checked(connection.send_packed_command(&library()).await?)?;
                call(connection).await
            };
            Box::pin(teach).await
        }
        answer => answer,
    }
}

/// How long connecting to one server may take.
pub(in crate::store::redis) const CONNECTING: Duration = Duration::from_secs(2);

/// How long finding the server and connecting to it may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a connection to a replica is kept at least.
const RENEWAL: Duration = Duration::from_secs(1);

/// How long a call may take is for the layer to say.
pub(in crate::store::redis) fn configuration() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_connection_timeout(Some(CONNECTING))
        .set_pipeline_buffer_size(1_024)
}

fn no_server() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::NotConnected).into()
}
