//! A server, a store with a near cache, and a session that is kept there.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_runtime::record::{Delta, Record, Stamp};
use session_runtime::store::{Loaded, Update, Updated};
use session_runtime::{Clock, RedisStore, SessionId, SessionStore, StoreKey};
use session_servers::{Monitor, Redis};

/// An invalidation that takes longer is lost.
pub(super) const PROMISED: Duration = Duration::from_secs(2);
/// Servers that take longer have failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// By then servers have done what a failover takes, or given it up.
const GIVEN_UP: Duration = Duration::from_secs(8);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(2);

/// A store with a near cache over a server, which keeps one session: its number is 1.
pub(super) struct Stage {
    pub(super) store: RedisStore,
    pub(super) key: StoreKey,
    pub(super) watch: Watch,
    pub(super) server: Redis,
}

impl Stage {
    pub(super) async fn new() -> Self {
        Self::with(|store| store).await
    }

    /// The store's cache set up in another way.
    pub(super) async fn with(configure: impl FnOnce(RedisStore) -> RedisStore) -> Self {
        let server = Redis::start().expect("a server");
        let store = configure(cached(&server.url()).await);
        let key = plant(&store, 1).await;
        let mut watch = Watch::over([&server]);
        watch.until_kept(&store, &key).await;
        Self { store, key, watch, server }
    }

    /// What a load says now.
    pub(super) async fn see(&self) -> String {
        see(&self.store, &self.key).await
    }

    /// Waits until a load says this, which is promised to be soon.
    pub(super) async fn sees(&self, expected: &str) {
        within(PROMISED, expected, async || (self.see().await == expected).then_some(())).await;
    }

    /// A store over the same server that keeps nothing: as good as another process.
    pub(super) async fn elsewhere(&self) -> RedisStore {
        RedisStore::connect(self.server.url()).await.expect("a server")
    }

    /// Gives the server an order about the session's hash.
    pub(super) fn by_hand(&self, command: &str, more: &[&str]) {
        let hash = hash(&self.key);
        self.server.command(&[&[command, &hash], more].concat()).expect("an answer");
    }
}

/// Sees which commands about sessions servers run.
pub(super) struct Watch(Vec<Monitor>);

impl Watch {
    pub(super) fn over<'a>(servers: impl IntoIterator<Item = &'a Redis>) -> Self {
        Self(servers.into_iter().map(|server| server.monitor().expect("a monitor")).collect())
    }

    /// The commands since the last call, without signs of life, what scripts call, and what tests do by hand.
    pub(super) fn seen(&mut self) -> Vec<String> {
        let lines = self.0.iter_mut().flat_map(|monitor| monitor.seen().expect("what it ran"));
        let counts = |line: &String| ["\"PING\"", "\"EXISTS\"", " lua]", " unix:"].iter().all(|no| !line.contains(no));
        lines.filter(counts).collect()
    }

    /// The commands since the last call that name a session's hash.
    pub(super) fn seen_of(&mut self, key: &StoreKey) -> Vec<String> {
        let hash = hash(key);
        self.seen().into_iter().filter(|line| line.contains(&hash)).collect()
    }

    /// Loads a session until that costs nothing.
    pub(super) async fn until_kept(&mut self, store: &RedisStore, key: &StoreKey) {
        within(PATIENCE, "the session is kept", async || {
            self.seen();
            let _ = store.load(key, None).await;
            self.seen_of(key).is_empty().then_some(())
        })
        .await;
    }
}

/// A store with a near cache.
pub(super) async fn cached(url: &str) -> RedisStore {
    RedisStore::connect(url).await.expect("a server").near_cache(1_000)
}

/// The name of a session's hash.
pub(super) fn hash(key: &StoreKey) -> String {
    format!("session:{}", URL_SAFE_NO_PAD.encode(key.as_bytes()))
}

pub(super) fn new_key() -> StoreKey {
    SessionId::generate().expect("random bytes").store_key()
}

/// Puts a session of this number into a store, for an hour.
pub(super) async fn plant(store: &RedisStore, number: u64) -> StoreKey {
    plant_for(store, number, Duration::from_hours(1)).await
}

/// Puts a session of this number into a store, for this long.
pub(super) async fn plant_for(store: &RedisStore, number: u64, span: Duration) -> StoreKey {
    let (key, now) = (new_key(), Clock::system().now());
    let record = Record::new(now, now + span).apply(&delta(number)).at_version(1);
    store.insert(&key, &record).await.expect("an answer");
    key
}

/// What sets the number of a session.
pub(super) fn delta(number: u64) -> Delta {
    let mut delta = Delta::default();
    delta.set("number", number.to_string().as_bytes());
    delta
}

/// The number of a session.
pub(super) fn number_of(record: &Record) -> u64 {
    let number = record.get("number").and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
    number.expect("a session with a number")
}

/// Sets the number of a session, whatever there is.
pub(super) async fn set(store: &RedisStore, key: &StoreKey, number: u64) -> Updated {
    let (now, delta) = (Clock::system().now(), delta(number));
    let base = Record::new(now, now);
    store.update(key, &Update::new(&base, &delta, Stamp::next())).await.expect("an answer")
}

pub(super) async fn record(store: &RedisStore, key: &StoreKey) -> Option<Record> {
    match store.load(key, None).await.expect("an answer") {
        Some(Loaded::Record { record, .. }) => Some(record),
        Some(Loaded::Moved(_) | Loaded::Renamed) | None => None,
    }
}

pub(super) async fn number(store: &RedisStore, key: &StoreKey) -> u64 {
    record(store, key).await.as_ref().map(number_of).expect("a session")
}

/// What a load says: a number, `moved`, `renamed`, `nothing`, or an error.
pub(super) async fn see(store: &RedisStore, key: &StoreKey) -> String {
    match store.load(key, None).await {
        Ok(Some(Loaded::Record { record, .. })) => number_of(&record).to_string(),
        Ok(Some(Loaded::Moved(_))) => "moved".to_owned(),
        Ok(Some(Loaded::Renamed)) => "renamed".to_owned(),
        Ok(None) => "nothing".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

/// Asks until there is an answer, as long as servers may take.
pub(super) async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, ask).await
}

/// Orders a failover until it is done: servers give one up that takes them longer than a few seconds, as on a crowded machine.
pub(super) async fn promote(order: impl Fn(), is_done: impl Fn() -> bool) {
    let mut next = Instant::now();
    until("the replica is the master", async || {
        if Instant::now() >= next {
            order();
            next = Instant::now() + GIVEN_UP;
        }
        is_done().then_some(())
    })
    .await;
}

/// Asks until there is an answer, which is to come within this span.
pub(super) async fn within<T>(limit: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited {limit:?} in vain: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
