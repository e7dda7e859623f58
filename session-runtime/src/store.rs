//! The port: what a server-side store does, and the types that it answers with.

mod index;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod sql;
mod update;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use index::{OwnedSession, PrincipalIndex};
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::{RedisConnection, RedisStore};
#[cfg(feature = "mysql")]
pub use sql::MySqlStore;
#[cfg(feature = "postgres")]
pub use sql::PostgresStore;
#[cfg(feature = "sqlite")]
pub use sql::SqliteStore;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use sql::{Reaper, SqlDatabase, SqlStore};
pub use update::{Applied, ExpiryChange, PrincipalChange, Update};

use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::expiry::{Expiry, Roll};
use crate::id::StoreKey;
use crate::record::Record;

/// A future that can be named, for the seams where a type is erased.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// For how long a store remembers, without grace, where a renamed session went: a sign-out under the old id must still find it.
pub const POINTER_LIFE: Duration = Expiry::LEAST_GRACE;

#[doc = include_str!("store/rules.md")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session store",
    note = "`MemoryStore` is one, and with their features `SqliteStore`, `PostgresStore`, `MySqlStore` and `RedisStore`; \
            a store of your own implements `SessionStore`"
)]
pub trait SessionStore: Send + Sync + 'static {
    /// The session of this key; `None` if there is none. Where `roll` says that an extension is due ([`Roll::due_for`]), a store may
    /// do it at once and answer `rolled: true`; one that does not is touched at the end of the request.
    ///
    /// # Errors
    ///
    /// Where the store could not answer; `corrupt` where what it holds is not a session.
    fn load(
        &self,
        key: &StoreKey,
        roll: Option<Roll>,
    ) -> impl Future<Output = Result<Option<Loaded>, StoreError>> + Send;

    /// Creates a session.
    ///
    /// # Errors
    ///
    /// Where the store could not answer, or takes no more sessions.
    fn insert(&self, key: &StoreKey, record: &Record) -> impl Future<Output = Result<Inserted, StoreError>> + Send;

    /// Applies a commit to the session that is there.
    ///
    /// # Errors
    ///
    /// Where the store could not answer.
    fn update(&self, key: &StoreKey, update: &Update<'_>) -> impl Future<Output = Result<Updated, StoreError>> + Send;

    /// Applies a commit and moves the session to a new key, in one step. Where the commit empties the session, the old key ends and nothing is
    /// put under the new one.
    ///
    /// # Errors
    ///
    /// Where the store could not answer.
    fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> impl Future<Output = Result<Updated, StoreError>> + Send;

    /// Moves the end of a session to `expires`, as [`ExpiryChange::Extend`] does: never earlier.
    ///
    /// # Errors
    ///
    /// Where the store could not answer.
    fn touch(&self, key: &StoreKey, expires: Timestamp) -> impl Future<Output = Result<Touched, StoreError>> + Send;

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// Where the store could not answer.
    fn remove(&self, key: &StoreKey) -> impl Future<Output = Result<Removed, StoreError>> + Send;

    /// Finds sessions by their principal, where the store can.
    fn index(&self) -> Option<&dyn PrincipalIndex> {
        None
    }
}

/// The answer to [`SessionStore::load`].
#[derive(Clone, Debug)]
pub enum Loaded {
    /// The session.
    Record {
        /// What is stored.
        record: Record,
        /// Whether this load extended it.
        rolled: bool,
    },
    /// The session is under this key now.
    Moved(StoreKey),
    /// The session was renamed without grace a moment ago: whoever still comes under this key gets none, and is to make none.
    Renamed,
}

/// The answer to [`SessionStore::insert`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inserted {
    /// It is stored.
    Done,
    /// The key is taken; nothing was written.
    Exists,
}

/// The answer to [`SessionStore::update`] and [`SessionStore::rename`].
#[derive(Clone, Debug)]
pub enum Updated {
    /// It is stored.
    Done,
    /// No field was left, and the session was removed.
    Emptied,
    /// There is no such session.
    Missing,
    /// The session is under this key now; nothing was written.
    Moved(StoreKey),
    /// The version no longer holds; nothing was written, and this is what is there.
    Conflict(Record),
}

/// The answer to [`SessionStore::touch`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Touched {
    /// The session is there and ends no earlier than asked.
    Done,
    /// There is no such session.
    Missing,
    /// The session is under this key now; nothing was written.
    Moved(StoreKey),
}

/// The answer to [`SessionStore::remove`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Removed {
    /// The session was there and has ended.
    Done,
    /// There is no such session.
    Missing,
    /// The session is under this key now; nothing was removed.
    Moved(StoreKey),
}

impl<S: SessionStore> SessionStore for Arc<S> {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        S::load(self, key, roll).await
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        S::insert(self, key, record).await
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        S::update(self, key, update).await
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        S::rename(self, old, new, update, grace).await
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        S::touch(self, key, expires).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        S::remove(self, key).await
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        S::index(self)
    }
}
