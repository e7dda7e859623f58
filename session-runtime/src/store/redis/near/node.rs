//! One master, and the tracked connection to it.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use redis::{Client, ConnectionInfo, ProtocolVersion, PushInfo, PushKind, RedisResult};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::cache::Cache;
use crate::store::redis::link::{CONNECTING, Link, Managed, Wire, configuration};

/// What a node connects to.
#[derive(Clone)]
pub(super) enum Master {
    /// The server that this leads to: if it connects anew, that may be another one.
    Of(Managed),
    /// This server of a cluster.
    At(Box<ConnectionInfo>),
}

impl Master {
    /// Counts how often it may have become another server.
    fn count(&self) -> u64 {
        match self {
            Self::Of(server) => server.count(),
            Self::At(_) => 0,
        }
    }
}

/// Connects, watches over the connection, and connects again, until it is dropped.
pub(super) struct Node {
    keeper: Keeper,
    task: Mutex<JoinHandle<()>>,
}

/// What the task works with.
#[derive(Clone)]
struct Keeper {
    master: Master,
    place: Arc<Place>,
    cache: Arc<Cache>,
    max_age: Duration,
}

/// Where the connection is found, while there is one.
#[derive(Default)]
struct Place(Mutex<Option<Arc<Tracked>>>);

/// A connection whose server tells when something changes that was read over it.
pub(super) struct Tracked {
    number: u64,
    /// The master's count when it was made.
    count: u64,
    link: Link,
    since: Instant,
    /// The milliseconds from `since` to the last question that was answered.
    life: AtomicU64,
    /// Whether it has ended, as its driver or the one who watches over it tells.
    ended: Arc<watch::Sender<bool>>,
    /// A hash that was read over it.
    known: Mutex<Option<String>>,
}

impl Node {
    pub(super) fn start(master: Master, cache: Arc<Cache>, max_age: Duration) -> Self {
        let keeper = Keeper { master, place: Arc::default(), cache, max_age };
        Self { task: Mutex::new(tokio::spawn(keeper.clone().keep())), keeper }
    }

    /// The connection, if it leads to what is the master now.
    pub(super) fn tracked(&self) -> Option<Arc<Tracked>> {
        let tracked = self.keeper.place.get();
        if tracked.is_none() {
            self.revive();
        }
        tracked.filter(|tracked| tracked.count == self.keeper.master.count())
    }

    /// A task ends with the runtime that it ran in; there may be another.
    fn revive(&self) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.is_finished() {
            *task = tokio::spawn(self.keeper.clone().keep());
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.task.get_mut().unwrap_or_else(PoisonError::into_inner).abort();
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
        !*self.ended.borrow() && self.since.elapsed().saturating_sub(life) <= max_age
    }

    /// What a question over it comes to; nothing where it ends first.
    pub(super) async fn while_it_lasts<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        let mut ended = self.ended.subscribe();
        let (mut ends, mut answer) = (pin!(ended.wait_for(|ended| *ended)), pin!(answer));
        poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => ends.as_mut().poll(context).map(|_| None),
        })
        .await
    }

    /// Notes what is read over it.
    pub(super) fn reads(&self, hash: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        hash.clone_into(known.get_or_insert_default());
    }

    /// Asks for a sign of life, which counts from when it was asked for; whether there is one. Of a cluster, only the master gives it to which
    /// the others listen: a node that they do not, or that is a replica by now, does not tell whether a hash is there.
    async fn ping(&self, master: &Master) -> bool {
        let asked = self.since.elapsed().as_millis();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let question = match (master, known) {
            (Master::At(_), Some(hash)) => redis::Cmd::exists(hash),
            (Master::At(_), None) | (Master::Of(_), _) => redis::cmd("PING"),
        };
        let is_alive = self.link.wire().send(&question, "").await.is_ok();
        if is_alive {
            self.life.store(u64::try_from(asked).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        is_alive
    }

    /// Keeps it alive until it ends, or shows no life, or leads to what is no longer the master.
    async fn watch(&self, master: &Master, max_age: Duration) {
        let pause = max_age / 4;
        while self.while_it_lasts(tokio::time::sleep(pause)).await.is_some() && self.count == master.count() {
            if !timeout(pause, self.ping(master)).await.unwrap_or(false) {
                break;
            }
        }
        self.ended.send_replace(true);
    }
}

/// Empties the place, however the task ends.
struct Vacating<'a>(&'a Place);

impl Drop for Vacating<'_> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl Keeper {
    async fn keep(self) {
        let _vacating = Vacating(&self.place);
        let mut works = true;
        loop {
            match timeout(self.max_age.max(CONNECTING), connect(&self.master, &self.cache)).await {
                Ok(Ok(tracked)) => {
                    works = true;
                    let tracked = Arc::new(tracked);
                    self.place.set(Some(tracked.clone()));
                    tracked.watch(&self.master, self.max_age).await;
                    self.place.set(None);
                    tracing::debug!("a tracked connection to Redis ended, what it learned is forgotten");
                }
                failed => {
                    let error = failed.ok().and_then(Result::err);
                    let error = error.map_or_else(|| "no answer".to_owned(), |error| error.to_string());
                    if std::mem::take(&mut works) {
                        tracing::warn!(
                            error,
                            "no connection that Redis tracks: each session is read from Redis until there is one"
                        );
                    }
                }
            }
            // A server that is away is asked again soon, not at once.
            tokio::time::sleep((self.max_age / 16).max(Duration::from_millis(50))).await;
        }
    }
}

async fn connect(master: &Master, cache: &Arc<Cache>) -> RedisResult<Tracked> {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    let (information, count) = match master {
        Master::Of(server) => {
            let (server, count) = server.server().await?;
            (server.get_connection_info().clone(), count)
        }
        Master::At(information) => (*information.clone(), master.count()),
    };
    let settings = information.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(information.set_redis_settings(settings))?;
    let ended = Arc::new(watch::Sender::new(false));
    let config = configuration().set_push_sender(listener(cache.clone(), ended.clone()));
    let since = Instant::now();
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    redis::cmd("CLIENT").arg("TRACKING").arg("ON").exec_async(&mut connection).await?;
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    Ok(Tracked {
        number,
        count,
        link: Wire::TheirConnection(connection).into(),
        since,
        life: AtomicU64::new(0),
        ended,
        known: Mutex::default(),
    })
}

/// What the driver of a connection calls, before it hands out any answer that came later.
fn listener(cache: Arc<Cache>, ended: Arc<watch::Sender<bool>>) -> impl Fn(PushInfo) -> Result<(), Infallible> {
    move |push| {
        match push.kind {
            PushKind::Invalidate => cache.invalidate(&push.data),
            PushKind::Disconnection => {
                ended.send_replace(true);
            }
            _ => {}
        }
        Ok(())
    }
}
