//! Sessions in this process.

mod lru;
mod owners;
mod shard;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Applied, BoxFuture, ExpiryChange, Inserted, Loaded, OwnedSession, POINTER_LIFE, PrincipalIndex, Removed,
    SessionStore, Touched, Update, Updated,
};
use crate::clock::{Clock, Timestamp};
use crate::error::StoreError;
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::Record;
use owners::Owners;
use shard::{Entry, Shard};

/// A power of two: a key's last byte chooses among them.
const SHARDS: usize = 64;

/// Keeps sessions in this process: the fastest store, and gone with it.
///
/// 1. Clones share their sessions.
/// 2. An expired session is never answered, and is freed by the requests that come after its end: no task has to be started.
/// 3. It holds at most [`max_sessions`](Self::max_sessions). When it is full, expired sessions go first, then the least recently used of those
///    without a principal; where none is left, a new session is refused, which a client sees as 503.
///
/// ```
/// use session_runtime::{MemoryStore, SessionLayer};
///
/// let layer = SessionLayer::new(MemoryStore::new().max_sessions(10_000));
/// # let _ = layer;
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    clock: Clock,
    max_sessions: usize,
}

struct Shared {
    shards: [Mutex<Shard>; SHARDS],
    sessions: AtomicUsize,
    owners: Arc<Owners>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// A store without sessions.
    pub fn new() -> Self {
        let owners = Arc::new(Owners::default());
        let shards = std::array::from_fn(|_| Mutex::new(Shard::new(owners.clone())));
        let shared = Arc::new(Shared { shards, sessions: AtomicUsize::new(0), owners });
        Self { shared, clock: Clock::system(), max_sessions: 1_000_000 }
    }

    /// How many sessions it holds at most: a million by default.
    #[must_use]
    pub fn max_sessions(mut self, max: usize) -> Self {
        self.max_sessions = max;
        self
    }

    /// What tells the time, for tests: the clock of the layer, as a rule.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How many sessions it holds, expired ones that were not freed yet among them.
    pub fn len(&self) -> usize {
        self.shared.sessions.load(Ordering::Relaxed)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Frees every expired session now, and says how many there were.
    pub fn clear_expired(&self) -> usize {
        let now = self.clock.now();
        self.shared.shards.iter().map(|shard| self.free_expired(&mut lock(shard), now, usize::MAX)).sum()
    }

    /// The shard of a key, its oldest expired sessions freed.
    fn shard(&self, key: &StoreKey, now: Timestamp) -> MutexGuard<'_, Shard> {
        let mut shard = lock(&self.shared.shards[shard_of(key)]);
        self.free_expired(&mut shard, now, 4);
        shard
    }

    fn free_expired(&self, shard: &mut Shard, now: Timestamp, most: usize) -> usize {
        let freed = shard.free_expired(now, most);
        self.forget(freed);
        freed
    }

    fn forget(&self, sessions: usize) {
        if sessions > 0 {
            self.shared.sessions.fetch_sub(sessions, Ordering::Relaxed);
        }
    }

    /// Stores and counts a new session, beyond the limit if need be; answers only if the key is taken.
    fn put(&self, key: &StoreKey, record: &Record) -> Option<Inserted> {
        let now = self.clock.now();
        let mut shard = self.shard(key, now);
        match shard.find(key, now).map(|slot| shard.entry(slot)) {
            None => {}
            Some(Entry::Session(known)) if known.shares_stamp(record) => return Some(Inserted::Done),
            Some(_) => return Some(Inserted::Exists),
        }
        let replaced = shard.insert(*key, Entry::Session(record.clone()), record.expires(), now);
        self.shared.sessions.fetch_add(1 - replaced, Ordering::Relaxed);
        None
    }

    fn end(&self, key: &StoreKey) -> Removed {
        let now = self.clock.now();
        let mut shard = self.shard(key, now);
        let Some(slot) = shard.find(key, now) else {
            return Removed::Missing;
        };
        if let Entry::Pointer { to, .. } = shard.entry(slot) {
            return Removed::Moved(*to);
        }
        shard.remove(slot);
        self.forget(1);
        Removed::Done
    }

