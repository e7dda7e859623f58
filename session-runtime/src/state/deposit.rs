//! Changes that typed sessions leave with their request, until they are committed.

use super::{Changes, Head, Held, State};
use crate::error::SessionError;
use crate::record::is_field;

/// What came after the head of the response, and goes nowhere unless it is saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Late {
    /// Changes of these fields.
    Changes(Vec<String>),
    /// A sign-out.
    Removal,
}

/// What became of changes that were left with the request.
#[derive(Debug)]
pub(crate) enum Left {
    /// They are with the request, or absorbed by a destruction.
    Taken,
    Late(Late),
    /// A user's merge is needed first.
    Overlapping(Box<Overlap>),
}

/// Changes of fields that others have changed earlier in the same request.
#[derive(Debug)]
pub(crate) struct Overlap {
    earlier: Changes,
    later: Changes,
    epoch: u32,
}

impl Overlap {
    /// Both changes: runs a user's code.
    ///
    /// # Errors
    ///
    /// If a merged field cannot be encoded.
    pub(crate) fn merged(&self) -> Result<Changes, SessionError> {
        self.earlier.clone().followed_by(self.later.clone())
    }
}

impl State {
    /// Takes what a typed session changed, or that it could not be encoded, unless the session was destroyed since it was opened. What comes
    /// after the head is told.
    pub(crate) fn leave(&mut self, epoch: u32, staged: Result<Changes, SessionError>) -> Left {
        match staged {
            Err(error) if epoch == self.epoch => {
                self.failure.get_or_insert(error);
            }
            _ if self.head == Head::Sent && self.ended.is_some() => return Left::Late(Late::Removal),
            Ok(changes) if self.is_late() && !changes.is_empty() => {
                let names = changes.delta.iter().map(|(name, _)| name);
                let fields = names.filter(|name| is_field(name.as_bytes())).map(str::to_owned);
                return Left::Late(Late::Changes(fields.collect()));
            }
            Ok(changes) => return self.deposit(epoch, changes),
            Err(_) => {}
        }
        Left::Taken
    }

    /// Adds changes to those that are there.
    #[inline]
    pub(super) fn deposit(&mut self, epoch: u32, later: Changes) -> Left {
        if epoch != self.epoch {
            return Left::Taken;
        }
        self.catch_up();
        if self.changes.overlaps(&later) {
            let earlier = self.changes.clone();
            return Left::Overlapping(Box::new(Overlap { earlier, later, epoch }));
        }
        if self.changes.is_empty() {
            self.put_changes(later);
            return Left::Taken;
        }
        match self.take_changes().followed_by(later) {
            Ok(changes) => self.put_changes(changes),
            Err(error) => self.failure = Some(error),
        }
        Left::Taken
    }

    /// Takes what was merged without the lock, if nothing happened meanwhile; what is to be done again otherwise.
    pub(crate) fn overlapped(&mut self, overlap: Overlap, merged: Result<Changes, SessionError>) -> Left {
        if self.changes.revision != overlap.earlier.revision {
            return self.leave(overlap.epoch, Ok(overlap.later));
        }
        match merged {
            Ok(changes) => {
                self.put_changes(changes);
                Left::Taken
            }
            Err(error) => self.leave(overlap.epoch, Err(error)),
        }
    }

    /// The changes, to be committed; until then they are nobody's.
    pub(crate) fn take_changes(&mut self) -> Changes {
        let revision = self.changes.revision.wrapping_add(1);
        std::mem::replace(&mut self.changes, Changes { revision, ..Changes::default() })
    }

    /// Drops what was left with the request.
    pub(crate) fn forget_changes(&mut self) {
        if !self.changes.is_empty() {
            self.take_changes();
        }
        self.failure = None;
    }

    /// Puts these in the place of what is there.
    #[inline]
    fn put_changes(&mut self, mut changes: Changes) {
        changes.revision = self.changes.revision.wrapping_add(1);
        self.changes = changes;
    }

    /// Changes that could not be committed go back under those that came meanwhile.
    pub(crate) fn restore_changes(&mut self, epoch: u32, changes: Changes) -> Left {
        if epoch != self.epoch || matches!(self.session, Held::Gone(_)) {
            return Left::Taken;
        }
        let later = self.take_changes();
        self.put_changes(changes);
        self.deposit(epoch, later)
    }

    /// Whether a deposit could not be made.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Why a deposit could not be made, once.
    pub(crate) fn take_failure(&mut self) -> Option<SessionError> {
        self.failure.take()
    }
}
