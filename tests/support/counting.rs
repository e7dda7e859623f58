//! A store that counts what is asked of it, and asks the real one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use session_runtime::record::Record;
use session_runtime::store::{Inserted, Loaded, PrincipalIndex, Removed, Touched, Update, Updated};
use session_runtime::{Roll, SessionStore, StoreError, StoreKey, Timestamp};

/// Counts the calls to a store.
#[derive(Clone)]
pub struct CountingStore<S> {
    inner: S,
    calls: Arc<[AtomicUsize; 6]>,
}

const NAMES: [&str; 6] = ["load", "insert", "update", "rename", "touch", "remove"];

/// How often each method was called; displayed as `2 load, 1 insert`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Calls([usize; 6]);

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let called = NAMES.iter().zip(self.0).filter(|(_, count)| *count > 0);
        let called: Vec<_> = called.map(|(name, count)| format!("{count} {name}")).collect();
        f.write_str(if called.is_empty() { "none" } else { "" })?;
        f.write_str(&called.join(", "))
    }
}

impl<S> CountingStore<S> {
    pub fn new(inner: S) -> Self {
        Self { inner, calls: Arc::default() }
    }

    /// The calls since the last time that this was asked.
    pub fn calls(&self) -> Calls {
        Calls(std::array::from_fn(|index| self.calls[index].swap(0, Ordering::SeqCst)))
    }

    fn count(&self, index: usize) -> &S {
        self.calls[index].fetch_add(1, Ordering::SeqCst);
        &self.inner
    }
}

impl<S: SessionStore> SessionStore for CountingStore<S> {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        self.count(0).load(key, roll).await
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        self.count(1).insert(key, record).await
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        self.count(2).update(key, update).await
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        self.count(3).rename(old, new, update, grace).await
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        self.count(4).touch(key, expires).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        self.count(5).remove(key).await
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        self.inner.index()
    }
}
