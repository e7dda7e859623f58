//! One commit to one record, and what it makes of what is there.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::record::{Delta, Record, Stamp};

/// A commit: what a request changed, and on what it was based.
#[derive(Clone, Debug)]
#[must_use = "an update does nothing until a store applies it"]
pub struct Update<'a> {
    base: &'a Record,
    delta: &'a Delta,
    stamp: Stamp,
    version_must_hold: bool,
    remove_if_empty: bool,
    expiry: ExpiryChange,
    principal: PrincipalChange,
}

/// What a commit does to the end of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ExpiryChange {
    /// Leaves it.
    #[default]
    Keep,
    /// Moves it to this moment unless it is later already, or the session has a lifetime of its own.
    Extend(Timestamp),
    /// Moves it to this moment, earlier or later.
    Set(Timestamp),
}

impl ExpiryChange {
    /// When `record` ends after this change.
    pub fn applied_to(self, record: &Record) -> Timestamp {
        match self {
            Self::Set(expires) => expires,
            Self::Extend(expires) if record.own_lifetime().is_none() => record.expires().max(expires),
            Self::Extend(_) | Self::Keep => record.expires(),
        }
    }
}

/// What a commit does to whose session it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum PrincipalChange {
    /// Leaves it.
    #[default]
    Keep,
    /// Makes it this principal's, or nobody's.
    Set(Option<Arc<str>>),
}

impl PrincipalChange {
    /// The record, its owner changed.
    pub fn applied_to(&self, record: Record) -> Record {
        match self {
            Self::Set(principal) => record.owned_by(principal.clone()),
            Self::Keep => record,
        }
    }

    /// Whose session one of `before` is after this change.
    pub fn after<'a>(&'a self, before: Option<&'a str>) -> Option<&'a str> {
        match self {
            Self::Set(principal) => principal.as_deref(),
            Self::Keep => before,
        }
    }
}

/// What a commit makes of the record that is there.
#[derive(Clone, Debug)]
pub enum Applied {
    /// This is to be stored in its place.
    Write(Record),
    /// No field is left: it is to be removed, and the answer is [`Emptied`](super::Updated::Emptied).
    Empty,
    /// The commit was here before: nothing is to be written, and the answer is [`Done`](super::Updated::Done).
    Repeated,
    /// It was based on another version: nothing is to be written, and the answer is [`Conflict`](super::Updated::Conflict).
    Outdated,
}

impl<'a> Update<'a> {
    /// A commit of `delta`, which was made from `base`.
    pub fn new(base: &'a Record, delta: &'a Delta, stamp: Stamp) -> Self {
        Self {
            base,
            delta,
            stamp,
            version_must_hold: false,
            remove_if_empty: false,
            expiry: ExpiryChange::Keep,
            principal: PrincipalChange::Keep,
        }
    }

    /// The same commit, refused where the record is no longer at the version of its base.
    pub fn version_must_hold(mut self, must_hold: bool) -> Self {
        self.version_must_hold = must_hold;
        self
    }

    /// The same commit, ending the session where it leaves no field.
    pub fn remove_if_empty(mut self, remove: bool) -> Self {
        self.remove_if_empty = remove;
        self
    }

    /// The same commit, with this change to the session's end.
    pub fn expiry(mut self, expiry: ExpiryChange) -> Self {
        self.expiry = expiry;
        self
    }

    /// The same commit, with this change to whose session it is.
    pub fn principal(mut self, principal: PrincipalChange) -> Self {
        self.principal = principal;
        self
    }

    /// What it makes of the record that is there now: the whole of a store's merging.
    pub fn apply_to(&self, current: &Record) -> Applied {
        let stamps = current.stamps();
        if stamps.contains(self.stamp) {
            return Applied::Repeated;
        }
        if self.version_must_hold && current.version() != self.base.version() {
            return Applied::Outdated;
        }
        let next = current.apply_with(self.delta, &stamps.and(self.stamp));
        if self.remove_if_empty && next.is_empty() {
            return Applied::Empty;
        }
        let expires = self.expiry.applied_to(&next);
        Applied::Write(self.principal.applied_to(next.expiring(expires)))
    }

    /// What the request saw when it made its changes.
    pub fn base(&self) -> &Record {
        self.base
    }

    /// What it changed.
    pub fn delta(&self) -> &Delta {
        self.delta
    }

    /// What tells this commit from every other.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// The version that the record must have, where it must have one.
    pub fn required_version(&self) -> Option<u64> {
        self.version_must_hold.then(|| self.base.version())
    }

    /// Whether a session without fields is to end.
    pub fn removes_if_empty(&self) -> bool {
        self.remove_if_empty
    }

    /// What happens to the session's end.
    pub fn expiry_change(&self) -> ExpiryChange {
        self.expiry
    }

    /// What happens to the session's owner.
    pub fn principal_change(&self) -> &PrincipalChange {
        &self.principal
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::default() + Duration::from_secs(seconds)
    }

    fn written(applied: Applied) -> Record {
        match applied {
            Applied::Write(record) => record,
            other => panic!("expected a record to write, got {other:?}"),
        }
    }

    #[test]
    fn an_extension_never_shortens_and_leaves_a_lifetime_of_its_own_alone() {
        let record = Record::new(at(0), at(100));
        assert_eq!(ExpiryChange::Extend(at(50)).applied_to(&record), at(100));
        assert_eq!(ExpiryChange::Extend(at(150)).applied_to(&record), at(150));
        assert_eq!(ExpiryChange::Set(at(50)).applied_to(&record), at(50));
        let mut lifetime = Delta::default();
        lifetime.set("@l", b"100000");
        assert_eq!(ExpiryChange::Extend(at(150)).applied_to(&record.apply(&lifetime)), at(100));
    }

    #[test]
    fn a_commit_is_applied_once() {
        let base = Record::new(at(0), at(100));
        let mut delta = Delta::default();
        delta.set("x", b"1");
        let update = Update::new(&base, &delta, Stamp::next());
        let next = written(update.apply_to(&base));
        assert_eq!(next.get("x"), Some(&b"1"[..]));
        assert!(matches!(update.apply_to(&next), Applied::Repeated));
    }

    #[test]
    fn a_version_that_must_hold_is_compared_and_another_is_not() {
        let base = Record::new(at(0), at(100));
        let mut delta = Delta::default();
        delta.set("x", b"1");
        let other = base.apply(&delta);
        let update = Update::new(&base, &delta, Stamp::next());
        assert_eq!(written(update.apply_to(&other)).version(), 3);
        assert!(matches!(update.version_must_hold(true).apply_to(&other), Applied::Outdated));
    }

    #[test]
    fn only_a_commit_that_says_so_ends_what_it_empties() {
        let mut field = Delta::default();
        field.set("x", b"1");
        let record = Record::new(at(0), at(100)).apply(&field);
        let mut delta = Delta::default();
        delta.remove("x");
        let update = Update::new(&record, &delta, Stamp::next());
        assert!(written(update.apply_to(&record)).is_empty());
        assert!(matches!(update.remove_if_empty(true).apply_to(&record), Applied::Empty));
    }
}
