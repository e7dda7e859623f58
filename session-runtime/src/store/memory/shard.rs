//! One lock's worth of sessions: by key, by end, by use.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashTable;
use slab::Slab;

use super::lru::{Links, NONE, Order};
use super::owners::Owners;
use crate::clock::Timestamp;
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::Updated;

/// What is kept under a key.
#[derive(Debug)]
pub(super) enum Entry {
    Session(Record),
    /// Where a renamed session went; without grace only a sign-out may know.
    Pointer {
        to: StoreKey,
        grace: bool,
    },
}

#[derive(Debug)]
struct Slot {
    key: StoreKey,
    entry: Entry,
    expires: Timestamp,
    used: Timestamp,
    links: Links,
}

impl Slot {
    /// Whether this may be ended to make room: the session of a principal may not.
    fn is_evictable(&self) -> bool {
        matches!(&self.entry, Entry::Session(record) if record.principal().is_none())
    }
}

impl Entry {
    /// Whose session it is.
    fn owner(&self) -> Option<&str> {
        match self {
            Self::Session(record) => record.principal(),
            Self::Pointer { .. } => None,
        }
    }
}

/// Slots, and three ways to find them. Only evictable slots are in the order of use.
#[derive(Debug)]
pub(super) struct Shard {
    slots: Slab<Slot>,
    by_key: HashTable<u32>,
    by_end: BTreeSet<(Timestamp, u32)>,
    by_use: Order,
    owners: Arc<Owners>,
}

impl Shard {
    pub(super) fn new(owners: Arc<Owners>) -> Self {
        Self { slots: Slab::new(), by_key: HashTable::new(), by_end: BTreeSet::new(), by_use: Order::new(), owners }
    }

    /// The slot of a key that has not expired.
    pub(super) fn find(&self, key: &StoreKey, now: Timestamp) -> Option<u32> {
        let slot =
            *self.by_key.find(hash(key), |slot| self.slots.get(*slot as usize).is_some_and(|slot| slot.key == *key))?;
        (self.slots[slot as usize].expires > now).then_some(slot)
    }

    /// Whether a session is under this key, and not merely a pointer.
    pub(super) fn is_session(&self, key: &StoreKey, now: Timestamp) -> bool {
        self.find(key, now).is_some_and(|slot| matches!(self.entry(slot), Entry::Session(_)))
    }

    pub(super) fn entry(&self, slot: u32) -> &Entry {
        &self.slots[slot as usize].entry
    }

    /// Puts an entry under a key that [`find`](Self::find) does not find; how many expired sessions made way for it.
    pub(super) fn insert(&mut self, key: StoreKey, entry: Entry, expires: Timestamp, now: Timestamp) -> usize {
        let replaced = usize::from(self.remove_key(&key));
        let slot = Slot { key, entry, expires, used: now, links: Links::LOOSE };
        if let Some(owner) = slot.entry.owner() {
            self.owners.add(owner, key);
        }
        let evictable = slot.is_evictable();
        let slot = u32::try_from(self.slots.insert(slot)).unwrap_or(NONE);
        self.by_key.insert_unique(hash(&key), slot, |slot| hash(&self.slots[*slot as usize].key));
        self.by_end.insert((expires, slot));
        if evictable {
            self.link(slot);
        }
        replaced
    }

    /// Puts a record in the place of another under the same key.
    pub(super) fn replace(&mut self, slot: u32, record: Record) {
        let held = &mut self.slots[slot as usize];
        let was_evictable = held.is_evictable();
        let expires = record.expires();
        let before = std::mem::replace(&mut held.entry, Entry::Session(record));
        let is_evictable = held.is_evictable();
        if before.owner() != held.entry.owner() {
            // The new one first, as in a rename.
            if let Some(owner) = held.entry.owner() {
                self.owners.add(owner, held.key);
            }
            if let Some(owner) = before.owner() {
                self.owners.remove(owner, &held.key);
            }
        }
        if expires != held.expires {
            let before = std::mem::replace(&mut held.expires, expires);
            self.by_end.remove(&(before, slot));
            self.by_end.insert((expires, slot));
        }
        match (was_evictable, is_evictable) {
            (true, false) => self.unlink(slot),
            (false, true) => self.link(slot),
            _ => {}
        }
    }

    /// What is there, for a commit that was based on something else.
    pub(super) fn conflict(&self, slot: u32) -> Updated {
        match self.entry(slot) {
            Entry::Session(record) => Updated::Conflict(record.clone()),
            Entry::Pointer { .. } => Updated::Missing,
        }
    }

    /// Notes that a session was used.
    pub(super) fn used(&mut self, slot: u32, now: Timestamp) {
        self.slots[slot as usize].used = now;
        if self.by_use.newest() != slot && self.slots[slot as usize].is_evictable() {
            self.unlink(slot);
            self.link(slot);
        }
    }

    pub(super) fn remove(&mut self, slot: u32) {
        let key = self.slots[slot as usize].key;
        self.remove_key(&key);
    }

    /// Removes what is under a key, expired or not; whether that was a session.
    fn remove_key(&mut self, key: &StoreKey) -> bool {
        let found = self.by_key.find_entry(hash(key), |slot| self.slots[*slot as usize].key == *key);
        let Ok(found) = found else { return false };
        let (slot, _) = found.remove();
        if self.slots[slot as usize].is_evictable() {
            self.unlink(slot);
        }
        let removed = self.slots.remove(slot as usize);
        if let Some(owner) = removed.entry.owner() {
            self.owners.remove(owner, key);
        }
        self.by_end.remove(&(removed.expires, slot));
        matches!(removed.entry, Entry::Session(_))
    }

    /// Frees up to `most` entries that have expired; how many of them were sessions.
    pub(super) fn free_expired(&mut self, now: Timestamp, most: usize) -> usize {
        let mut sessions = 0;
        for _ in 0..most {
            match self.by_end.first() {
                Some((expires, slot)) if *expires <= now => {
                    let key = self.slots[*slot as usize].key;
                    sessions += usize::from(self.remove_key(&key));
                }
                _ => break,
            }
        }
        sessions
    }

    /// When the least recently used session that may be ended, and is not under `new`, was used.
    pub(super) fn idlest(&self, new: &StoreKey) -> Option<Timestamp> {
        let slot = self.slots.get(self.by_use.oldest() as usize)?;
        (slot.key != *new).then_some(slot.used)
    }

    /// Ends that session.
    pub(super) fn evict_idlest(&mut self, new: &StoreKey) -> bool {
        let exists = self.idlest(new).is_some();
        if exists {
            self.remove(self.by_use.oldest());
        }
        exists
    }

    fn link(&mut self, slot: u32) {
        let Self { slots, by_use, .. } = self;
        by_use.push(slot, slots);
    }

    fn unlink(&mut self, slot: u32) {
        let Self { slots, by_use, .. } = self;
        by_use.unlink(slot, slots);
    }
}

/// The key is a hash already.
fn hash(key: &StoreKey) -> u64 {
    key.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

impl super::lru::Linked for Slab<Slot> {
    fn links(&mut self, slot: u32) -> Option<&mut Links> {
        self.get_mut(slot as usize).map(|slot| &mut slot.links)
    }
}
