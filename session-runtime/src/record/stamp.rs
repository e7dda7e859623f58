//! Which commits a record has already taken.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number of one commit: a store that finds it on a record has already done what it is asked, and answers so.
///
/// That makes a commit safe to repeat when its answer was lost. It tells commits apart and keeps no secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Stamp(u64);

impl Stamp {
    /// A stamp that no other commit has: a random start for each process, and never twice the same within one.
    pub fn next() -> Self {
        // Without random bytes from the system no session can be created either; the step still tells this process's commits apart.
        static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(getrandom::u64().unwrap_or_default()));
        // An odd step visits all 2^64 numbers, and spreads those of two processes whose starts are close.
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        Self(NEXT.fetch_add(STEP, Ordering::Relaxed))
    }

    /// The stamp of these eight bytes.
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }

    /// As eight bytes, for stores that keep stamps in a form of their own.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }
}

/// The last stamps, the newest first, as a record's entry holds them: eight bytes each.
pub(crate) struct Stamps {
    bytes: [u8; Self::KEPT * 8],
    len: usize,
}

impl Stamps {
    pub(super) const KEPT: usize = 4;

    /// Whatever is not whole stamps is dropped: an unknown stamp costs at most one repeated write.
    pub(super) fn decode(entry: &[u8]) -> Self {
        let mut bytes = [0; Self::KEPT * 8];
        let len = (entry.len() / 8 * 8).min(bytes.len());
        bytes[..len].copy_from_slice(&entry[..len]);
        Self { bytes, len }
    }

    pub(crate) fn and(mut self, stamp: Stamp) -> Self {
        self.bytes.copy_within(..(Self::KEPT - 1) * 8, 8);
        self.bytes[..8].copy_from_slice(&stamp.to_bytes());
        self.len = (self.len + 8).min(self.bytes.len());
        self
    }

    pub(crate) fn contains(&self, stamp: Stamp) -> bool {
        self.iter().any(|known| known == stamp)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Stamp> {
        let (stamps, _) = self.as_bytes().as_chunks();
        stamps.iter().map(|bytes| Stamp::from_bytes(*bytes))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}
