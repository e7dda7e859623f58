//! What a store keeps of a session: a map from field name to encoded value, in one immutable buffer.

mod binding;
mod delta;
mod layout;
pub(crate) mod leb128;
mod stamp;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use binding::{Binding, Bindings};
pub use delta::{Delta, DeltaEntries};
pub use layout::CorruptRecord;
pub use stamp::Stamp;

pub(crate) use delta::Staged;

use crate::clock::Timestamp;
use layout::Entries;
use stamp::Stamps;

/// The entry that holds the lifetime of a session that has its own, in decimal milliseconds.
pub(crate) const LIFETIME: &str = "@l";
/// The entry that holds when the session's id was last renewed, in decimal milliseconds since 1970.
pub(crate) const RENEWED: &str = "@r";
/// The entry that holds what sealed values of the record are bound to: 16 random bytes, or several times as many.
pub(crate) const BINDING: &str = "@b";
/// The entry that holds when the session's principal was last set, in decimal milliseconds since 1970.
pub(crate) const AUTHENTICATED: &str = "@a";
/// The entry that holds when the session last became nobody's, in decimal milliseconds since 1970.
pub(crate) const DISOWNED: &str = "@o";
/// The entry that holds the session's handle in the list of its owner, 16 base64url characters, and after it the number of the sign-in in its
/// process, which puts two of the same moment in order.
pub(crate) const HANDLE: &str = "@h";
/// The characters of a handle: 96 random bits.
pub(crate) const HANDLE_LENGTH: usize = 16;
/// The entry that holds what the application says of the session's device.
pub(crate) const DESCRIPTION: &str = "@d";
/// The entry that holds the stamps of the last commits.
pub(crate) const STAMPS: &str = "@s";

/// A stored session: encoded values by field name, and what the runtime knows about the session.
///
/// Names that begin with `@` are the runtime's own entries; every other name is a field of some schema, known to this program or not. Reading
/// is a scan of one buffer, cloning a reference count.
///
/// # Layout of the buffer
///
/// ```text
/// [count: u16 LE] then, per entry, in strictly ascending order of the name's bytes:
///     [name length: u8] [name: UTF-8] [value length: LEB128, at most 4 bytes] [value]
/// ```
///
/// The same bytes are the column of an SQL row and the payload of a sealed cookie.
#[derive(Clone)]
pub struct Record {
    buffer: Bytes,
    version: u64,
    created: Timestamp,
    expires: Timestamp,
    principal: Option<Arc<str>>,
}

impl Record {
    /// The longest field name, in bytes.
    pub const MAX_NAME: usize = u8::MAX as usize;
    /// The largest encoded value, in bytes.
    pub const MAX_VALUE: usize = 1 << 20;
    /// How many of the last commits a record remembers.
    pub const STAMPS: u64 = Stamps::KEPT as u64;
    /// The most entries of one record.
    pub const MAX_ENTRIES: usize = u16::MAX as usize;

    /// A record without fields, at version 1.
    pub fn new(created: Timestamp, expires: Timestamp) -> Self {
        Self { buffer: layout::EMPTY, version: 1, created, expires, principal: None }
    }

    /// A record of a buffer that a store has kept, at version 1.
    ///
    /// # Errors
    ///
    /// [`CorruptRecord`] if the bytes are not exactly one record. Any bytes are safe to pass: nothing panics, nothing is allocated.
    pub fn decode(buffer: Bytes, created: Timestamp, expires: Timestamp) -> Result<Self, CorruptRecord> {
        layout::validate(&buffer)?;
        Ok(Self { buffer, ..Self::new(created, expires) })
    }

    /// A record of these names and values, in any order, for stores that keep each on its own; at version 1.
    ///
    /// # Errors
    ///
    /// [`CorruptRecord`] if a name is longer than [`MAX_NAME`](Self::MAX_NAME) or there twice, a value is larger than
    /// [`MAX_VALUE`](Self::MAX_VALUE), or there are more than [`MAX_ENTRIES`](Self::MAX_ENTRIES).
    pub fn from_entries<N: AsRef<str>, V: AsRef<[u8]>>(
        entries: impl IntoIterator<Item = (N, V)>,
        created: Timestamp,
        expires: Timestamp,
    ) -> Result<Self, CorruptRecord> {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_unstable_by(|(a, _), (b, _)| a.as_ref().cmp(b.as_ref()));
        let sorted = entries.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        layout::check_entries(sorted.clone())?;
        let over = sorted.map(|(name, value)| (name, Some(value)));
        Ok(Self { buffer: layout::overlay(&layout::EMPTY, over), ..Self::new(created, expires) })
    }

