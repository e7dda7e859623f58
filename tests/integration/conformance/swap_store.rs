//! A store that can only compare the version and swap a whole record, as a row of a table can.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_runtime::record::Record;
use session_runtime::store::{
    Applied, BoxFuture, ExpiryChange, Inserted, Loaded, OwnedSession, POINTER_LIFE, PrincipalIndex, Removed, Touched,
    Update, Updated,
};
use session_runtime::{Clock, Roll, SessionStore, StoreError, StoreKey, Timestamp};

/// Keeps whole records. It compares the version with that of every commit's base, whether the commit asks for it or not, and answers
/// `Conflict` now and then for no reason.
pub(crate) struct SwapStore {
    rows: Mutex<HashMap<StoreKey, Row>>,
    clock: Clock,
    commits: AtomicUsize,
}

#[derive(Clone)]
enum Row {
    Session(Record),
    Pointer { to: StoreKey, until: Timestamp, grace: bool },
}

/// What a commit found, and what it came to.
enum Swap {
    Write(Record),
    Answer(Updated),
}

/// One in so many commits is refused for no reason.
const SPURIOUS: usize = 3;

type Rows<'a> = MutexGuard<'a, HashMap<StoreKey, Row>>;

impl SwapStore {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { rows: Mutex::default(), clock, commits: AtomicUsize::new(0) }
    }

    /// The rows, without those that have ended.
    fn rows(&self) -> Rows<'_> {
        let now = self.clock.now();
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|_, row| match row {
            Row::Session(record) => record.expires() > now,
            Row::Pointer { until, .. } => *until > now,
        });
        rows
    }

    /// What is to be swapped in for the row under `key`.
    fn swap(&self, rows: &Rows<'_>, key: &StoreKey, update: &Update<'_>) -> Swap {
        let current = match rows.get(key) {
            Some(Row::Session(record)) => record,
            Some(Row::Pointer { to, grace: true, .. }) => return Swap::Answer(Updated::Moved(*to)),
            Some(Row::Pointer { grace: false, .. }) | None => return Swap::Answer(Updated::Missing),
        };
        let spurious = self.commits.fetch_add(1, Ordering::Relaxed) % SPURIOUS == SPURIOUS - 1;
        match update.apply_to(current) {
            Applied::Repeated => Swap::Answer(Updated::Done),
            Applied::Write(_) | Applied::Empty if spurious || update.base().version() != current.version() => {
                Swap::Answer(Updated::Conflict(current.clone()))
            }
            Applied::Write(next) => Swap::Write(next),
            Applied::Empty => Swap::Answer(Updated::Emptied),
            Applied::Outdated => Swap::Answer(Updated::Conflict(current.clone())),
        }
    }
}

impl SessionStore for SwapStore {
    async fn load(&self, key: &StoreKey, _: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        Ok(match self.rows().get(key) {
            Some(Row::Session(record)) => Some(Loaded::Record { record: record.clone(), rolled: false }),
            Some(Row::Pointer { to, grace: true, .. }) => Some(Loaded::Moved(*to)),
            Some(Row::Pointer { grace: false, .. }) => Some(Loaded::Renamed),
            None => None,
        })
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        let mut rows = self.rows();
        match rows.get(key) {
            Some(Row::Session(known)) if known.shares_stamp(record) => return Ok(Inserted::Done),
            Some(_) => return Ok(Inserted::Exists),
            None => rows.insert(*key, Row::Session(record.clone())),
        };
        Ok(Inserted::Done)
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        let mut rows = self.rows();
        match self.swap(&rows, key, update) {
            Swap::Write(next) => {
                rows.insert(*key, Row::Session(next));
                Ok(Updated::Done)
            }
            Swap::Answer(Updated::Emptied) => {
                rows.remove(key);
                Ok(Updated::Emptied)
            }
            Swap::Answer(answer) => Ok(answer),
        }
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        let mut rows = self.rows();
        if let Some(Row::Pointer { to, .. }) = rows.get(old)
            && to == new
        {
            let lives = matches!(rows.get(new), Some(Row::Session(record)) if record.has_stamp(update.stamp()));
            return Ok(if lives { Updated::Done } else { Updated::Missing });
        }
        match self.swap(&rows, old, update) {
            // The commit was an update: the session was never under the new key.
            Swap::Answer(Updated::Done) => Ok(Updated::Missing),
            Swap::Write(_) if rows.contains_key(new) => Err(StoreError::rejected("the new key of a rename is taken")),
            Swap::Write(next) => {
                let until = grace.unwrap_or_else(|| self.clock.now() + POINTER_LIFE);
                rows.insert(*old, Row::Pointer { to: *new, until, grace: grace.is_some() });
                rows.insert(*new, Row::Session(next));
                Ok(Updated::Done)
            }
            Swap::Answer(Updated::Emptied) => {
                rows.remove(old);
                Ok(Updated::Emptied)
            }
            Swap::Answer(answer) => Ok(answer),
        }
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        let mut rows = self.rows();
        Ok(match rows.get_mut(key) {
            Some(Row::Session(record)) => {
                // Counted as a commit, so that no swap of an older record undoes it.
                let (version, expires) = (record.version(), ExpiryChange::Extend(expires).applied_to(record));
                *record = record.clone().expiring(expires).at_version(version + 1);
                Touched::Done
            }
            Some(Row::Pointer { to, grace: true, .. }) => Touched::Moved(*to),
            Some(Row::Pointer { grace: false, .. }) | None => Touched::Missing,
        })
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        let mut rows = self.rows();
        Ok(match rows.get(key) {
            Some(Row::Session(_)) => {
                rows.remove(key);
                Removed::Done
            }
            Some(Row::Pointer { to, .. }) => Removed::Moved(*to),
            None => Removed::Missing,
        })
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        Some(self)
    }
}

impl PrincipalIndex for SwapStore {
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>> {
        let rows = self.rows();
        let owned = rows.iter().filter_map(|(key, row)| match row {
            Row::Session(record) if record.principal() == Some(principal) => {
                Some(OwnedSession::new(*key, record.clone()))
            }
            Row::Session(_) | Row::Pointer { .. } => None,
        });
        let owned = owned.collect();
        Box::pin(async { Ok(owned) })
    }

    fn call_off<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}
