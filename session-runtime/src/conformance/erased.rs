//! Any store as one type, so that the checks are compiled once.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{BoxFuture, Inserted, Loaded, PrincipalIndex, Removed, SessionStore, Touched, Update, Updated};

/// A store whose type is forgotten; clones are the same store.
#[derive(Clone)]
pub(super) struct AnyStore(Arc<dyn Erased>);

impl AnyStore {
    pub(super) fn new(store: impl SessionStore) -> Self {
        Self(Arc::new(store))
    }
}

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

trait Erased: Send + Sync + 'static {
    fn load<'a>(&'a self, key: &'a StoreKey, roll: Option<Roll>) -> Answer<'a, Option<Loaded>>;
    fn insert<'a>(&'a self, key: &'a StoreKey, record: &'a Record) -> Answer<'a, Inserted>;
    fn update<'a>(&'a self, key: &'a StoreKey, update: &'a Update<'a>) -> Answer<'a, Updated>;
    fn rename<'a>(
        &'a self,
        old: &'a StoreKey,
        new: &'a StoreKey,
        update: &'a Update<'a>,
        grace: Option<Timestamp>,
    ) -> Answer<'a, Updated>;
    fn touch<'a>(&'a self, key: &'a StoreKey, expires: Timestamp) -> Answer<'a, Touched>;
    fn remove<'a>(&'a self, key: &'a StoreKey) -> Answer<'a, Removed>;
    fn index(&self) -> Option<&dyn PrincipalIndex>;
}

impl<S: SessionStore> Erased for S {
    fn load<'a>(&'a self, key: &'a StoreKey, roll: Option<Roll>) -> Answer<'a, Option<Loaded>> {
        Box::pin(SessionStore::load(self, key, roll))
    }

    fn insert<'a>(&'a self, key: &'a StoreKey, record: &'a Record) -> Answer<'a, Inserted> {
        Box::pin(SessionStore::insert(self, key, record))
    }

    fn update<'a>(&'a self, key: &'a StoreKey, update: &'a Update<'a>) -> Answer<'a, Updated> {
        Box::pin(SessionStore::update(self, key, update))
    }

    fn rename<'a>(
        &'a self,
        old: &'a StoreKey,
        new: &'a StoreKey,
        update: &'a Update<'a>,
        grace: Option<Timestamp>,
    ) -> Answer<'a, Updated> {
        Box::pin(SessionStore::rename(self, old, new, update, grace))
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, expires: Timestamp) -> Answer<'a, Touched> {
        Box::pin(SessionStore::touch(self, key, expires))
    }

    fn remove<'a>(&'a self, key: &'a StoreKey) -> Answer<'a, Removed> {
        Box::pin(SessionStore::remove(self, key))
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        SessionStore::index(self)
    }
}

impl SessionStore for AnyStore {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        Erased::load(&*self.0, key, roll).await
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        Erased::insert(&*self.0, key, record).await
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        Erased::update(&*self.0, key, update).await
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        Erased::rename(&*self.0, old, new, update, grace).await
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        Erased::touch(&*self.0, key, expires).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        Erased::remove(&*self.0, key).await
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        Erased::index(&*self.0)
    }
}