    /// The same record at this version.
    #[must_use]
    pub fn at_version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// The same record, ending at this moment.
    #[must_use]
    pub fn expiring(mut self, expires: Timestamp) -> Self {
        self.expires = expires;
        self
    }

    pub(crate) fn set_expires(&mut self, expires: Timestamp) {
        self.expires = expires;
    }

    /// The same record, owned by this principal or by nobody.
    #[must_use]
    pub fn owned_by(mut self, principal: Option<Arc<str>>) -> Self {
        self.principal = principal;
        self
    }

    /// The same record with the delta's values in place of its own, at the next version.
    #[must_use]
    pub fn apply(&self, delta: &Delta) -> Self {
        self.overlaid(delta, None)
    }

    /// As [`apply`](Self::apply), with the stamp of the commit that did it noted among the last [`STAMPS`](Self::STAMPS).
    pub fn apply_stamped(&self, delta: &Delta, stamp: Stamp) -> Self {
        self.apply_with(delta, &self.stamps().and(stamp))
    }

    /// As [`apply`](Self::apply), with these for the stamps of the last commits.
    pub(crate) fn apply_with(&self, delta: &Delta, stamps: &Stamps) -> Self {
        self.overlaid(delta, Some(stamps.as_bytes()))
    }

    /// The same record, with these bindings beside its own.
    pub(crate) fn bound_to(&self, more: &Bindings) -> Self {
        let own = self.bindings();
        let mut all = own.clone();
        all.unite(more);
        if all == own {
            return self.clone();
        }
        let mut delta = Delta::default();
        delta.set(BINDING, &all.encode());
        self.apply(&delta).at_version(self.version)
    }

    fn overlaid(&self, delta: &Delta, stamps: Option<&[u8]>) -> Self {
        let overlay = delta.iter().with(stamps.map(|stamps| (STAMPS, Some(stamps))));
        let buffer = layout::overlay(&self.buffer, overlay);
        Self { buffer, version: self.version.saturating_add(1), principal: self.principal.clone(), ..*self }
    }

    /// The buffer, laid out as described above.
    pub fn buffer(&self) -> &Bytes {
        &self.buffer
    }

    /// Counts the commits to this record.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When the session was created.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// When the session ends, if nothing extends it.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whose session it is.
    pub fn principal(&self) -> Option<&str> {
        self.principal.as_deref()
    }

    /// The encoded value of an entry.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.raw_entries().find_value(name.as_bytes())
    }

    /// All entries, ascending by name.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.raw_entries().filter_map(|(name, value)| Some((str::from_utf8(name).ok()?, value)))
    }

    /// Whether no field is left; the runtime's own entries do not count.
    pub fn is_empty(&self) -> bool {
        !self.raw_entries().any(|(name, _)| is_field(name))
    }

    /// Whether a commit with this stamp is among the last [`STAMPS`](Self::STAMPS).
    pub fn has_stamp(&self, stamp: Stamp) -> bool {
        self.stamps().contains(stamp)
    }

    /// Whether the stamp of a commit to a record of this version may have been forgotten.
    pub(crate) fn may_have_forgotten(&self, version: u64) -> bool {
        self.version.saturating_sub(version) > Self::STAMPS
    }

    /// Whether both records were made by the same commit: an insert that was repeated.
    pub fn shares_stamp(&self, other: &Self) -> bool {
        other.stamps().iter().any(|stamp| self.has_stamp(stamp))
    }

    /// The lifetime that this session was given for itself, if it was.
    pub fn own_lifetime(&self) -> Option<Duration> {
        self.decimal(LIFETIME).map(Duration::from_millis)
    }

    /// When the session got the id that it has: with its creation, or its last renewal.
    pub(crate) fn id_since(&self) -> Timestamp {
        self.decimal(RENEWED).map_or(self.created, Timestamp::from_millis)
    }

    /// When the principal of this session was last set: when somebody last signed in.
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        self.decimal(AUTHENTICATED).map(Timestamp::from_millis)
    }

    /// Since when its lifetime counts: since somebody signed in or out, else since its creation.
    pub(crate) fn began(&self) -> Timestamp {
        let disowned_at = || self.decimal(DISOWNED).map(Timestamp::from_millis);
        self.authenticated_at().or_else(disowned_at).unwrap_or(self.created)
    }

    /// Whether it is nobody's. A session in its cookie may be somebody's, too: no store names its owner, but it was signed in to.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.principal.is_none() && self.get(AUTHENTICATED).is_none()
    }

    /// Its handle in the list of its owner.
    pub(crate) fn handle(&self) -> Option<&str> {
        self.text(HANDLE)?.get(..HANDLE_LENGTH)
    }

    /// The number of its sign-in, in the process that made it somebody's.
    pub(crate) fn sign_in(&self) -> u64 {
        let number = || self.text(HANDLE)?.get(HANDLE_LENGTH..)?.parse().ok();
        number().unwrap_or_default()
    }

    /// What the application says of the device that it is used on.
    pub fn description(&self) -> Option<&str> {
        self.text(DESCRIPTION)
    }

    /// What sealed values of this record are bound to, if it ever held one.
    pub(crate) fn bindings(&self) -> Bindings {
        Bindings::decode(self.get(BINDING).unwrap_or_default())
    }

    fn decimal(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    fn text(&self, name: &str) -> Option<&str> {
        str::from_utf8(self.get(name)?).ok()
    }

    /// The stamps of the last commits.
    pub(crate) fn stamps(&self) -> Stamps {
        Stamps::decode(self.get(STAMPS).unwrap_or_default())
    }

    fn raw_entries(&self) -> Entries<'_> {
        Entries::new(&self.buffer)
    }
}

