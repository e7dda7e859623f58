//! A load: what it asks Redis, and what the answer says.

use std::time::Duration;

use redis::Value;

use super::header::Header;
use super::layout::Held;
use super::script::Request;
use super::{reply, script};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::expiry::Roll;

/// `HGETALL`, or the script that extends a session while it loads it.
pub(super) struct Question {
    pub(super) request: Request,
    may_roll: bool,
}

impl Question {
    pub(super) fn new(hash: String, roll: Option<Roll>, now: Timestamp) -> Self {
        let Some(roll) = roll else {
            return Self { request: Request::all_of(hash), may_roll: false };
        };
        let header = Header::new()
            .moment(roll.now + roll.idle)
            .number(millis(roll.threshold))
            // Zero is no limit.
            .number(roll.limit.map_or(0, |limit| millis(limit).max(1)))
            .moment(now);
        let mut request = script::LOAD.over(hash, 32);
        request.arg(header.as_bytes());
        Self { request, may_roll: true }
    }

    /// What is there, and whether it was extended.
    pub(super) fn read(&self, answer: Value, now: Timestamp) -> Result<(Held, bool), StoreError> {
        if self.may_roll { reply::rolled(answer, now) } else { Ok((Held::read(answer, now)?, false)) }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
