//! A store that keeps every rule, or breaks one in exactly one way.

mod bent;
mod flaw;
mod listing;
mod shelf;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use session_runtime::record::Record;
use session_runtime::store::{
    BoxFuture, Inserted, Loaded, OwnedSession, PrincipalIndex, Removed, Touched, Update, Updated,
};
use session_runtime::{Clock, Roll, SessionStore, StoreError, StoreKey, Timestamp};

pub(crate) use flaw::Flaw;

use shelf::{Desk, Shelf};

/// Sessions in a map under one lock; clones are the same store.
#[derive(Clone, Default)]
pub(crate) struct FlawedStore {
    shelf: Arc<Mutex<Shelf>>,
    clock: Clock,
    flaw: Option<Flaw>,
    /// Counts what was put back.
    changes: Arc<AtomicU32>,
}

/// How often a call looks whether another comes before it.
const PATIENCE: u32 = 1_000;

impl FlawedStore {
    /// A store with this flaw, and one beside it that has none of its own.
    pub(crate) fn pair(flaw: Option<Flaw>) -> (Self, Self) {
        let store = Self { flaw, ..Self::default() };
        let beside = match flaw {
            Some(Flaw::SharesItsRows) => Self { flaw: None, ..store.clone() },
            _ => Self::default(),
        };
        (store, beside)
    }

    pub(crate) fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk<'a>(&self, rows: &'a mut Shelf) -> Desk<'a> {
        Desk { shelf: rows, now: self.clock.now(), flaw: self.flaw }
    }

    /// Works on what is under these keys, under the lock: or, where that is the flaw, on a copy that is put back later.
    async fn work<T>(&self, keys: &[StoreKey], work: impl FnOnce(Desk<'_>) -> T) -> T {
        if self.flaw != Some(Flaw::WorksInTwoSteps) {
            return work(self.desk(&mut self.shelf()));
        }
        let mut copy = self.shelf().copy(keys);
        self.let_others_pass().await;
        let answer = work(self.desk(&mut copy));
        self.shelf().put_back(keys, &copy);
        self.changes.fetch_add(1, Ordering::SeqCst);
        answer
    }

    /// Whoever else works at the same time comes first; whether somebody did.
    async fn let_others_pass(&self) -> bool {
        let seen = self.changes.load(Ordering::SeqCst);
        for _ in 0..PATIENCE {
            if self.changes.load(Ordering::SeqCst) != seen {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    }

    /// Adds a session to the list as it was seen, where that is the flaw: who comes later loses what came between.
    async fn list_in_two_steps(&self, key: &StoreKey) {
        if self.flaw == Some(Flaw::ListsInTwoSteps) {
            if self.let_others_pass().await {
                self.shelf().listing.hide(key);
            }
            self.changes.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl SessionStore for FlawedStore {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        self.work(&[*key], |mut desk| desk.load(key, roll)).await
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        let inserted = self.work(&[*key], |mut desk| desk.insert(key, record)).await;
        self.list_in_two_steps(key).await;
        Ok(inserted)
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        Ok(self.work(&[*key], |mut desk| desk.update(key, update)).await)
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        let renamed = self.work(&[*old, *new], |mut desk| desk.rename(old, new, update, grace)).await;
        if self.flaw == Some(Flaw::ListsARenameInTwoSteps) {
            tokio::task::yield_now().await;
            self.shelf().listing.show(new);
        }
        renamed
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        Ok(self.work(&[*key], |mut desk| desk.touch(key, expires)).await)
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        Ok(self.work(&[*key], |mut desk| desk.remove(key)).await)
    }

    /// None where another rule is broken: what that makes of the list is no flaw of the list.
    fn index(&self) -> Option<&dyn PrincipalIndex> {
        let is_of_index = |flaw: Flaw| flaw.rule() == Flaw::ForgetsARename.rule();
        self.flaw.is_none_or(is_of_index).then_some(self)
    }
}

impl PrincipalIndex for FlawedStore {
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(self.desk(&mut self.shelf()).owned(principal))
        })
    }

    fn call_off<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}
