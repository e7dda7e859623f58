//! The records, each with the connection that learned it, and the changes that overtake a read on its way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use redis::Value;

use crate::id::StoreKey;
use crate::record::Record;
use crate::store::redis::layout;

/// Keys whose changes are counted together: a change to one costs the others at most a read that is not kept.
const COUNTS: usize = 1 << 8;

pub(super) struct Cache {
    records: quick_cache::sync::Cache<StoreKey, Learned>,
    changes: [Mutex<u64>; COUNTS],
}

/// A record, and the number of the connection that learned it.
#[derive(Clone)]
struct Learned {
    record: Record,
    by: u64,
}

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { records: quick_cache::sync::Cache::new(capacity), changes: [const { Mutex::new(0) }; COUNTS] }
    }

    /// The record, if this connection learned it.
    pub(super) fn get(&self, key: &StoreKey, connection: u64) -> Option<Record> {
        self.records.get(key).filter(|learned| learned.by == connection).map(|learned| learned.record)
    }

    /// How many changes there have been to this key, or to one that is counted with it.
    pub(super) fn changes(&self, key: &StoreKey) -> u64 {
        *self.count(key)
    }

    /// Keeps a record, unless there have been more changes than when it was asked for.
    pub(super) fn put(&self, key: &StoreKey, record: &Record, connection: u64, changes: u64) {
        let count = self.count(key);
        if *count == changes {
            self.records.insert(*key, Learned { record: record.clone(), by: connection });
        }
    }

    /// Drops a record, and whatever is read of it at the moment.
    pub(super) fn forget(&self, key: &StoreKey) {
        let mut count = self.count(key);
        *count += 1;
        self.records.remove(key);
    }

    /// Does what an invalidation says: the names of keys, or nothing where all have gone.
    pub(super) fn invalidate(&self, data: &[Value]) {
        match data {
            [Value::Array(names)] => {
                for name in names {
                    match name {
                        Value::BulkString(name) => layout::key_of_name(name).iter().for_each(|key| self.forget(key)),
                        _ => self.forget_all(),
                    }
                }
            }
            _ => self.forget_all(),
        }
    }

    fn forget_all(&self) {
        let mut counts: Vec<_> = self.changes.iter().map(lock).collect();
        for count in &mut counts {
            **count += 1;
        }
        self.records.clear();
    }

    /// The changes that a key is counted with, held: it is a hash already.
    fn count(&self, key: &StoreKey) -> MutexGuard<'_, u64> {
        lock(&self.changes[usize::from(key.as_bytes()[0]) % COUNTS])
    }
}

fn lock(count: &Mutex<u64>) -> MutexGuard<'_, u64> {
    count.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn cache() -> (Cache, StoreKey, Record) {
        let record = Record::new(Timestamp::default(), Timestamp::default());
        (Cache::new(8), StoreKey::from_bytes([7; 32]), record)
    }

    #[test]
    fn a_record_is_kept_for_the_connection_that_learned_it() {
        let (cache, key, record) = cache();
        cache.put(&key, &record, 1, cache.changes(&key));
        assert!(cache.get(&key, 1).is_some());
        assert!(cache.get(&key, 2).is_none());
    }

    #[test]
    fn what_changed_while_it_was_read_is_not_kept() {
        let (cache, key, record) = cache();
        let before = cache.changes(&key);
        cache.forget(&key);
        cache.put(&key, &record, 1, before);
        assert!(cache.get(&key, 1).is_none());
    }

    #[test]
    fn an_invalidation_drops_the_keys_that_it_names_and_one_of_everything_drops_all() {
        let (cache, key, record) = cache();
        let other = StoreKey::from_bytes([8; 32]);
        for key in [&key, &other] {
            cache.put(key, &record, 1, cache.changes(key));
        }
        let mut name = "shop:".to_owned();
        layout::append_key(&mut name, &key);
        cache.invalidate(&[Value::Array(vec![Value::BulkString(name.into())])]);
        assert!(cache.get(&key, 1).is_none() && cache.get(&other, 1).is_some());
        let before = cache.changes(&key);
        cache.invalidate(&[Value::Nil]);
        cache.put(&key, &record, 1, before);
        assert!(cache.get(&key, 1).is_none() && cache.get(&other, 1).is_none());
    }
}
