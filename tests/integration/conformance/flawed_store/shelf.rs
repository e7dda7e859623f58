//! What the store keeps, and what each call does to it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use session_runtime::record::Record;
use session_runtime::store::{
    Applied, ExpiryChange, Inserted, Loaded, OwnedSession, POINTER_LIFE, Removed, Touched, Update, Updated,
};
use session_runtime::{Roll, StoreError, StoreKey, Timestamp};

use super::listing::Listing;
use super::{Flaw, bent};

/// The rows by key.
#[derive(Default)]
pub(super) struct Shelf {
    rows: HashMap<StoreKey, Row>,
    /// The keys that were in any call but a load.
    heard: HashSet<StoreKey>,
    /// What the list is wrong about, where that is the flaw.
    pub(super) listing: Listing,
}

#[derive(Clone)]
enum Row {
    Session(Record),
    Pointer { to: StoreKey, until: Timestamp, grace: bool },
}

impl Shelf {
    /// What is under these keys.
    pub(super) fn copy(&self, keys: &[StoreKey]) -> Self {
        let rows = keys.iter().filter_map(|key| Some((*key, self.rows.get(key)?.clone())));
        Self { rows: rows.collect(), ..Self::default() }
    }

    /// Makes what is under these keys what it is in the copy.
    pub(super) fn put_back(&mut self, keys: &[StoreKey], copy: &Self) {
        for key in keys {
            match copy.rows.get(key) {
                Some(row) => self.rows.insert(*key, row.clone()),
                None => self.rows.remove(key),
            };
        }
    }
}

/// One call's work on the shelf.
pub(super) struct Desk<'a> {
    pub(super) shelf: &'a mut Shelf,
    pub(super) now: Timestamp,
    pub(super) flaw: Option<Flaw>,
}

