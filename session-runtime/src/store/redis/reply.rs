//! What the scripts answer.

use redis::Value;

use super::layout::{Held, key_of, kind_of, not_a_session};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::id::StoreKey;
use crate::record::Record;

/// The answer of a script that works on a session.
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

/// An answer that no script of ours gives: something between here and Redis changes answers.
pub(super) fn unknown(what: &str) -> StoreError {
    StoreError::rejected(format!("Redis answered a script with {what}, which it never does"))
}
