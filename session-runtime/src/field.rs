//! One field of a live session: decoded on first use, and written only if its bytes changed.

use std::fmt;
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Chain, SessionError};
use crate::record::{Delta, Record, Staged};
use crate::serializer::{self, DecodeError, EncodeError, Serializer, Tag};

/// What is the same for a field in every session: its stored name, its format, its default.
pub struct Spec<T> {
    name: &'static str,
    tag: Tag,
    encode: fn(&T, &mut Vec<u8>) -> Result<Presence, EncodeError>,
    decode: fn(&[u8]) -> Result<T, DecodeError>,
    default: fn() -> T,
    reject: bool,
}

/// Whether a value is stored at all: an optional field's `None` is not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Present,
    Absent,
}

/// What a field's type must be; every type with serde's derives is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a session",
    label = "not `serde::Serialize` and `serde::Deserialize`",
    note = "derive both for it and for the types inside it, or write `#[session(skip)]` above the field"
)]
pub trait Storable: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Storable for T {}

/// What a field has that is not stored yet; every type with `Default` has.
#[diagnostic::on_unimplemented(
    message = "a field of `{Self}` has no value before it is set",
    label = "not `Default`",
    note = "write `#[session(default = …)]` above the field, derive `Default` for `{Self}`, or make the field an `Option`"
)]
pub trait Initial {
    /// That value.
    fn initial() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> Initial for T {
    fn initial() -> Self {
        T::default()
    }
}

impl<T> Spec<T> {
    /// A field that always has a value.
    #[must_use]
    pub const fn required<S: Serializer>(name: &'static str, default: fn() -> T) -> Self
    where
        T: Storable + Send + Sync + 'static,
    {
        Self {
            name,
            tag: S::TAG,
            encode: |value, out| serializer::encode::<S, T>(value, out).map(|()| Presence::Present),
            decode: serializer::decode::<S, T>,
            default,
            reject: false,
        }
    }

    /// A field that may be absent: stored as its `T`, so that a field can become optional while old sessions live on.
    #[must_use]
    pub const fn optional<S: Serializer>(name: &'static str) -> Spec<Option<T>>
    where
        T: Storable + Send + Sync + 'static,
    {
        Spec {
            name,
            tag: S::TAG,
            encode: |value, out| match value {
                Some(value) => serializer::encode::<S, T>(value, out).map(|()| Presence::Present),
                None => Ok(Presence::Absent),
            },
            decode: |stored| serializer::decode::<S, T>(stored).map(Some),
            default: || None,
            reject: false,
        }
    }

    /// The same field, failing at load where the stored value does not decode.
    #[must_use]
    pub const fn reject(mut self) -> Self {
        self.reject = true;
        self
    }
}

impl<T> fmt::Debug for Spec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a field is read from.
pub trait HasRecord {
    /// The session as it was when this request loaded it.
    fn record(&self) -> &Record;
}

/// One field of a live session.
pub struct Field<T: 'static> {
    spec: &'static Spec<T>,
    access: Access,
    cell: OnceLock<Cached<T>>,
}

/// What was done to a field since it was loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Access {
    /// Read at most.
    Untouched,
    /// Handed out mutably: changed only if its bytes are.
    Lent,
    /// Given a value: written even where it equals the default.
    Set,
    /// Back to its default, its stored value removed; what it is lent for afterwards counts from the default.
    Cleared,
}

struct Cached<T> {
    value: T,
    origin: Origin,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Decoded from the stored bytes.
    Stored,
    /// The default, for want of stored bytes or because they do not decode.
    Default,
}

impl<T: 'static> Field<T> {
    /// A field that nothing was asked of.
    #[must_use]
    pub const fn new(spec: &'static Spec<T>) -> Self {
        Self { spec, access: Access::Untouched, cell: OnceLock::new() }
    }

    /// The value, decoded on first use.
    #[inline]
    pub fn get(&self, session: &impl HasRecord) -> &T {
        &self.cell.get_or_init(|| self.read(session.record())).value
    }

