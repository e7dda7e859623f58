//! What the functions answer.

use redis::Value;

use super::error::{kind_of, not_a_session, taken, unknown};
use super::layout::{Held, key_of};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::Updated;

/// The answer of a function that works on a session.
#[derive(Debug)]
pub(super) enum Reply {
    Missing,
    Done,
    Emptied,
    Taken,
    Moved(StoreKey),
    Conflict(Record),
}

impl Reply {
    /// What an update or a rename comes to.
    pub(super) fn updated(self) -> Result<Updated, StoreError> {
        match self {
            Self::Missing => Ok(Updated::Missing),
            Self::Done => Ok(Updated::Done),
            Self::Emptied => Ok(Updated::Emptied),
            Self::Taken => Err(taken()),
            Self::Moved(to) => Ok(Updated::Moved(to)),
            Self::Conflict(record) => Ok(Updated::Conflict(record)),
        }
    }

    pub(super) fn read(value: Value, now: Timestamp) -> Result<Self, StoreError> {
        match value {
            Value::Int(0) => Ok(Self::Missing),
            Value::Int(1) => Ok(Self::Done),
            Value::Int(2) => Ok(Self::Emptied),
            Value::Int(3) => Ok(Self::Taken),
            Value::Array(parts) => {
                let mut parts = parts.into_iter();
                match (parts.next(), parts.next()) {
                    (Some(Value::Int(4)), Some(Value::BulkString(to))) => moved(&to),
                    (Some(Value::Int(5)), Some(there)) => conflict(&there, now),
                    _ => Err(unknown("an array")),
                }
            }
            other => Err(unknown(kind_of(&other))),
        }
    }
}

fn moved(to: &[u8]) -> Result<Reply, StoreError> {
    key_of(to).map(Reply::Moved).ok_or_else(|| not_a_session("`@moved` is not a key"))
}

/// What is there instead may have ended since.
fn conflict(there: &Value, now: Timestamp) -> Result<Reply, StoreError> {
    match Held::read(there, now)? {
        (Held::Session(record), _) => Ok(Reply::Conflict(record)),
        _ => Ok(Reply::Missing),
    }
}