    /// The session that is, or was a moment ago, under a key.
    fn follow(&self, mut key: StoreKey) -> Option<OwnedSession> {
        let now = self.clock.now();
        loop {
            let shard = lock(&self.shared.shards[shard_of(&key)]);
            match shard.entry(shard.find(&key, now)?) {
                Entry::Session(record) => return Some(OwnedSession::new(key, record.clone())),
                Entry::Pointer { to, .. } => key = *to,
            }
        }
    }

    /// Brings the store back to its size after an insert; `false` where only the new session could be ended.
    fn make_room(&self, new: &StoreKey) -> bool {
        if self.len() > self.max_sessions {
            self.clear_expired();
        }
        while self.len() > self.max_sessions {
            if !self.evict_other(new) && self.holds_only_principals_beside(new) {
                return false;
            }
        }
        true
    }

    /// Ends the least recently used session without a principal that is not `new`, if a look from shard to shard finds one.
    fn evict_other(&self, new: &StoreKey) -> bool {
        let shards = self.shared.shards.iter();
        let idlest = shards.filter_map(|shard| Some((lock(shard).idlest(new)?, shard)));
        let Some((_, shard)) = idlest.min_by_key(|(used, _)| *used) else {
            return false;
        };
        let evicted = {
            let mut shard = lock(shard);
            let evicted = shard.evict_idlest(new);
            self.forget(usize::from(evicted));
            evicted
        };
        if evicted {
            tracing::warn!(
                max_sessions = self.max_sessions,
                "the memory store is full, the least recently used session was ended"
            );
        }
        evicted
    }

    /// Whether the store is full and nobody can be ended: under all locks, since sessions come and go between two.
    fn holds_only_principals_beside(&self, new: &StoreKey) -> bool {
        let shards: Vec<_> = self.shared.shards.iter().map(lock).collect();
        self.len() > self.max_sessions && shards.iter().all(|shard| shard.idlest(new).is_none())
    }
}

fn shard_of(key: &StoreKey) -> usize {
    usize::from(key.as_bytes()[31]) % SHARDS
}

