//! When sessions were last seen to end: what tells, before a load, whether it may have to extend one.

use std::sync::atomic::{AtomicU64, Ordering};

use super::header::LARGEST;
use crate::clock::Timestamp;
use crate::expiry::Roll;
use crate::id::StoreKey;

/// A power of two: 256 KiB in all.
const PLACES: usize = 1 << 15;

/// Remembers the ends of the sessions that this process saw lately, one in each place.
///
/// A session that cannot be due is loaded by the function that only reads: it costs Redis less than the one that extends, and a replica may run
/// it. What is forgotten, or belongs to another session, costs no more than that: the other one looks for itself, and what a plain load did not
/// extend is touched at the end of the request.
pub(super) struct Ends {
    /// 16 bits that tell keys of one place apart, and 48 bits of milliseconds.
    places: Box<[AtomicU64]>,
}

impl Ends {
    pub(super) fn new() -> Self {
        Self { places: (0..PLACES).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Whether the session may have to be extended.
    pub(super) fn may_be_due(&self, key: &StoreKey, roll: &Roll) -> bool {
        let (place, tag) = self.place(key);
        let seen = place.load(Ordering::Relaxed);
        let end = Timestamp::from_millis(seen & LARGEST);
        seen & !LARGEST != tag || (roll.now + roll.idle).saturating_since(end) > roll.threshold
    }

    /// Remembers when a session ends.
    pub(super) fn note(&self, key: &StoreKey, end: Timestamp) {
        let (place, tag) = self.place(key);
        place.store(tag | end.as_millis().min(LARGEST), Ordering::Relaxed);
    }

    /// The place of a key, which is a hash already, and what tells it from others there.
    fn place(&self, key: &StoreKey) -> (&AtomicU64, u64) {
        let [a, b, .., c, d] = *key.as_bytes();
        let tag = u64::from(u16::from_le_bytes([c, d])) << 48;
        (&self.places[usize::from(u16::from_le_bytes([a, b])) % PLACES], tag)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_session_may_be_due_until_its_end_was_seen_and_again_past_the_threshold() {
        let ends = Ends::new();
        let (key, other) = (StoreKey::from_bytes([7; 32]), StoreKey::from_bytes([8; 32]));
        let second = Duration::from_secs(1);
        let at = |seconds: u64| Roll {
            now: Timestamp::from_millis(seconds * 1_000),
            idle: 100 * second,
            threshold: 10 * second,
            limit: None,
        };
        assert!(ends.may_be_due(&key, &at(1_000)));
        ends.note(&key, Timestamp::from_millis(1_100_000));
        assert!(!ends.may_be_due(&key, &at(1_000)));
        assert!(!ends.may_be_due(&key, &at(1_010)));
        assert!(ends.may_be_due(&key, &at(1_011)));
        assert!(ends.may_be_due(&other, &at(1_000)));
    }
}
