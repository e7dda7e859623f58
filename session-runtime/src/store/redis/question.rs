//! A load: what it asks Redis.

use std::time::Duration;

use super::header::Header;
use super::script;
use super::script::Request;
use crate::clock::Timestamp;
use crate::expiry::Roll;

/// Reads a hash, and extends it where that is due.
pub(super) fn ask_for(hash: String, roll: Option<Roll>, now: Timestamp) -> Request {
    let mut request = script::LOAD.over(hash, 32);
    if let Some(roll) = roll {
        let header = Header::new()
            .moment(roll.now + roll.idle)
            .number(millis(roll.threshold))
            // Zero is no limit.
            .number(roll.limit.map_or(0, |limit| millis(limit).max(1)))
            .moment(now);
        request.arg(header.as_bytes());
    }
    request
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