impl fmt::Debug for Record {
    /// Names and lengths, never values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("version", &self.version)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .field("lengths", &DebugLengths(self))
            .finish_non_exhaustive()
    }
}

struct DebugLengths<'a>(&'a Record);

impl fmt::Debug for DebugLengths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.entries().map(|(name, value)| (name, value.len()))).finish()
    }
}

/// Whether an entry of this name is a field of a schema, not one of the runtime's own.
pub(crate) fn is_field(name: &[u8]) -> bool {
    name.first() != Some(&b'@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(entries: &[(&'static str, &[u8])]) -> Record {
        let mut delta = Delta::default();
        for (name, value) in entries {
            delta.set(*name, value);
        }
        Record::new(Timestamp::default(), Timestamp::default()).apply(&delta)
    }

    #[test]
    fn what_was_set_is_read_and_the_rest_is_kept() {
        let before = record(&[("b", b"2"), ("a", b"1"), ("c", b"3")]);
        let mut delta = Delta::default();
        delta.set("b", b"twenty");
        delta.remove("c");
        delta.set("d", b"");
        let after = before.apply(&delta);
        let entries: Vec<_> = after.entries().collect();
        assert_eq!(entries, [("a", &b"1"[..]), ("b", b"twenty"), ("d", b"")]);
        assert_eq!(after.get("b"), Some(&b"twenty"[..]));
        assert_eq!(after.get("c"), None);
        assert_eq!(after.version(), before.version() + 1);
        assert_eq!(after.buffer().len(), Bytes::from(after.buffer().to_vec()).len());
    }

    #[test]
    fn a_buffer_is_read_back_whatever_the_length_of_its_values() {
        for length in [0, 1, 127, 128, 16_383, 16_384, Record::MAX_VALUE] {
            let value = vec![7; length];
            let kept = record(&[("x", &value), ("y", b"!")]);
            let read = Record::decode(kept.buffer().clone(), kept.created(), kept.expires()).expect("a record");
            assert_eq!(read.get("x"), Some(&value[..]));
            assert_eq!(read.get("y"), Some(&b"!"[..]));
        }
    }

    #[test]
    fn entries_in_any_order_make_the_same_record() {
        let at = Timestamp::default();
        let kept = Record::from_entries([("b", "2"), ("@l", "5"), ("a", "1")], at, at).expect("a record");
        assert_eq!(kept.buffer(), record(&[("a", b"1"), ("b", b"2"), ("@l", b"5")]).buffer());
        assert!(Record::from_entries([("a", "1"), ("a", "2")], at, at).is_err());
        assert!(Record::from_entries([("a".repeat(256), "1")], at, at).is_err());
        assert!(Record::from_entries([("a", vec![0; Record::MAX_VALUE + 1])], at, at).is_err());
    }

    #[test]
    fn only_fields_make_a_record_more_than_empty() {
        assert!(record(&[("@l", b"5")]).is_empty());
        assert!(!record(&[("@l", b"5"), ("x", b"")]).is_empty());
        assert_eq!(record(&[("@l", b"5000")]).own_lifetime(), Some(Duration::from_secs(5)));
    }

    #[test]
    fn the_last_four_stamps_are_remembered() {
        let stamps: Vec<_> = (0..6).map(|_| Stamp::next()).collect();
        let empty = Record::new(Timestamp::default(), Timestamp::default());
        let stamped = stamps.iter().fold(empty, |record, stamp| record.apply_stamped(&Delta::default(), *stamp));
        let known: Vec<_> = stamps.iter().map(|stamp| stamped.has_stamp(*stamp)).collect();
        assert_eq!(known, [false, false, true, true, true, true]);
    }

    #[test]
    fn s25_debug_shows_no_value() {
        let shown = format!("{:?}", record(&[("password", b"hunter2")]));
        assert!(shown.contains("password") && !shown.contains("hunter2"), "{shown}");
    }
}