impl Desk<'_> {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// Notes a key; whether it was never heard of before.
    fn is_new(&mut self, key: &StoreKey) -> bool {
        self.shelf.heard.insert(*key)
    }

    /// The key that the store knows this key by.
    fn known(&self, key: &StoreKey) -> StoreKey {
        let mut bytes = *key.as_bytes();
        if self.has(Flaw::TruncatesKeys) {
            bytes[16..].fill(0);
        }
        StoreKey::from_bytes(bytes)
    }

    /// What is under a key and has not ended.
    fn find(&self, key: &StoreKey) -> Option<&Row> {
        let row = self.shelf.rows.get(&self.known(key))?;
        let millisecond = Duration::from_millis(1);
        let lives = match row {
            Row::Session(record) if self.has(Flaw::EndsLate) => record.expires() + millisecond > self.now,
            Row::Session(record) if self.has(Flaw::EndsEarly) => record.expires() > self.now + millisecond,
            Row::Session(record) => record.expires() > self.now,
            Row::Pointer { grace: true, .. } if self.has(Flaw::GraceStays) => true,
            Row::Pointer { grace: false, .. } if self.has(Flaw::PointersStay) => true,
            Row::Pointer { until, .. } => *until > self.now,
        };
        lives.then_some(row)
    }

    fn put(&mut self, key: &StoreKey, record: &Record) {
        let row = Row::Session(bent::kept(self.flaw, record));
        self.shelf.rows.insert(self.known(key), row);
    }

    fn take_away(&mut self, key: &StoreKey) {
        if let Some(Row::Session(record)) = self.shelf.rows.remove(&self.known(key)) {
            self.shelf.listing.ended(self.flaw, key, record);
        }
    }

    /// The sessions of an owner.
    pub(super) fn owned(&self, owner: &str) -> Vec<OwnedSession> {
        let there = self.shelf.rows.iter().filter_map(|(key, row)| match row {
            Row::Session(record) if self.has(Flaw::ListsWhatHasExpired) || self.find(key).is_some() => {
                Some(OwnedSession::new(*key, record.clone()))
            }
            Row::Session(_) | Row::Pointer { .. } => None,
        });
        self.shelf.listing.of(self.flaw, owner, self.now, there)
    }

    fn point(&mut self, old: &StoreKey, to: StoreKey, grace: Option<Timestamp>) {
        let until = grace.unwrap_or(self.now + POINTER_LIFE);
        self.shelf.rows.insert(self.known(old), Row::Pointer { to, until, grace: grace.is_some() });
    }

    pub(super) fn load(&mut self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        let record = match self.find(key) {
            Some(Row::Session(record)) => record.clone(),
            Some(Row::Pointer { to, grace, .. }) if *grace || self.has(Flaw::OldKeyIsShown) => {
                return Ok(Some(Loaded::Moved(*to)));
            }
            None if self.has(Flaw::FailsOnUnknownKeys) && !self.shelf.heard.contains(key) => {
                return Err(StoreError::corrupt("there is no such key"));
            }
            Some(Row::Pointer { to, .. }) if to != key && !self.has(Flaw::RenameIsForgotten) => {
                return Ok(Some(Loaded::Renamed));
            }
            Some(Row::Pointer { .. }) | None => return Ok(None),
        };
        let Some(due) = roll.and_then(|roll| self.due(roll, &record)) else {
            return Ok(Some(Loaded::Record { record, rolled: false }));
        };
        let record = record.expiring(due);
        if !self.has(Flaw::RollIsNotStored) {
            self.put(key, &record);
        }
        Ok(Some(Loaded::Record { record, rolled: true }))
    }

    fn due(&self, mut roll: Roll, record: &Record) -> Option<Timestamp> {
        if self.has(Flaw::RollIgnoresTheLimit) {
            roll.limit = None;
        }
        if self.has(Flaw::RollIgnoresTheThreshold) {
            roll.threshold = Duration::ZERO;
        }
        if self.has(Flaw::RollExtendsOwnLifetimes) {
            return roll.due(record.created(), record.expires());
        }
        roll.due_for(record)
    }

    pub(super) fn insert(&mut self, key: &StoreKey, record: &Record) -> Inserted {
        self.is_new(key);
        match self.find(key) {
            Some(Row::Session(known)) if known.shares_stamp(record) => {
                if self.has(Flaw::RepeatedInsertWrites) {
                    self.put(key, record);
                }
                return if self.has(Flaw::RepeatedInsertIsRefused) { Inserted::Exists } else { Inserted::Done };
            }
            Some(Row::Session(known)) => {
                if self.has(Flaw::RefusedInsertAddsFields) {
                    let added = bent::rebuilt(known, |entries| {
                        for (name, value) in record.entries() {
                            entries.entry(name.to_owned()).or_insert_with(|| value.to_owned());
                        }
                    });
                    self.put(key, &added);
                }
                return Inserted::Exists;
            }
            Some(Row::Pointer { .. }) if !self.has(Flaw::InsertOverwritesPointers) => return Inserted::Exists,
            Some(Row::Pointer { .. }) | None => {}
        }
        match self.flaw {
            Some(Flaw::StoresNoEmptySession) if record.is_empty() => {}
            Some(Flaw::NotesItsOwnCreation) => {
                let noted = Record::decode(record.buffer().clone(), self.now, record.expires()).expect("a record");
                self.put(key, &noted.owned_by(record.principal().map(Into::into)));
            }
            _ => self.put(key, record),
        }
        Inserted::Done
    }

    pub(super) fn update(&mut self, key: &StoreKey, update: &Update<'_>) -> Updated {
        let is_new = self.is_new(key);
        let current = match self.find(key) {
            Some(Row::Session(record)) => record.clone(),
            Some(Row::Pointer { to, grace: true, .. }) => return Updated::Moved(*to),
            None if is_new && self.has(Flaw::UpdateCreates) => {
                self.put(key, &update.base().apply_stamped(update.delta(), update.stamp()));
                return Updated::Done;
            }
            Some(Row::Pointer { grace: false, .. }) | None => return Updated::Missing,
        };
        match bent::update(self.flaw, update, &current) {
            Applied::Write(next) => {
                self.put(key, &next);
                self.shelf.listing.updated(self.flaw, key, update, &current);
                Updated::Done
            }
            Applied::Empty => {
                self.take_away(key);
                Updated::Emptied
            }
            Applied::Repeated => Updated::Done,
            Applied::Outdated => {
                if self.has(Flaw::RefusedUpdateMovesTheEnd) {
                    let expires = update.expiry_change().applied_to(&current);
                    self.put(key, &current.clone().expiring(expires));
                }
                Updated::Conflict(current)
            }
        }
    }

    pub(super) fn rename(
        &mut self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        let is_new = self.is_new(old);
        self.is_new(new);
        let current = match self.find(old) {
            Some(Row::Session(record)) => record.clone(),
            Some(Row::Pointer { to, .. }) if to == new => return Ok(self.renamed_before(new)),
            Some(Row::Pointer { to, grace: true, .. }) => return Ok(Updated::Moved(*to)),
            None if is_new && self.has(Flaw::RenameCreates) => {
                self.put(new, &update.base().apply_stamped(update.delta(), update.stamp()));
                return Ok(Updated::Done);
            }
            Some(Row::Pointer { grace: false, .. }) | None => return Ok(Updated::Missing),
        };
        match bent::rename(self.flaw, update, &current) {
            Applied::Write(_) if self.find(new).is_some() && !self.has(Flaw::RenameOverwrites) => {
                Err(StoreError::rejected("the new key of a rename is taken"))
            }
            Applied::Write(next) => {
                self.point(old, *new, grace);
                self.put(new, &next);
                self.shelf.listing.renamed(self.flaw, old, new, &current);
                self.shelf.listing.updated(self.flaw, new, update, &current);
                Ok(Updated::Done)
            }
            Applied::Empty => {
                self.take_away(old);
                Ok(Updated::Emptied)
            }
            Applied::Repeated => Ok(Updated::Done),
            Applied::Outdated => Ok(Updated::Conflict(current)),
        }
    }

    /// The answer to a rename that finds what it left behind the first time.
    fn renamed_before(&self, new: &StoreKey) -> Updated {
        match self.find(new) {
            _ if self.has(Flaw::RepeatedRenameIsDone) => Updated::Done,
            _ if self.has(Flaw::RepeatedRenameIsMissing) => Updated::Missing,
            Some(Row::Session(_)) => Updated::Done,
            Some(Row::Pointer { .. }) | None => Updated::Missing,
        }
    }

    pub(super) fn touch(&mut self, key: &StoreKey, expires: Timestamp) -> Touched {
        let is_new = self.is_new(key);
        let record = match self.find(key) {
            Some(Row::Session(record)) => record.clone(),
            Some(Row::Pointer { to, grace: true, .. }) if !self.has(Flaw::TouchIsLost) => return Touched::Moved(*to),
            None if is_new && self.has(Flaw::TouchCreates) => {
                self.put(key, &Record::new(self.now, expires));
                return Touched::Done;
            }
            Some(Row::Pointer { .. }) | None => return Touched::Missing,
        };
        let extended = match self.flaw {
            Some(Flaw::TouchExtendsOwnLifetimes) => record.expires().max(expires),
            Some(Flaw::TouchEndsSessions) if expires <= self.now => expires,
            _ => ExpiryChange::Extend(expires).applied_to(&record),
        };
        let touched = record.expiring(extended);
        let touched = if self.has(Flaw::TouchDropsTheOwner) { touched.owned_by(None) } else { touched };
        self.put(key, &touched);
        Touched::Done
    }

    pub(super) fn remove(&mut self, key: &StoreKey) -> Removed {
        let is_new = self.is_new(key);
        match self.find(key) {
            Some(Row::Session(record)) => {
                let stays = self.has(Flaw::KeepsOwnedSessions) && record.principal().is_some();
                if self.has(Flaw::RemoveLeavesAPointer) {
                    self.point(key, *key, None);
                } else if !stays {
                    self.take_away(key);
                }
                Removed::Done
            }
            Some(Row::Pointer { grace: false, .. }) if self.has(Flaw::SignOutIsLost) => Removed::Missing,
            Some(Row::Pointer { to, .. }) => Removed::Moved(*to),
            None if is_new && self.has(Flaw::RemovesWhatIsNotThere) => Removed::Done,
            None => Removed::Missing,
        }
    }
}
