//! Where the sessions of a test are, for tests that do not care.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use session_runtime::record::Record;
use session_runtime::store::{Inserted, Loaded, Removed, Touched, Update, Updated};
use session_runtime::{Clock, MemoryStore, RedisStore, Roll, SessionStore, StoreError, StoreKey, Timestamp};
use session_servers::given;
use tokio::sync::OnceCell;

use super::prefix;

/// A store in memory, or the Redis of the environment; clones are the same store.
#[derive(Clone)]
pub enum Shelf {
    Memory(MemoryStore),
    /// Connects with the first call.
    Redis(Clock, Arc<OnceCell<RedisStore>>),
}

impl Shelf {
    /// In memory.
    pub fn memory(clock: &Clock) -> Self {
        Self::Memory(MemoryStore::new().clock(clock.clone()))
    }

    /// In Redis.
    pub fn redis(clock: &Clock) -> Self {
        Self::Redis(clock.clone(), Arc::default())
    }
}

/// Connects if that was not done yet; what is in it no other shelf sees.
async fn connected<'a>(clock: &Clock, store: &'a OnceCell<RedisStore>) -> Result<&'a RedisStore, StoreError> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let connect = async || {
        let store = RedisStore::connect(given::redis()).await?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Ok(store.key_prefix(prefix(&format!("shelf-{number}"))).clock(clock.clone()))
    };
    store.get_or_try_init(connect).await
}

/// Asks the store that it is.
macro_rules! ask {
    ($shelf:ident.$method:ident($($argument:ident),+)) => {
        match $shelf {
            Self::Memory(store) => store.$method($($argument),+).await,
            Self::Redis(clock, store) => connected(clock, store).await?.$method($($argument),+).await,
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
}