/// Nothing of a user's runs under the lock.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SessionStore for MemoryStore {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        let now = self.clock.now();
        let mut shard = self.shard(key, now);
        let Some(slot) = shard.find(key, now) else {
            return Ok(None);
        };
        shard.used(slot, now);
        let record = match shard.entry(slot) {
            Entry::Session(record) => record.clone(),
            Entry::Pointer { to, grace: true } => return Ok(Some(Loaded::Moved(*to))),
            Entry::Pointer { grace: false, .. } => return Ok(Some(Loaded::Renamed)),
        };
        let Some(due) = roll.and_then(|roll| roll.due_for(&record)) else {
            return Ok(Some(Loaded::Record { record, rolled: false }));
        };
        let record = record.expiring(due);
        shard.replace(slot, record.clone());
        Ok(Some(Loaded::Record { record, rolled: true }))
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        if let Some(answer) = self.put(key, record) {
            return Ok(answer);
        }
        if self.make_room(key) {
            return Ok(Inserted::Done);
        }
        self.end(key);
        tracing::error!(
            max_sessions = self.max_sessions,
            "the memory store is full of sessions that cannot be evicted"
        );
        Err(StoreError::rejected("the memory store is full"))
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        let now = self.clock.now();
        let mut shard = self.shard(key, now);
        let Some(slot) = shard.find(key, now) else {
            return Ok(Updated::Missing);
        };
        let applied = match shard.entry(slot) {
            Entry::Session(record) => update.apply_to(record),
            Entry::Pointer { to, grace: true } => return Ok(Updated::Moved(*to)),
            Entry::Pointer { grace: false, .. } => return Ok(Updated::Missing),
        };
        match applied {
            Applied::Write(record) => {
                shard.replace(slot, record);
                shard.used(slot, now);
                Ok(Updated::Done)
            }
            Applied::Empty => {
                shard.remove(slot);
                self.forget(1);
                Ok(Updated::Emptied)
            }
            Applied::Repeated => Ok(Updated::Done),
            Applied::Outdated => Ok(shard.conflict(slot)),
        }
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        let now = self.clock.now();
        let mut shards = self.both(old, new, now);
        let (from, to) = shards.pair();
        let Some(slot) = from.find(old, now) else {
            return Ok(Updated::Missing);
        };
        let applied = match from.entry(slot) {
            Entry::Session(record) => update.apply_to(record),
            // A repeated call finds what it left behind the first time; the session may have ended, or gone elsewhere, since.
            Entry::Pointer { to: known, .. } if known == new => {
                let lives = to.as_deref().unwrap_or(from).is_session(new, now);
                return Ok(if lives { Updated::Done } else { Updated::Missing });
            }
            Entry::Pointer { to, grace: true } => return Ok(Updated::Moved(*to)),
            Entry::Pointer { grace: false, .. } => return Ok(Updated::Missing),
        };
        match applied {
            Applied::Write(record) => {
                if to.as_deref().unwrap_or(from).find(new, now).is_some() {
                    return Err(StoreError::rejected("the new key of a rename is taken"));
                }
                let expires = record.expires();
                // The new one first: whoever lists the owner's sessions finds one of the two keys, and reads it only after this is done.
                let replaced = to.unwrap_or(&mut *from).insert(*new, Entry::Session(record), expires, now);
                from.remove(slot);
                let pointer = Entry::Pointer { to: *new, grace: grace.is_some() };
                from.insert(*old, pointer, grace.unwrap_or(now + POINTER_LIFE), now);
                self.forget(replaced);
                Ok(Updated::Done)
            }
            Applied::Empty => {
                from.remove(slot);
                self.forget(1);
                Ok(Updated::Emptied)
            }
            // The commit was an update: the session was never under the new key.
            Applied::Repeated => Ok(Updated::Missing),
            Applied::Outdated => Ok(from.conflict(slot)),
        }
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        let now = self.clock.now();
        let mut shard = self.shard(key, now);
        let Some(slot) = shard.find(key, now) else {
            return Ok(Touched::Missing);
        };
        let record = match shard.entry(slot) {
            Entry::Session(record) => record.clone(),
            Entry::Pointer { to, grace: true } => return Ok(Touched::Moved(*to)),
            Entry::Pointer { grace: false, .. } => return Ok(Touched::Missing),
        };
        let expires = ExpiryChange::Extend(expires).applied_to(&record);
        shard.replace(slot, record.expiring(expires));
        Ok(Touched::Done)
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        Ok(self.end(key))
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        Some(self)
    }
}

impl PrincipalIndex for MemoryStore {
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>> {
        Box::pin(async move {
            let keys = self.shared.owners.keys(principal);
            let mut sessions: Vec<_> = keys.into_iter().filter_map(|key| self.follow(key)).collect();
            sessions.retain(|session| session.record.principal() == Some(principal));
            // One that was being renamed is there under both keys.
            sessions.sort_by_key(|session| session.key);
            sessions.dedup_by_key(|session| session.key);
            Ok(sessions)
        })
    }

    fn call_off<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

/// The shards of two keys, which may be one.
struct Both<'a> {
    first: MutexGuard<'a, Shard>,
    second: Option<MutexGuard<'a, Shard>>,
}

impl MemoryStore {
    /// Locks the shards of both keys, always in the same order.
    fn both(&self, first: &StoreKey, second: &StoreKey, now: Timestamp) -> Both<'_> {
        match shard_of(first).cmp(&shard_of(second)) {
            std::cmp::Ordering::Equal => Both { first: self.shard(first, now), second: None },
            std::cmp::Ordering::Less => {
                let first = self.shard(first, now);
                Both { first, second: Some(self.shard(second, now)) }
            }
            std::cmp::Ordering::Greater => {
                let second = self.shard(second, now);
                Both { first: self.shard(first, now), second: Some(second) }
            }
        }
    }
}

impl Both<'_> {
    fn pair(&mut self) -> (&mut Shard, Option<&mut Shard>) {
        (&mut self.first, self.second.as_deref_mut())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("sessions", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
