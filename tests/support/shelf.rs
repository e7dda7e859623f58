//! Where the sessions of a test are, for tests that do not care.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use session_runtime::record::Record;
use session_runtime::store::{
    BoxFuture, Inserted, Loaded, OwnedSession, PrincipalIndex, Removed, SqlDatabase, SqlStore, Touched, Update, Updated,
};
use session_runtime::{
    Clock, MemoryStore, MySqlStore, PostgresStore, RedisStore, Roll, SessionStore, SqliteStore, StoreError, StoreKey,
    Timestamp,
};
use session_servers::given;
use tokio::sync::OnceCell;

use super::{clock_at, new_file, prefix};

/// A moment that no session of a test lives to see, in milliseconds.
const LATE: u64 = 1 << 50;

/// A store in memory, in a file, or on a server of the environment; clones are the same store.
#[derive(Clone)]
pub enum Shelf {
    Memory(MemoryStore),
    Redis(Lazy<RedisStore>),
    RedisCluster(Lazy<RedisStore>),
    Sqlite(Lazy<SqliteStore>),
    Postgres(Lazy<PostgresStore>),
    MariaDb(Lazy<MySqlStore>),
}

/// A store that connects with the first call; what is in it no other shelf sees.
pub struct Lazy<S> {
    clock: Clock,
    store: Arc<OnceCell<S>>,
}

impl Shelf {
    /// In memory.
    pub fn memory(clock: &Clock) -> Self {
        Self::Memory(MemoryStore::new().clock(clock.clone()))
    }

    /// In Redis.
    pub fn redis(clock: &Clock) -> Self {
        Self::Redis(Lazy::new(clock))
    }

    /// In a cluster of Redis.
    pub fn redis_cluster(clock: &Clock) -> Self {
        Self::RedisCluster(Lazy::new(clock))
    }

    /// In a file of SQLite.
    pub fn sqlite(clock: &Clock) -> Self {
        Self::Sqlite(Lazy::new(clock))
    }

    /// In PostgreSQL.
    pub fn postgres(clock: &Clock) -> Self {
        Self::Postgres(Lazy::new(clock))
    }

    /// In MariaDB.
    pub fn mariadb(clock: &Clock) -> Self {
        Self::MariaDb(Lazy::new(clock))
    }
}

impl<S> Lazy<S> {
    fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), store: Arc::default() }
    }
}

impl<S> Clone for Lazy<S> {
    fn clone(&self) -> Self {
        Self { clock: self.clock.clone(), store: self.store.clone() }
    }
}

/// Which of the shelves of this process it is.
fn number() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

impl Lazy<RedisStore> {
    async fn ready(&self) -> Result<&RedisStore, StoreError> {
        self.prefixed(async || RedisStore::connect(given::redis()).await).await
    }

    async fn in_cluster(&self) -> Result<&RedisStore, StoreError> {
        self.prefixed(async || RedisStore::connect_cluster(given::redis_cluster()).await).await
    }

    async fn prefixed(
        &self,
        connect: impl AsyncFn() -> Result<RedisStore, StoreError>,
    ) -> Result<&RedisStore, StoreError> {
        let connect = async || {
            let store = connect().await?;
            Ok(store.key_prefix(prefix(&format!("shelf-{}", number()))).clock(self.clock.clone()))
        };
        self.store.get_or_try_init(connect).await
    }
}

impl Lazy<SqliteStore> {
    async fn ready(&self) -> Result<&SqliteStore, StoreError> {
        self.migrated(async || SqliteStore::connect(new_file().display().to_string()).await).await
    }
}

impl Lazy<PostgresStore> {
    async fn ready(&self) -> Result<&PostgresStore, StoreError> {
        self.migrated(async || PostgresStore::connect(given::postgres()).await).await
    }
}

impl Lazy<MySqlStore> {
    async fn ready(&self) -> Result<&MySqlStore, StoreError> {
        self.migrated(async || MySqlStore::connect(given::mysql()).await).await
    }
}

impl<DB: SqlDatabase> Lazy<SqlStore<DB>> {
    /// The store, with a table that other runs of the tests may have used: no id comes twice, but users do, and what they left is cleared.
    async fn migrated(
        &self,
        connect: impl AsyncFn() -> Result<SqlStore<DB>, StoreError>,
    ) -> Result<&SqlStore<DB>, StoreError> {
        let connect = async || {
            let store = connect().await?.table(format!("session_tests_shelf_{}", number())).clock(self.clock.clone());
            store.migrate().await?;
            store.clone().clock(clock_at(LATE)).clear_expired().await?;
            Ok(store)
        };
        self.store.get_or_try_init(connect).await
    }
}

/// Asks the store that it is.
macro_rules! ask {
    ($shelf:ident.$method:ident($($argument:ident),+)) => {
        match $shelf {
            Self::Memory(store) => store.$method($($argument),+).await,
            Self::Redis(store) => store.ready().await?.$method($($argument),+).await,
            Self::RedisCluster(store) => store.in_cluster().await?.$method($($argument),+).await,
            Self::Sqlite(store) => store.ready().await?.$method($($argument),+).await,
            Self::Postgres(store) => store.ready().await?.$method($($argument),+).await,
            Self::MariaDb(store) => store.ready().await?.$method($($argument),+).await,
        }
    };
}

impl SessionStore for Shelf {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        ask!(self.load(key, roll))
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        ask!(self.insert(key, record))
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        ask!(self.update(key, update))
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        ask!(self.rename(old, new, update, grace))
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        ask!(self.touch(key, expires))
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        ask!(self.remove(key))
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        Some(self)
    }
}

/// Asks the index of the store that it is.
macro_rules! ask_index {
    ($shelf:ident.$method:ident($argument:ident)) => {{
        let index = match $shelf {
            Self::Memory(store) => store.index(),
            Self::Redis(store) => store.ready().await?.index(),
            Self::RedisCluster(store) => store.in_cluster().await?.index(),
            Self::Sqlite(store) => store.ready().await?.index(),
            Self::Postgres(store) => store.ready().await?.index(),
            Self::MariaDb(store) => store.ready().await?.index(),
        };
        index.expect("an index").$method($argument).await
    }};
}

impl PrincipalIndex for Shelf {
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>> {
        Box::pin(async move { ask_index!(self.sessions(principal)) })
    }

    fn call_off<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { ask_index!(self.call_off(principal)) })
    }
}
