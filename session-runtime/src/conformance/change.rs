//! A commit that checks make, before it is based on any record.

use std::sync::Arc;

use crate::record::{Delta, Record, Stamp};
use crate::store::{ExpiryChange, PrincipalChange, Update};

/// What a request would change.
#[derive(Clone)]
pub(super) struct Change {
    delta: Delta,
    stamp: Stamp,
    version_must_hold: bool,
    remove_if_empty: bool,
    expiry: ExpiryChange,
    principal: PrincipalChange,
}

impl Change {
    /// Nothing, under a stamp of its own.
    pub(super) fn nothing() -> Self {
        Self {
            delta: Delta::default(),
            stamp: Stamp::next(),
            version_must_hold: false,
            remove_if_empty: false,
            expiry: ExpiryChange::Keep,
            principal: PrincipalChange::Keep,
        }
    }

    /// One field set.
    pub(super) fn set(name: impl Into<String>, value: impl AsRef<[u8]>) -> Self {
        Self::nothing().and_set(name, value)
    }

    /// One field removed.
    pub(super) fn clear(name: &'static str) -> Self {
        Self::nothing().and_clear(name)
    }

    pub(super) fn and_set(mut self, name: impl Into<String>, value: impl AsRef<[u8]>) -> Self {
        self.delta.set(name.into(), value.as_ref());
        self
    }

    pub(super) fn and_clear(mut self, name: &'static str) -> Self {
        self.delta.remove(name);
        self
    }

    pub(super) fn version_must_hold(mut self) -> Self {
        self.version_must_hold = true;
        self
    }

    pub(super) fn remove_if_empty(mut self) -> Self {
        self.remove_if_empty = true;
        self
    }

    pub(super) fn expiry(mut self, expiry: ExpiryChange) -> Self {
        self.expiry = expiry;
        self
    }

    pub(super) fn owner(mut self, owner: Option<&str>) -> Self {
        self.principal = PrincipalChange::Set(owner.map(Arc::from));
        self
    }

    /// The commit, as one that was made from this record.
    pub(super) fn on<'a>(&'a self, base: &'a Record) -> Update<'a> {
        Update::new(base, &self.delta, self.stamp)
            .version_must_hold(self.version_must_hold)
            .remove_if_empty(self.remove_if_empty)
            .expiry(self.expiry)
            .principal(self.principal.clone())
    }

    /// This record with the change made.
    pub(super) fn made_to(&self, record: &Record) -> Record {
        let next = record.apply_stamped(&self.delta, self.stamp);
        let expires = self.expiry.applied_to(&next);
        let next = next.expiring(expires);
        self.principal.applied_to(next)
    }
}
