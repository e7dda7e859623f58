//! What the functions answer.

use redis::Value;

use super::error::{kind_of, not_a_session, taken, unknown};
use super::layout::{Held, key_of, moment};
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
    /// It is done, and its owner's list has to be told when the session ends.
    Owned {
        owner: String,
        ends: Timestamp,
    },
    /// The session of this owner has ended.
    Ended {
        owner: String,
    },
    /// It was called off.
    Refused,
}

impl Reply {
    /// This session is stored.
    pub(super) fn stored(record: &Record) -> Self {
        match record.principal() {
            Some(owner) => Self::Owned { owner: owner.to_owned(), ends: record.expires() },
            None => Self::Done,
        }
    }

    /// What an update or a rename comes to.
    pub(super) fn updated(self) -> Result<Updated, StoreError> {
        match self {
            Self::Missing => Ok(Updated::Missing),
            Self::Done | Self::Owned { .. } => Ok(Updated::Done),
            Self::Emptied => Ok(Updated::Emptied),
            Self::Taken => Err(taken()),
            Self::Moved(to) => Ok(Updated::Moved(to)),
            Self::Conflict(record) => Ok(Updated::Conflict(record)),
            Self::Ended { .. } | Self::Refused => Err(unknown("another function's answer")),
        }
    }

    pub(super) fn read(value: Value, now: Timestamp) -> Result<Self, StoreError> {
        match value {
            Value::Int(0) => Ok(Self::Missing),
            Value::Int(1) => Ok(Self::Done),
            Value::Int(2) => Ok(Self::Emptied),
            Value::Int(3) => Ok(Self::Taken),
            Value::Int(8) => Ok(Self::Refused),
            Value::Array(parts) => {
                let mut parts = parts.into_iter();
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(Value::Int(4)), Some(Value::BulkString(to)), _) => moved(&to),
                    (Some(Value::Int(5)), Some(there), _) => conflict(&there, now),
                    (Some(Value::Int(6)), Some(Value::BulkString(owner)), Some(Value::BulkString(ends))) => {
                        Ok(Self::Owned { owner: text(owner), ends: moment(&ends)? })
                    }
                    (Some(Value::Int(7)), Some(Value::BulkString(owner)), _) => Ok(Self::Ended { owner: text(owner) }),
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

/// An owner whose name is no text was not written by this store, and has no list.
fn text(owner: Vec<u8>) -> String {
    String::from_utf8(owner).unwrap_or_else(|owner| String::from_utf8_lossy(owner.as_bytes()).into_owned())
}
