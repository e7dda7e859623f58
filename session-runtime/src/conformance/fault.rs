//! A store that fails on demand, as real ones do on their own.

mod schedule;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schedule::Schedule;

use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{Inserted, Loaded, PrincipalIndex, Removed, SessionStore, Touched, Update, Updated};

/// Does what another store does, but for the calls that are to have a [`Fault`].
///
/// 1. Clones share the store and the faults: keep one beside the layer to say what fails.
/// 2. A call has at most one fault: the one of its number ([`on_next`](Self::on_next), [`on_nth`](Self::on_nth)), else the one of its kind
///    ([`on_every`](Self::on_every)), else one [`by_chance`](Self::by_chance). What is named twice has the fault that was named last.
/// 3. [`happened`](Self::happened) tells which faults there were: a test whose fault never happened tests nothing.
/// 4. Calls to the [`PrincipalIndex`] have no faults.
///
/// ```
/// use session_runtime::conformance::{Call, Fault, FaultStore};
/// use session_runtime::record::Record;
/// use session_runtime::store::Inserted;
/// use session_runtime::{Clock, MemoryStore, SessionStore, StoreKey};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let store = FaultStore::new(MemoryStore::new());
/// store.on_next(Call::Insert, Fault::AnswerLost);
///
/// let now = Clock::system().now();
/// let (key, record) = (StoreKey::from_bytes([1; 32]), Record::new(now, now + Duration::from_mins(1)));
/// let answer = store.insert(&key, &record).await;
///
/// assert!(answer.is_err_and(|error| error.is_unreachable()));
/// assert_eq!(store.inner().len(), 1, "only the answer was lost");
/// assert_eq!(store.happened(), [(Call::Insert, Fault::AnswerLost)]);
/// # }
/// ```
pub struct FaultStore<S> {
    inner: Arc<S>,
    schedule: Arc<Mutex<Schedule>>,
}

/// What goes wrong with a call to a store: either the call or its answer is lost, late, or never comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing is done, and the error says that the store is unreachable.
    CallLost,
    /// It is done, and the error says that the store is unreachable.
    AnswerLost,
    /// It is done this much later, by tokio's timer; a caller that gives up before has called nothing.
    CallDelayed(Duration),
    /// It is done at once, and its answer comes this much later.
    AnswerDelayed(Duration),
    /// Nothing is done, and no answer ever comes.
    CallHangs,
    /// It is done, and no answer ever comes.
    AnswerHangs,
}

/// A method of [`SessionStore`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Call {
    /// [`SessionStore::load`].
    Load,
    /// [`SessionStore::insert`].
    Insert,
    /// [`SessionStore::update`].
    Update,
    /// [`SessionStore::rename`].
    Rename,
    /// [`SessionStore::touch`].
    Touch,
    /// [`SessionStore::remove`].
    Remove,
}

impl Call {
    /// Every method: a store that is down has a fault on each.
    pub const ALL: [Self; 6] = [Self::Load, Self::Insert, Self::Update, Self::Rename, Self::Touch, Self::Remove];
}

impl<S> FaultStore<S> {
    /// This store, without any fault yet.
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), schedule: Arc::default() }
    }

    /// The store itself, past all faults.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// The next such call has this fault.
    pub fn on_next(&self, call: Call, fault: Fault) {
        self.on_nth(call, 1, fault);
    }

    /// The `n`th such call from now on has this fault; the first is the next one.
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    pub fn on_nth(&self, call: Call, n: u64, fault: Fault) {
        assert!(n > 0, "calls are counted from 1");
        self.schedule().on_nth(call, n, fault);
    }

    /// From now on every such call has this fault.
    pub fn on_every(&self, call: Call, fault: Fault) {
        self.schedule().on_every(call, fault);
    }

    /// From now on one in so many calls, of whatever kind, has one of these faults. The same calls in the same order meet the same faults
    /// under the same seed.
    pub fn by_chance(&self, seed: u64, one_in: u64, faults: impl IntoIterator<Item = Fault>) {
        self.schedule().by_chance(seed, one_in, faults.into_iter().collect());
    }

    /// From now on there are no faults.
    pub fn recover(&self) {
        self.schedule().recover();
    }

    /// The faults that happened since this was last asked, in their order.
    pub fn happened(&self) -> Vec<(Call, Fault)> {
        self.schedule().take_happened()
    }

    /// Nothing of a user's runs under the lock.
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: SessionStore> FaultStore<S> {
    /// Asks the store, with whatever fault it is this call's turn to have.
    async fn ask<'a, T, F>(&'a self, call: Call, ask: impl FnOnce(&'a S) -> F + Send) -> Result<T, StoreError>
    where
        T: Send,
        F: Future<Output = Result<T, StoreError>> + Send,
    {
        let fault = self.schedule().fault_of(call);
        match fault {
            None => ask(&self.inner).await,
            Some(Fault::CallLost) => Err(StoreError::unreachable("a fault on demand: the call was lost")),
            Some(Fault::AnswerLost) => {
                let _lost = ask(&self.inner).await;
                Err(StoreError::unreachable("a fault on demand: the answer was lost"))
            }
            Some(Fault::CallDelayed(delay)) => {
                tokio::time::sleep(delay).await;
                ask(&self.inner).await
            }
            Some(Fault::AnswerDelayed(delay)) => {
                let answer = ask(&self.inner).await;
                tokio::time::sleep(delay).await;
                answer
            }
            Some(Fault::CallHangs) => std::future::pending().await,
            Some(Fault::AnswerHangs) => {
                let _lost = ask(&self.inner).await;
                std::future::pending().await
            }
        }
    }
}

impl<S: SessionStore> SessionStore for FaultStore<S> {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        self.ask(Call::Load, |store| store.load(key, roll)).await
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        self.ask(Call::Insert, |store| store.insert(key, record)).await
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        self.ask(Call::Update, |store| store.update(key, update)).await
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        self.ask(Call::Rename, |store| store.rename(old, new, update, grace)).await
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        self.ask(Call::Touch, |store| store.touch(key, expires)).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        self.ask(Call::Remove, |store| store.remove(key)).await
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        self.inner.index()
    }
}

impl<S> Clone for FaultStore<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), schedule: self.schedule.clone() }
    }
}

impl<S: fmt::Debug> fmt::Debug for FaultStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultStore").field("inner", &self.inner).field("schedule", &*self.schedule()).finish()
    }
}

#[cfg(all(test, feature = "memory"))]
mod tests;
