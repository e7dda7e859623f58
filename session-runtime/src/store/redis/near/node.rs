//! One master, and the tracked connection to it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{Client, ConnectionInfo, ProtocolVersion, PushInfo, PushKind, RedisResult};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::cache::Cache;
use crate::error::Chain;
use crate::store::redis::link::{Link, Source, configuration};

/// What a node connects to.
pub(super) enum Master {
    /// The one that this leads to now.
    Of(Arc<Source>),
    /// This server of a cluster.
    At(Box<ConnectionInfo>),
}

/// Connects, watches over the connection, and connects again, until it is dropped.
pub(super) struct Node {
    place: Arc<Place>,
    task: JoinHandle<()>,
}

/// Where the connection is found, while there is one.
#[derive(Default)]
struct Place(Mutex<Option<Arc<Tracked>>>);

/// A connection whose server tells when something changes that was read over it.
pub(super) struct Tracked {
    number: u64,
    link: Link,
    since: Instant,
    /// The milliseconds from `since` to the last question that was answered.
    life: AtomicU64,
    end: Arc<End>,
}

/// The end of a connection, which its driver tells.
#[derive(Default)]
struct End {
    has_come: AtomicBool,
    told: Notify,
}

impl Node {
    pub(super) fn start(master: Master, cache: Arc<Cache>, max_age: Duration) -> Self {
        let place = Arc::new(Place::default());
        let task = tokio::spawn(keep(master, place.clone(), cache, max_age));
        Self { place, task }
    }

    pub(super) fn tracked(&self) -> Option<Arc<Tracked>> {
        self.place.get()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Place {
    fn get(&self) -> Option<Arc<Tracked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, tracked: Option<Arc<Tracked>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = tracked;
    }
}

impl Tracked {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Whether all that its server had to tell until so long ago has arrived.
    pub(super) fn is_alive(&self, max_age: Duration) -> bool {
        let life = Duration::from_millis(self.life.load(Ordering::Relaxed));
        !self.end.has_come.load(Ordering::Acquire) && self.since.elapsed().saturating_sub(life) <= max_age
    }

    /// Asks for a sign of life, which counts from when it was asked for.
    async fn ping(&self) -> RedisResult<()> {
        let asked = self.since.elapsed().as_millis();
        self.link.send(&redis::cmd("PING")).await?;
        self.life.store(u64::try_from(asked).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(())
    }

    /// Keeps it alive until it ends.
    async fn watch(&self, max_age: Duration) {
        loop {
            let ended = timeout(max_age / 4, self.end.told.notified()).await.is_ok();
            if ended || self.end.has_come.load(Ordering::Acquire) {
                return;
            }
            if !matches!(timeout(max_age, self.ping()).await, Ok(Ok(()))) {
                return;
            }
        }
    }
}

async fn keep(master: Master, place: Arc<Place>, cache: Arc<Cache>, max_age: Duration) {
    loop {
        match timeout(max_age, connect(&master, &cache)).await {
            Ok(Ok(tracked)) => {
                let tracked = Arc::new(tracked);
                place.set(Some(tracked.clone()));
                tracked.watch(max_age).await;
                place.set(None);
                tracing::debug!("a tracked connection to Redis ended, what it learned is forgotten");
            }
            Ok(Err(error)) => tracing::debug!(error = %Chain(&error), "no tracked connection to Redis"),
            Err(_) => tracing::debug!("no tracked connection to Redis: it does not answer"),
        }
        // A server that is away is asked again soon, not at once.
        tokio::time::sleep(max_age / 16).await;
    }
}

async fn connect(master: &Master, cache: &Arc<Cache>) -> RedisResult<Tracked> {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    let information = match master {
        Master::Of(source) => source.master().await?.get_connection_info().clone(),
        Master::At(information) => *information.clone(),
    };
    let settings = information.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(information.set_redis_settings(settings))?;
    let end = Arc::new(End::default());
    let config = configuration().set_push_sender(listener(cache.clone(), end.clone()));
    let since = Instant::now();
    let mut connection: MultiplexedConnection = client.get_multiplexed_async_connection_with_config(&config).await?;
    redis::cmd("CLIENT").arg("TRACKING").arg("ON").exec_async(&mut connection).await?;
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    Ok(Tracked { number, link: Link::Multiplexed(connection), since, life: AtomicU64::new(0), end })
}

/// What the driver of a connection calls, before it hands out any answer that came later.
fn listener(cache: Arc<Cache>, end: Arc<End>) -> impl Fn(PushInfo) -> Result<(), std::convert::Infallible> {
    move |push| {
        match push.kind {
            PushKind::Invalidate => cache.invalidate(&push.data),
            PushKind::Disconnection => {
                end.has_come.store(true, Ordering::Release);
                end.told.notify_one();
            }
            _ => {}
        }
        Ok(())
    }
}
