//! Sessions in Redis or Valkey: one hash each, one script a call.

mod connect;
mod due;
mod error;
mod header;
mod layout;
mod link;
mod rename;
mod reply;
mod script;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use redis::{Cmd, RedisResult, Value};
use tokio::sync::OnceCell;

pub use connect::RedisConnection;

use super::{Inserted, Loaded, POINTER_LIFE, Removed, SessionStore, Touched, Update, Updated};
use crate::clock::{Clock, Timestamp};
use crate::error::StoreError;
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::{Record, Stamp};
use connect::Servers;
use due::Ends;
use header::{Header, Pointer};
use layout::Held;
use link::{Link, Managed, is_cross_slot};
use rename::{Rename, taken};
use reply::Reply;
use script::Script;

#[doc = include_str!("redis/store.md")]
pub struct RedisStore {
    link: Link,
    /// For calls after which replicas are waited for: nothing else may wait with them.
    durable: OnceCell<Link>,
    replicas: usize,
    /// What near caches connect to; `None` with a connection of the user's.
    servers: Option<Servers>,
    prefix: String,
    clock: Clock,
    /// Whether two keys may be on two servers.
    is_spread: AtomicBool,
    ends: Ends,
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
    /// [`unreachable`](StoreError::is_unreachable) where no server answers, [`rejected`](StoreError::is_rejected) where the URL is none, or the
    /// server takes neither user nor password.
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, StoreError> {
        Ok(Self::with_master(connect::node(url.as_ref()).await?))
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
    pub async fn connect_cluster<U: AsRef<str>>(nodes: impl IntoIterator<Item = U>) -> Result<Self, StoreError> {
        let servers = connect::cluster(nodes)?;
        let link = servers.link().await?;
        Ok(Self { servers: Some(servers), ..Self::over(link) })
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
    pub async fn connect_sentinel<U: AsRef<str>>(
        sentinels: impl IntoIterator<Item = U>,
        master: &str,
    ) -> Result<Self, StoreError> {
        Ok(Self::with_master(connect::sentinel(sentinels, master).await?))
    }

    /// A store over a connection of the crate [`redis`] (version 1) that the application has: a `ConnectionManager`, a `MultiplexedConnection`
    /// or a `ClusterConnection`. Reconnecting, and how long a server may take, are as that connection does it.
    pub fn new(connection: impl Into<RedisConnection>) -> Self {
        Self::over(connection.into().0)
    }

    fn with_master(master: Managed) -> Self {
        Self { servers: Some(Servers::Master(master.clone())), ..Self::over(Link::Managed(master)) }
    }

    fn over(link: Link) -> Self {
        Self {
            is_spread: AtomicBool::new(link.is_cluster()),
            link,
            durable: OnceCell::new(),
            replicas: 0,
            servers: None,
            prefix: "session:".to_owned(),
            clock: Clock::system(),
            ends: Ends::new(),
        }
    }

    /// What the key of every session begins with: `session:` by default. Applications with different prefixes share a server and see nothing of
    /// each other.
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

    /// How many replicas must have a sign-out, or a new id, before it is answered: none by default. Where fewer confirm it within a second,
    /// the client gets 503, and the sign-out may or may not have happened.
    ///
    /// Redis replicates behind the client's back: what a master has answered is lost if it fails before a replica has it. Of all that a session
    /// does, a lost sign-out is the worst, since the session lives on.
    #[must_use]
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// The name of a session's hash.
    fn key(&self, key: &StoreKey) -> String {
        let mut text = String::with_capacity(self.prefix.len() + 43);
        text.push_str(&self.prefix);
        layout::append_key(&mut text, key);
        text
    }

    /// Reads what is under a key.
    async fn read(&self, key: &StoreKey) -> Result<Held, StoreError> {
        let answer = self.link.send(&hgetall(&self.key(key))).await?;
        Held::read(answer, self.clock.now())
    }

    async fn run(&self, script: &Script, command: &Cmd) -> Result<Reply, StoreError> {
        let answer = self.link.run(script, command).await?;
        Reply::read(answer, self.clock.now())
    }

    /// As [`run`](Self::run), and waits for replicas where the store is to.
    async fn run_durably(&self, script: &Script, command: &Cmd, key: &str) -> Result<Reply, StoreError> {
        Reply::read(self.answer_durably(script, command, key).await??, self.clock.now())
    }

    async fn answer_durably(
        &self,
        script: &Script,
        command: &Cmd,
        key: &str,
    ) -> Result<RedisResult<Value>, StoreError> {
        if self.replicas == 0 {
            return Ok(self.link.run(script, command).await);
        }
        match self.durable().await?.run_and_wait(script, command, key, self.replicas).await {
            Ok((_, reached)) if reached < self.replicas => {
                let wanted = self.replicas;
                Err(StoreError::unreachable(format!("{reached} of {wanted} replicas of Redis confirmed a change")))
            }
            Ok((answer, _)) => Ok(Ok(answer)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn durable(&self) -> Result<&Link, StoreError> {
        let connect = async || match &self.servers {
            Some(servers) => servers.link().await,
            None => Ok(self.link.clone()),
        };
        self.durable.get_or_try_init(connect).await
    }

    async fn remove_key(&self, key: &StoreKey) -> Result<Reply, StoreError> {
        let key = self.key(key);
        let header = Header::new().moment(self.clock.now()).stamp(Stamp::next());
        let mut command = script::REMOVE.over([&key], 64);
        command.arg(header.as_bytes());
        self.run_durably(&script::REMOVE, &command, &key).await
    }

    /// Loads a session that may have to be extended.
    async fn load_and_roll(&self, key: &StoreKey, roll: Roll, now: Timestamp) -> Result<Option<Loaded>, StoreError> {
        let header = Header::new()
            .moment(roll.now + roll.idle)
            .number(millis(roll.threshold))
            .number(roll.limit.map_or(0, millis))
            .moment(now);
        let mut command = script::LOAD.over([&self.key(key)], 64);
        command.arg(header.as_bytes());
        let answer = self.link.run(&script::LOAD, &command).await?;
        let (held, rolled) = reply::rolled(answer, now)?;
        Ok(self.seen(key, held.loaded(rolled)))
    }

    /// Remembers when a session ends that was loaded.
    fn seen(&self, key: &StoreKey, loaded: Option<Loaded>) -> Option<Loaded> {
        if let Some(Loaded::Record { record, .. }) = &loaded {
            self.ends.note(key, record.expires());
        }
        loaded
    }
}

fn hgetall(key: &str) -> Cmd {
    let mut command = Cmd::with_capacity(2, key.len() + 8);
    command.arg("HGETALL").arg(key);
    command
}

fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Adds a commit to a command: its header, names and values to set, names to remove.
fn write_commit(command: &mut Cmd, update: &Update<'_>, header: &Header) {
    command.arg(header.as_bytes());
    for (name, value) in update.delta() {
        if let Some(value) = value {
            command.arg(name).arg(value);
        }
    }
    for (name, value) in update.delta() {
        if value.is_none() {
            command.arg(name);
        }
    }
}

fn room_for(update: &Update<'_>) -> usize {
    96 + update.delta().iter().map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len)).sum::<usize>()
}

impl From<Reply> for Result<Updated, StoreError> {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Missing => Ok(Updated::Missing),
            Reply::Done => Ok(Updated::Done),
            Reply::Emptied => Ok(Updated::Emptied),
            Reply::Taken => Err(taken()),
            Reply::Moved(to) => Ok(Updated::Moved(to)),
            Reply::Conflict(record) => Ok(Updated::Conflict(record)),
        }
    }
}

impl SessionStore for RedisStore {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        if let Some(roll) = roll.filter(|roll| self.ends.may_be_due(key, roll)) {
            return self.load_and_roll(key, roll, self.clock.now()).await;
        }
        let held = self.read(key).await?;
        Ok(self.seen(key, held.loaded(false)))
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        layout::check_names(record.entries().map(|(name, _)| name))?;
        let header = Header::new().moment(self.clock.now()).moment(record.expires()).bytes(layout::stamps(record));
        let mut command = script::INSERT.over([&self.key(key)], 64 + layout::room_for(record));
        command.arg(header.as_bytes());
        layout::write(&mut command, record);
        match self.run(&script::INSERT, &command).await? {
            Reply::Done => {
                self.ends.note(key, record.expires());
                Ok(Inserted::Done)
            }
            _ => Ok(Inserted::Exists),
        }
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        layout::check_names(update.delta().iter().map(|(name, _)| name))?;
        let mut command = script::UPDATE.over([&self.key(key)], room_for(update));
        write_commit(&mut command, update, &Header::of_commit(update, self.clock.now(), None));
        self.run(&script::UPDATE, &command).await?.into()
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        layout::check_names(update.delta().iter().map(|(name, _)| name))?;
        let now = self.clock.now();
        let pointer = Pointer { until: grace.unwrap_or(now + POINTER_LIFE), is_shown: grace.is_some() };
        if !self.is_spread.load(Ordering::Relaxed) {
            let (from, to) = (self.key(old), self.key(new));
            let mut command = script::RENAME.over([&from, &to], room_for(update));
            write_commit(&mut command, update, &Header::of_commit(update, now, Some(pointer)));
            match self.answer_durably(&script::RENAME, &command, &to).await? {
                Err(error) if is_cross_slot(&error) => self.is_spread.store(true, Ordering::Relaxed),
                answer => return Reply::read(answer?, now)?.into(),
            }
        }
        Rename { store: self, old, new, update, pointer, now }.over_two_slots().await
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        let header = Header::new().moment(self.clock.now()).moment(expires);
        let mut command = script::TOUCH.over([&self.key(key)], 64);
        command.arg(header.as_bytes());
        match self.run(&script::TOUCH, &command).await? {
            Reply::Done => Ok(Touched::Done),
            Reply::Moved(to) => Ok(Touched::Moved(to)),
            _ => Ok(Touched::Missing),
        }
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        match self.remove_key(key).await? {
            Reply::Done => Ok(Removed::Done),
            Reply::Moved(to) => Ok(Removed::Moved(to)),
            _ => Ok(Removed::Missing),
        }
    }
}

impl fmt::Debug for RedisStore {
    /// Neither addresses nor passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
