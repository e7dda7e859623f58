//! Which keys are whose.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::id::StoreKey;

/// The keys of every principal's sessions. Its lock is taken under those of shards, and never the other way round.
#[derive(Debug, Default)]
pub(super) struct Owners(Mutex<HashMap<Arc<str>, HashSet<StoreKey>>>);

impl Owners {
    /// Notes whose session is under a key.
    pub(super) fn add(&self, owner: &str, key: StoreKey) {
        let mut owners = self.lock();
        match owners.get_mut(owner) {
            Some(keys) => {
                keys.insert(key);
            }
            None => {
                owners.insert(owner.into(), HashSet::from([key]));
            }
        }
    }

    /// Notes that the session is no longer under this key.
    pub(super) fn remove(&self, owner: &str, key: &StoreKey) {
        let mut owners = self.lock();
        let Some(keys) = owners.get_mut(owner) else { return };
        keys.remove(key);
        if keys.is_empty() {
            owners.remove(owner);
        }
    }

    pub(super) fn keys(&self, owner: &str) -> Vec<StoreKey> {
        self.lock().get(owner).map(|keys| keys.iter().copied().collect()).unwrap_or_default()
    }

    /// Nothing of a user's runs under the lock.
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, HashSet<StoreKey>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