    /// The value, to be changed in place.
    pub fn get_mut(&mut self, session: &impl HasRecord) -> &mut T {
        self.cell.get_or_init(|| self.read(session.record()));
        self.access = match self.access {
            Access::Untouched => Access::Lent,
            changed => changed,
        };
        match self.cell.get_mut() {
            Some(cached) => &mut cached.value,
            None => unreachable!("the cell was filled above"),
        }
    }

    /// Gives the field a value.
    pub fn set(&mut self, value: T) {
        self.access = Access::Set;
        self.cell = OnceLock::from(Cached { value, origin: Origin::Default });
    }

    /// A copy of the value that is the caller's own, by way of its encoding.
    pub fn fresh(&self, session: &impl HasRecord) -> T {
        match self.access {
            Access::Untouched => self.read(session.record()).value,
            Access::Lent | Access::Set | Access::Cleared => self.copy().unwrap_or_else(|error| {
                tracing::warn!(field = self.spec.name, error = %Chain(&error), "a field could not be copied, its default stands in");
                (self.spec.default)()
            }),
        }
    }

    fn copy(&self) -> Result<T, SessionError> {
        let mut bytes = Vec::new();
        match self.encode(&mut bytes)? {
            Presence::Present => {
                (self.spec.decode)(&bytes).map_err(|error| SessionError::mismatch(self.spec.name, error))
            }
            Presence::Absent => Ok((self.spec.default)()),
        }
    }

    fn read(&self, record: &Record) -> Cached<T> {
        let Some(stored) = record.get(self.spec.name) else {
            return Cached { value: (self.spec.default)(), origin: Origin::Default };
        };
        match (self.spec.decode)(stored) {
            Ok(value) => Cached { value, origin: Origin::Stored },
            Err(error) => {
                tracing::warn!(field = self.spec.name, error = %Chain(&error), "a stored field does not decode, its default stands in");
                Cached { value: (self.spec.default)(), origin: Origin::Default }
            }
        }
    }

    /// Appends the value, checked against the limit of a record.
    fn encode(&self, out: &mut Vec<u8>) -> Result<Presence, SessionError> {
        let Some(cached) = self.cell.get() else {
            return Ok(Presence::Absent);
        };
        let start = out.len();
        let refused = |source| SessionError::encode(self.spec.name, source);
        let presence = (self.spec.encode)(&cached.value, out).map_err(refused)?;
        match out.len() - start {
            length if length > Record::MAX_VALUE => {
                Err(refused(EncodeError::new(format!("{length} bytes, at most {} are stored", Record::MAX_VALUE))))
            }
            _ => Ok(presence),
        }
    }

