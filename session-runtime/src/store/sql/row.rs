//! What a row of the table says.

use std::sync::Arc;

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::id::StoreKey;
use crate::record::{Record, Stamp};
use crate::store::{Loaded, OwnedSession};

/// What is under a key, as the column `state` says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i16)]
pub(super) enum State {
    Session = 0,
    /// A session with a lifetime of its own, which nothing extends.
    Lasting = 1,
    /// What was here is under the key in `record`, and every call may know.
    Moved = 2,
    /// As above, but only a sign-out may.
    Renamed = 3,
    /// What was here has ended, by the call whose stamp is in `record`: the insert of `inserted_by` must not bring it back.
    Ended = 4,
}

impl State {
    const ALL: [Self; 5] = [Self::Session, Self::Lasting, Self::Moved, Self::Renamed, Self::Ended];

    /// The state of a session.
    pub(super) fn of(record: &Record) -> Self {
        if record.own_lifetime().is_some() { Self::Lasting } else { Self::Session }
    }

    /// The state of what a rename leaves under the old key.
    pub(super) fn left(grace: bool) -> Self {
        if grace { Self::Moved } else { Self::Renamed }
    }
}

/// The columns of a row, as every database brings them.
#[derive(Debug)]
pub struct Row {
    pub(super) state: i16,
    pub(super) version: i64,
    pub(super) record: Vec<u8>,
    pub(super) principal: Option<String>,
    pub(super) created: i64,
    pub(super) expires: i64,
    pub(super) inserted_by: i64,
}

/// What is under a key.
#[derive(Debug)]
pub(super) enum Kept {
    Session(Record),
    Pointer { to: StoreKey, is_shown: bool },
    Ended { by: Stamp, inserted_by: Stamp },
}

impl Row {
    /// The session of this `id`.
    pub(super) fn owned(self, id: Vec<u8>) -> Result<OwnedSession, StoreError> {
        let key = id.try_into().map_err(|_| not_a_session("its `id` is no key"))?;
        Ok(OwnedSession::new(StoreKey::from_bytes(key), self.record()?))
    }

    pub(super) fn read(self) -> Result<Kept, StoreError> {
        let state = State::ALL.into_iter().find(|state| *state as i16 == self.state);
        match state.ok_or_else(|| not_a_session("its state is unknown to this version"))? {
            State::Session | State::Lasting => self.record().map(Kept::Session),
            State::Moved => Ok(Kept::Pointer { to: self.key()?, is_shown: true }),
            State::Renamed => Ok(Kept::Pointer { to: self.key()?, is_shown: false }),
            State::Ended => Ok(Kept::Ended { by: self.ended_by()?, inserted_by: stamp(self.inserted_by) }),
        }
    }

    fn record(self) -> Result<Record, StoreError> {
        // The next one has to be a number, too.
        let version = u64::try_from(self.version).ok().filter(|_| self.version < i64::MAX);
        let version = version.ok_or_else(|| not_a_session("its version is none that counts commits"))?;
        let record = Record::decode(Bytes::from(self.record), moment(self.created), moment(self.expires));
        let record = record.map_err(StoreError::corrupt)?.at_version(version);
        Ok(record.owned_by(self.principal.map(Arc::from)))
    }

    fn key(&self) -> Result<StoreKey, StoreError> {
        let bytes = self.record.as_slice().try_into().map_err(|_| not_a_session("it points nowhere"))?;
        Ok(StoreKey::from_bytes(bytes))
    }

    fn ended_by(&self) -> Result<Stamp, StoreError> {
        let bytes = self.record.as_slice().try_into().map_err(|_| not_a_session("nothing ended it"))?;
        Ok(Stamp::from_bytes(bytes))
    }
}

impl Kept {
    /// What a load answers.
    pub(super) fn loaded(self) -> Option<Loaded> {
        match self {
            Self::Session(record) => Some(Loaded::Record { record, rolled: false }),
            Self::Pointer { to, is_shown: true } => Some(Loaded::Moved(to)),
            Self::Pointer { is_shown: false, .. } => Some(Loaded::Renamed),
            Self::Ended { .. } => None,
        }
    }
}

/// A moment as a column holds it. What no database can hold is later than everything.
pub(super) fn millis(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// The stamp of a record's insert, of a record that was not stored yet.
pub(super) fn inserted_by(record: &Record) -> i64 {
    record.stamps().iter().next().map_or(0, |stamp| i64::from_le_bytes(stamp.to_bytes()))
}

fn stamp(number: i64) -> Stamp {
    Stamp::from_bytes(number.to_le_bytes())
}

fn not_a_session(why: &str) -> StoreError {
    StoreError::corrupt(format!("the row is not a session: {why}"))
}
