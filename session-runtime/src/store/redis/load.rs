//! A load: what it asks Redis.

use std::time::Duration;

use super::header::Header;
use super::library;
use super::library::Request;
use crate::clock::Timestamp;
use crate::expiry::Roll;

/// Reads a hash, and extends it where that is due.
pub(super) fn request(hash: String, roll: Option<Roll>, now: Timestamp) -> Request {
    let Some(roll) = roll else {
        return library::READ.over(hash, 0);
    };
    let header = Header::new()
        .moment(roll.now + roll.idle)
        .number(millis(roll.threshold))
        // Zero is no limit.
        .number(roll.limit.map_or(0, |limit| millis(limit).max(1)))
        .moment(now);
    let mut request = library::LOAD.over(hash, 32);
    request.arg(header.as_bytes());
    request
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
