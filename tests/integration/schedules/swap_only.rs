//! The weakest store that the rules allow: it can only compare a version and swap a whole record.

use session_runtime::record::Record;
use session_runtime::store::{Inserted, Loaded, Removed, Touched, Update, Updated};
use session_runtime::{MemoryStore, Roll, SessionStore, StoreError, StoreKey, Timestamp};

/// A memory store that answers `Conflict` to every commit of a request that saw an older version.
pub(super) struct SwapOnly(pub(super) MemoryStore);

impl SessionStore for SwapOnly {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        self.0.load(key, roll).await
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        self.0.insert(key, record).await
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        self.0.update(key, &update.clone().version_must_hold(true)).await
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        self.0.rename(old, new, &update.clone().version_must_hold(true), grace).await
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        self.0.touch(key, expires).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        self.0.remove(key).await
    }
}