    /// Whether the bytes at `out[start..]` are worth writing.
    fn judge(
        &self,
        presence: Presence,
        record: &Record,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<Staged, SessionError> {
        let stored = record.get(self.spec.name);
        if self.access == Access::Cleared
            && (presence == Presence::Absent || self.equals(&(self.spec.default)(), out, start)?)
        {
            return Ok(if stored.is_some() { Staged::Removed } else { Staged::Unchanged });
        }
        let equal = match (stored, presence) {
            (None, Presence::Absent) => true,
            (Some(_), Presence::Absent) => self.access == Access::Lent && self.origin() == Origin::Default,
            (None, Presence::Present) => {
                self.access == Access::Lent && self.equals(&(self.spec.default)(), out, start)?
            }
            (Some(stored), Presence::Present) => stored == &out[start..] || self.equals_decoded(stored, out, start)?,
        };
        Ok(match (equal, presence) {
            (true, _) => Staged::Unchanged,
            (false, Presence::Present) => Staged::Changed,
            (false, Presence::Absent) => Staged::Removed,
        })
    }

    /// As `judge`, where the stored bytes differ but may mean the same: they are of another format, or do not decode.
    fn equals_decoded(&self, stored: &[u8], out: &mut Vec<u8>, start: usize) -> Result<bool, SessionError> {
        if self.access != Access::Lent {
            return Ok(false);
        }
        match self.origin() {
            Origin::Stored if self.spec.tag.is_of(stored) => Ok(false),
            Origin::Stored => match (self.spec.decode)(stored) {
                Ok(before) => self.equals(&before, out, start),
                Err(_) => Ok(false),
            },
            Origin::Default => self.equals(&(self.spec.default)(), out, start),
        }
    }

    /// Whether `other` encodes to the bytes at `out[start..]`.
    fn equals(&self, other: &T, out: &mut Vec<u8>, start: usize) -> Result<bool, SessionError> {
        let end = out.len();
        let encoded = (self.spec.encode)(other, out);
        let (ours, others) = out[start..].split_at(end - start);
        let equal = ours == others;
        out.truncate(end);
        encoded
            .map_err(|error| SessionError::encode(self.spec.name, error))
            .map(|presence| equal && presence == Presence::Present)
    }

    fn origin(&self) -> Origin {
        self.cell.get().map_or(Origin::Default, |cached| cached.origin)
    }
}

impl<T: 'static> Field<Option<T>> {
    /// Takes the value out, leaving `None`.
    pub fn take(&mut self, session: &impl HasRecord) -> Option<T> {
        self.get_mut(session).take()
    }
}

impl<T> fmt::Debug for Field<T> {
    /// The field's name and what was done to it, never its value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("name", &self.spec.name).field("access", &self.access).finish_non_exhaustive()
    }
}

/// What the runtime does with a field whatever its type.
pub trait AnyField {
    /// The stored name.
    fn name(&self) -> &'static str;
    /// Whether there may be something to write.
    fn is_touched(&self) -> bool;
    /// Adds the field to the delta if it changed; with `keep_equal`, also if it was set to the value that it had.
    ///
    /// # Errors
    ///
    /// If the value could not be encoded; the delta is as it was.
    fn stage(&self, record: &Record, delta: &mut Delta, keep_equal: bool) -> Result<Staged, SessionError>;
    /// Decodes a field that must decode.
    ///
    /// # Errors
    ///
    /// If it is to be rejected and does not decode.
    fn check(&self, record: &Record) -> Result<(), SessionError>;
    /// Forgets the value and what was done to it.
    fn reset(&mut self);
    /// Back to the default, nothing stored.
    fn clear(&mut self);
}

impl<T> AnyField for Field<T> {
    fn name(&self) -> &'static str {
        self.spec.name
    }

    #[inline]
    fn is_touched(&self) -> bool {
        self.access != Access::Untouched
    }

    fn stage(&self, record: &Record, delta: &mut Delta, keep_equal: bool) -> Result<Staged, SessionError> {
        match self.access {
            Access::Untouched => Ok(Staged::Unchanged),
            Access::Lent | Access::Set | Access::Cleared => delta.stage(self.spec.name, |out, start| {
                let presence = self.encode(out)?;
                let is_kept = keep_equal && self.access == Access::Set && presence == Presence::Present;
                if is_kept { Ok(Staged::Changed) } else { self.judge(presence, record, out, start) }
            }),
        }
    }

    fn check(&self, record: &Record) -> Result<(), SessionError> {
        if !self.spec.reject {
            return Ok(());
        }
        let Some(stored) = record.get(self.spec.name) else {
            return Ok(());
        };
        let value = (self.spec.decode)(stored).map_err(|error| SessionError::mismatch(self.spec.name, error))?;
        // A value that is there already was decoded from the same bytes.
        let _ = self.cell.set(Cached { value, origin: Origin::Stored });
        Ok(())
    }

    fn reset(&mut self) {
        self.access = Access::Untouched;
        self.cell = OnceLock::new();
    }

    fn clear(&mut self) {
        self.access = Access::Cleared;
        self.cell = OnceLock::from(Cached { value: (self.spec.default)(), origin: Origin::Default });
    }
}
