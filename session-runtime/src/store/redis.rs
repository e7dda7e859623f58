//! Sessions in Redis or Valkey: one hash each, one command a call.

mod calls;
mod list;
mod owners;
mod rename;

mod due;
mod header;
mod layout;
mod library;
mod load;
mod packed;
mod reply;

mod near;

mod connect;
mod error;
mod link;

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use connect::RedisConnection;

use crate::clock::Clock;
use crate::error::StoreError;
use due::Ends;
use link::Link;
use near::Near;

#[doc = include_str!("redis/store.md")]
pub struct RedisStore {
    link: Link,
    /// For calls after which replicas are waited for: nothing else may wait with them.
    durable: Link,
    replicas: usize,
    prefix: String,
    clock: Clock,
    /// Whether two keys may be on two servers.
    is_spread: AtomicBool,
    ends: Ends,
    near: Option<Near>,
    near_cache_max_age: Duration,
}

impl RedisStore {
    /// Connects to the server of a URL: `redis://user:password@host:6379/0`, `rediss://…` for TLS (feature `redis_tls`), `unix:///path` for a
    /// socket. The connection is shared by all requests, and made anew when it breaks.
    ///
    /// ```no_run
    /// use session_runtime::{RedisStore, SessionLayer, StoreError};
    ///
    /// # async fn connect() -> Result<(), StoreError> {
    /// let sessions = SessionLayer::new(RedisStore::connect("redis://localhost").await?);
    /// # let _ = sessions;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`unreachable`](StoreError::is_unreachable) where no server answers within two seconds, [`rejected`](StoreError::is_rejected) where the URL is
    /// not valid, the server does not accept the user or the password, or is a sentinel, a node of a cluster, or older than version 7.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, as tokio does.
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, StoreError> {
        Ok(Self::over(connect::server(url.as_ref()).await?))
    }

    /// Connects to a cluster, of which these are some nodes.
    ///
    /// ```no_run
    /// # use session_runtime::{RedisStore, StoreError};
    /// # async fn connect() -> Result<(), StoreError> {
    /// let store = RedisStore::connect_cluster(["redis://10.0.0.1", "redis://10.0.0.2", "redis://10.0.0.3"]).await?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), where none of them answers.
    ///
    /// # Panics
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_cluster<U: AsRef<str>>(nodes: impl IntoIterator<Item = U>) -> Result<Self, StoreError> {
        Ok(Self::over(connect::cluster(nodes).await?))
    }

    /// Connects to the master that these sentinels know: `master` is its URL with the name in the place of the host, or the name alone. When
    /// they make another server the master, sessions follow.
    ///
    /// ```no_run
    /// # use session_runtime::{RedisStore, StoreError};
    /// # async fn connect() -> Result<(), StoreError> {
    /// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
    /// let store = RedisStore::connect_sentinel(sentinels, "redis://:password@mymaster/0").await?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), where no sentinel answers, or none knows the name.
    ///
    /// # Panics
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_sentinel<U: AsRef<str>>(
        sentinels: impl IntoIterator<Item = U>,
        master: &str,
    ) -> Result<Self, StoreError> {
        Ok(Self::over(connect::sentinel(sentinels, master).await?))
    }

    /// A store over a connection that the application has: a `ConnectionManager`, a `MultiplexedConnection` or a `ClusterConnection` of the crate
    /// [`redis`] (version 1, features `tokio-comp` and `connection-manager` or `cluster-async`).
    ///
    /// Nothing is asked before the first request. Reconnecting, following a failover, and how long a server may take, are as that connection
    /// does it.
    ///
    /// ```no_run
    /// # use session_runtime::RedisStore;
    /// # async fn connect() -> Result<(), redis::RedisError> {
    /// let client = redis::Client::open("redis://localhost")?;
    /// let store = RedisStore::new(client.get_connection_manager().await?);
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(connection: impl Into<RedisConnection>) -> Self {
        Self::over(connection.into().0)
    }

    fn over(link: Link) -> Self {
        Self {
            is_spread: AtomicBool::new(link.wire().is_cluster()),
            durable: link.another(),
            link,
            replicas: 0,
            prefix: "session:".to_owned(),
            clock: Clock::system(),
            ends: Ends::new(),
            near: None,
            near_cache_max_age: Near::MAX_AGE,
        }
    }

    /// What the key of every session begins with: `session:` by default. Applications with different prefixes share a server and see nothing of
    /// each other; on one host, each needs a cookie of a name of its own, too ([`SessionCookie::new`](crate::SessionCookie::new)).
    #[must_use]
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// What tells the time by which sessions end, for tests: the clock of the layer, as a rule. Redis frees by its own what has ended.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How many replicas must have a sign-out, or a renewed id, before it is answered: none by default. Where fewer confirm it within a second, it is
    /// asked for once more, and then the client gets 503: the sign-out may or may not have happened, and who was to get a new id at a sign-in has
    /// lost the session under the old one. So ask for one replica less than you have. Over a connection of the application's, all sessions
    /// wait with the one that waits.
    ///
    /// Redis replicates behind the client's back: what a master has answered is lost if it fails before a replica has it. Of all that a session
    /// does, a lost sign-out is the worst, since the session lives on.
    #[must_use]
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Keeps up to so many sessions that were read in this process, until Redis says that they changed: reading them again costs no command.
    /// Off by default; what it promises, and what not, is told [above](Self#near-cache).
    ///
    /// # Panics
    ///
    /// On a store over a connection of the application's ([`new`](Self::new)): the cache needs connections of its own.
    #[must_use]
    pub fn near_cache(mut self, capacity: usize) -> Self {
        assert!(
            self.link.wire().is_our_own(),
            "a near cache needs connections of its own: make the store with `connect`, `connect_cluster` or `connect_sentinel`"
        );
        self.near = Some(Near::new(capacity, self.near_cache_max_age));
        self
    }

    /// For how long a near cache serves what it holds after its connection last showed that it is alive: 5 seconds by default. So long a
    /// session that was signed out elsewhere can still be read here if the connection hangs.
    ///
    /// # Panics
    ///
    /// If it is less than 100 milliseconds: a connection is asked for a sign of life four times as often.
    #[must_use]
    pub fn near_cache_max_age(mut self, max_age: Duration) -> Self {
        assert!(max_age >= Duration::from_millis(100), "`near_cache_max_age` is at least 100 milliseconds");
        self.near_cache_max_age = max_age;
        self.near = self.near.map(|near| near.max_age(max_age));
        self
    }
}

impl fmt::Debug for RedisStore {
    /// Neither addresses nor passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
