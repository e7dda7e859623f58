//! The calls of a store. Each is one statement, or a transaction of two; only where that found no row, another tells why.

use std::time::Duration;

use super::SqlStore;
use super::dialect::SqlDatabase;
use super::given::Left;
use super::row::{Kept, State};
use super::tries::Swapped;
use crate::clock::Timestamp;
use crate::error::{Chain, StoreError};
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::{Record, Stamp};
use crate::store::{
    Applied, BoxFuture, Inserted, Loaded, OwnedSession, POINTER_LIFE, PrincipalIndex, Removed, SessionStore, Touched,
    Update, Updated,
};

/// For how long a row tells that a session has ended, so that an insert that comes late does not bring it back.
const END_LIFE: Duration = Duration::from_mins(1);
/// How often a call is tried under whose key sessions come and go.
const TRIES: usize = 8;

const NOT_DONE: Swapped = Swapped::NotDone { perhaps_before: false };

impl<DB: SqlDatabase> SessionStore for SqlStore<DB> {
    async fn load(&self, key: &StoreKey, _: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        Ok(self.look(key).await?.and_then(Kept::loaded))
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        for _ in 0..TRIES {
            match self.put(key, record).await {
                Ok(()) => return Ok(Inserted::Done),
                Err(failure) if failure.is_taken() => {}
                Err(failure) => return Err(failure.into()),
            }
            match self.look(key).await? {
                Some(Kept::Session(known)) if known.shares_stamp(record) => return Ok(Inserted::Done),
                Some(Kept::Session(_) | Kept::Pointer { .. }) => return Ok(Inserted::Exists),
                // This insert comes late, once more: what it had inserted has ended.
                Some(Kept::Ended { inserted_by, .. }) if record.has_stamp(inserted_by) => return Ok(Inserted::Exists),
                Some(Kept::Ended { .. }) | None if self.replace(key, record).await? => return Ok(Inserted::Done),
                // Somebody else has replaced or removed what had ended.
                Some(Kept::Ended { .. }) | None => {}
            }
        }
        Err(busy())
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        let (swapped, answer) = match update.apply_to(update.base()) {
            Applied::Write(next) => (self.swap(key, &next, update).await?, Updated::Done),
            Applied::Empty => (self.leave(key, &self.ended(update), update).await?, Updated::Emptied),
            Applied::Repeated | Applied::Outdated => (NOT_DONE, Updated::Done),
        };
        let Swapped::NotDone { perhaps_before } = swapped else { return Ok(answer) };
        Ok(match self.look(key).await? {
            Some(Kept::Session(current)) => match update.apply_to(&current) {
                Applied::Repeated => Updated::Done,
                // No stamp tells any more whether it was executed before.
                _ if perhaps_before && current.may_have_forgotten(update.base().version()) => return Err(forgotten()),
                _ => Updated::Conflict(current),
            },
            Some(other) => passed(&other, update),
            None => Updated::Missing,
        })
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        let (swapped, answer) = match update.apply_to(update.base()) {
            Applied::Write(next) => {
                let until = grace.unwrap_or_else(|| self.clock.now() + POINTER_LIFE);
                let left = Left { state: State::left(grace.is_some()), record: new.as_bytes().to_vec(), until };
                (self.leave_for(old, &left, update, (new, &next)).await?, Updated::Done)
            }
            Applied::Empty => (self.leave(old, &self.ended(update), update).await?, Updated::Emptied),
            Applied::Repeated | Applied::Outdated => (NOT_DONE, Updated::Done),
        };
        if let Swapped::Done = swapped {
            return Ok(answer);
        }
        Ok(match self.look(old).await? {
            Some(Kept::Session(current)) => match update.apply_to(&current) {
                // The commit was an update: the session was never under the new key.
                Applied::Repeated => Updated::Missing,
                _ => Updated::Conflict(current),
            },
            // A repeated call finds what it left behind the first time; the session may have ended, or gone elsewhere, since.
            Some(Kept::Pointer { to, .. }) if to == *new => match self.look(new).await? {
                Some(Kept::Session(_)) => Updated::Done,
                _ => Updated::Missing,
            },
            Some(other) => passed(&other, update),
            None => Updated::Missing,
        })
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        if self.extend(key, expires).await? {
            return Ok(Touched::Done);
        }
        Ok(match self.look(key).await? {
            // It has a lifetime of its own.
            Some(Kept::Session(_)) => Touched::Done,
            Some(Kept::Pointer { to, is_shown: true }) => Touched::Moved(to),
            Some(Kept::Pointer { is_shown: false, .. } | Kept::Ended { .. }) | None => Touched::Missing,
        })
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        let by = Stamp::next();
        for _ in 0..TRIES {
            if self.end(key, by, self.clock.now() + END_LIFE).await? {
                return Ok(Removed::Done);
            }
            match self.look(key).await? {
                Some(Kept::Pointer { to, .. }) => return Ok(Removed::Moved(to)),
                // This call, whose answer a broken connection took with it.
                Some(Kept::Ended { by: known, .. }) if known == by => return Ok(Removed::Done),
                Some(Kept::Ended { .. }) | None => return Ok(Removed::Missing),
                // It came just now.
                Some(Kept::Session(_)) => {}
            }
        }
        Err(busy())
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        Some(self)
    }
}

/// A row says whose session it is: there is nothing to keep beside it.
impl<DB: SqlDatabase> PrincipalIndex for SqlStore<DB> {
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>> {
        Box::pin(async move {
            let rows = self.list(principal).await?;
            let mut sessions = Vec::with_capacity(rows.len());
            for (row, id) in rows {
                match row.owned(id) {
                    Ok(session) => sessions.push(session),
                    Err(error) => {
                        tracing::warn!(error = %Chain(&error), "a session of a list does not decode, it is left out");
                    }
                }
            }
            Ok(sessions)
        })
    }

    fn call_off<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

impl<DB: SqlDatabase> SqlStore<DB> {
    /// What a commit leaves that empties the session.
    fn ended(&self, update: &Update<'_>) -> Left {
        let record = update.stamp().to_bytes().to_vec();
        Left { state: State::Ended, record, until: self.clock.now() + END_LIFE }
    }
}

/// What a commit is answered where there is no session any more.
fn passed(kept: &Kept, update: &Update<'_>) -> Updated {
    match *kept {
        Kept::Pointer { to, is_shown: true } => Updated::Moved(to),
        // This commit, whose answer was lost.
        Kept::Ended { by, .. } if by == update.stamp() => Updated::Emptied,
        Kept::Session(_) | Kept::Pointer { .. } | Kept::Ended { .. } => Updated::Missing,
    }
}

fn forgotten() -> StoreError {
    StoreError::unreachable(
        "the connection broke before the answer, and others have changed the session too often since to tell what it was",
    )
}

fn busy() -> StoreError {
    StoreError::unreachable("sessions came and went under the key, faster than the call")
}
