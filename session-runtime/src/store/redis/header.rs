//! The first argument of every function that takes numbers: each of six bytes, little-endian, in the order in which the function reads them.

use crate::clock::Timestamp;
use crate::record::Stamp;
use crate::store::{ExpiryChange, PrincipalChange, Update};

/// The largest number of six bytes: milliseconds until the year 10889.
pub(super) const LARGEST: u64 = (1 << 48) - 1;

const VERSION_MUST_HOLD: u8 = 1;
const EXTENDS: u8 = 2;
const SETS_END: u8 = 4;
const OWNED: u8 = 8;
const DISOWNED: u8 = 16;
const REMOVES_IF_EMPTY: u8 = 32;
const LEAVES_POINTER: u8 = 64;
const SHOWS_THE_WAY: u8 = 128;

/// What a rename leaves under the old key.
#[derive(Clone, Copy)]
pub(super) struct Pointer {
    pub(super) until: Timestamp,
    /// Whether every call is shown the way, or a sign-out alone.
    pub(super) is_shown: bool,
}

impl Pointer {
    pub(super) fn flags(self) -> u8 {
        if self.is_shown { LEAVES_POINTER | SHOWS_THE_WAY } else { LEAVES_POINTER }
    }
}

/// The bytes of a header.
pub(super) struct Header(Vec<u8>);

impl Header {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(48))
    }

    /// The header of a commit.
    ///
    /// ```text
    /// [flags: u8] [now: u48] [stamp: 8 bytes] [entries that are set: u16]
    ///     [version: u48, where it must hold] [end: u48, where it changes] [the pointer's end: u48, of a rename] [owner, where there is a new one]
    /// ```
    pub(super) fn of_commit(update: &Update<'_>, now: Timestamp, pointer: Option<Pointer>) -> Self {
        let (expiry, end) = match update.expiry_change() {
            ExpiryChange::Keep => (0, None),
            ExpiryChange::Extend(end) => (EXTENDS, Some(end)),
            ExpiryChange::Set(end) => (SETS_END, Some(end)),
        };
        let (owning, owner) = match update.principal_change() {
            PrincipalChange::Keep => (0, None),
            PrincipalChange::Set(None) => (DISOWNED, None),
            PrincipalChange::Set(Some(owner)) => (OWNED, Some(owner)),
        };
        let version = update.required_version();
        let flags = expiry
            | owning
            | if version.is_some() { VERSION_MUST_HOLD } else { 0 }
            | if update.removes_if_empty() { REMOVES_IF_EMPTY } else { 0 }
            | pointer.map_or(0, Pointer::flags);
        let sets = update.delta().iter().filter(|(_, value)| value.is_some()).count();
        // A record has at most as many entries.
        let sets = u16::try_from(sets).unwrap_or(u16::MAX);
        let mut header = Self::new().byte(flags).moment(now).stamp(update.stamp());
        header.0.extend_from_slice(&sets.to_le_bytes());
        header = version.into_iter().fold(header, Self::number);
        header = end.into_iter().fold(header, Self::moment);
        header = pointer.into_iter().fold(header, |header, pointer| header.moment(pointer.until));
        owner.into_iter().fold(header, |header, owner| header.bytes(owner.as_bytes()))
    }

    pub(super) fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    /// A number that fits into six bytes, or the largest one that does.
    pub(super) fn number(mut self, number: u64) -> Self {
        let [bytes @ .., _, _] = number.min(LARGEST).to_le_bytes();
        self.0.extend_from_slice(&bytes);
        self
    }

    pub(super) fn moment(self, moment: Timestamp) -> Self {
        self.number(moment.as_millis())
    }

    pub(super) fn stamp(self, stamp: Stamp) -> Self {
        self.bytes(&stamp.to_bytes())
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
