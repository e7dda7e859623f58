//! The statements of a store, given what they need.

use super::SqlStore;
use super::dialect::SqlDatabase;
use super::driver::Value;
use super::error::Failure;
use super::pools::Statement;
use super::row::{Kept, Row, State, inserted_by, millis};
use super::tries::Swapped;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::id::StoreKey;
use crate::record::{Record, Stamp};
use crate::store::{ExpiryChange, Update};

/// What a session leaves under its key.
pub(super) struct Left {
    pub(super) state: State,
    /// Where it went, or what ended it.
    pub(super) record: Vec<u8>,
    pub(super) until: Timestamp,
}

impl<DB: SqlDatabase> SqlStore<DB> {
    fn now(&self) -> Value<'static> {
        Value::Number(millis(self.clock.now()))
    }

    /// What is under a key.
    pub(super) async fn look(&self, key: &StoreKey) -> Result<Option<Kept>, StoreError> {
        self.find(key).await?.map(Row::read).transpose()
    }

    /// The row of a key.
    pub(super) async fn find(&self, key: &StoreKey) -> Result<Option<Row>, Failure> {
        let values = [id(key), self.now()];
        self.pools.fetch(Statement { sql: &self.statements.load, values: &values }).await
    }

    /// The rows of a principal's sessions, and their keys.
    pub(super) async fn list(&self, principal: &str) -> Result<Vec<(Row, Vec<u8>)>, Failure> {
        let values = [Value::Text(Some(principal)), self.now()];
        self.pools.fetch_all(Statement { sql: &self.statements.list, values: &values }).await
    }

    /// Puts a session under a key; fails where a row is there.
    pub(super) async fn put(&self, key: &StoreKey, record: &Record) -> Result<(), Failure> {
        self.pools.execute(Statement { sql: &self.statements.insert, values: &inserted(key, record) }).await?;
        Ok(())
    }

    /// Puts a session in the place of what has ended under its key, if that is there.
    pub(super) async fn replace(&self, key: &StoreKey, record: &Record) -> Result<bool, StoreError> {
        let values = self.replaced(key, record);
        Ok(self.pools.execute(Statement { sql: &self.statements.replace, values: &values }).await? > 0)
    }

    /// Puts a session in the place of that version of it on which an update is based, if it is there.
    pub(super) async fn swap(&self, key: &StoreKey, next: &Record, update: &Update<'_>) -> Result<Swapped, StoreError> {
        let (stays, floor) = match update.expiry_change() {
            ExpiryChange::Set(end) => (0, millis(end)),
            ExpiryChange::Extend(end) if next.own_lifetime().is_none() => (1, millis(end)),
            ExpiryChange::Extend(_) | ExpiryChange::Keep => (1, 0),
        };
        let values = [
            state(State::of(next)),
            version(next),
            Value::Bytes(next.buffer()),
            Value::Text(next.principal()),
            Value::Number(stays),
            Value::Number(floor),
            id(key),
            version(update.base()),
            self.now(),
        ];
        Ok(self.pools.swap(Statement { sql: &self.statements.swap, values: &values }).await?)
    }

    /// Puts something else in the place of the version of a session on which an update is based, if it is there.
    pub(super) async fn leave(&self, key: &StoreKey, left: &Left, update: &Update<'_>) -> Result<Swapped, StoreError> {
        let values = self.left(key, left, update);
        Ok(self.pools.swap(Statement { sql: &self.statements.leave, values: &values }).await?)
    }

    /// As [`leave`](Self::leave), and puts the session under a new key. Fails where something is there.
    pub(super) async fn leave_for(
        &self,
        key: &StoreKey,
        left: &Left,
        update: &Update<'_>,
        (new, next): (&StoreKey, &Record),
    ) -> Result<Swapped, StoreError> {
        let (leave, insert) = (self.left(key, left, update), inserted(new, next));
        let both = [&leave[..], &insert].concat();
        let leave = Statement { sql: &self.statements.leave, values: &leave };
        let insert = Statement { sql: &self.statements.insert, values: &insert };
        let answer = match &self.statements.leave_for {
            Some(sql) => self.pools.swap(Statement { sql, values: &both }).await,
            None => self.pools.swap_both(leave, insert).await,
        };
        match answer {
            Err(failure) if failure.is_taken() && self.is_free(new).await? => {
                let replace = Statement { sql: &self.statements.replace, values: &self.replaced(new, next) };
                Ok(self.pools.swap_both(leave, replace).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// Whether nothing is under a key, or only what has ended.
    async fn is_free(&self, key: &StoreKey) -> Result<bool, StoreError> {
        Ok(matches!(self.look(key).await?, None | Some(Kept::Ended { .. })))
    }

    /// Ends a session, if it is there.
    pub(super) async fn end(&self, key: &StoreKey, by: Stamp, until: Timestamp) -> Result<bool, StoreError> {
        let by = by.to_bytes();
        let values = [Value::Bytes(&by), Value::Number(millis(until)), id(key), self.now()];
        Ok(self.pools.execute(Statement { sql: &self.statements.end, values: &values }).await? > 0)
    }

    /// Extends a session, if it is there and can be extended.
    pub(super) async fn extend(&self, key: &StoreKey, end: Timestamp) -> Result<bool, StoreError> {
        let values = [Value::Number(millis(end)), id(key), self.now()];
        Ok(self.pools.execute(Statement { sql: &self.statements.touch, values: &values }).await? > 0)
    }

    fn replaced<'a>(&self, key: &'a StoreKey, record: &'a Record) -> [Value<'a>; 10] {
        let [state, version, buffer, principal, created, expires, by] = columns(record);
        [state, version, buffer, principal, created, expires, by, id(key), self.now(), by]
    }

    fn left<'a>(&self, key: &'a StoreKey, left: &'a Left, update: &Update<'_>) -> [Value<'a>; 7] {
        let (base, until) = (update.base(), Value::Number(millis(left.until)));
        let end = Value::Number(millis(base.expires()));
        [state(left.state), Value::Bytes(&left.record), until, id(key), version(base), end, self.now()]
    }
}

fn inserted<'a>(key: &'a StoreKey, record: &'a Record) -> [Value<'a>; 8] {
    let [state, version, buffer, principal, created, expires, by] = columns(record);
    [id(key), state, version, buffer, principal, created, expires, by]
}

fn columns(record: &Record) -> [Value<'_>; 7] {
    [
        state(State::of(record)),
        version(record),
        Value::Bytes(record.buffer()),
        Value::Text(record.principal()),
        Value::Number(millis(record.created())),
        Value::Number(millis(record.expires())),
        Value::Number(inserted_by(record)),
    ]
}

fn id(key: &StoreKey) -> Value<'_> {
    Value::Bytes(key.as_bytes())
}

fn state(state: State) -> Value<'static> {
    Value::Number(i64::from(state as i16))
}

fn version(record: &Record) -> Value<'static> {
    Value::Number(record.version().cast_signed())
}
