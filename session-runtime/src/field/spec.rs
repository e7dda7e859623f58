//! What is the same for a field in every session.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Chain, DecodeError, EncodeError, SessionError};
use crate::merge::{Rule, Sides};
use crate::record::{Record, Staged};
use crate::serializer::{self, Serializer};

/// What is the same for a field in every session: its stored name, its format, its default, its merge.
pub struct Spec<T> {
    name: &'static str,
    encode: fn(&T, &mut Vec<u8>) -> Result<Presence, EncodeError>,
    decode: fn(&[u8]) -> Result<T, DecodeError>,
    default: fn() -> T,
    merge: Option<fn(&T, T, T) -> T>,
    reject: bool,
}

/// Whether a value is stored at all: an optional field's `None` is not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
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
            encode: |value, out| serializer::encode::<S, T>(value, out).map(|()| Presence::Present),
            decode: serializer::decode::<S, T>,
            default,
            merge: None,
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
            encode: |value, out| match value {
                Some(value) => serializer::encode::<S, T>(value, out).map(|()| Presence::Present),
                None => Ok(Presence::Absent),
            },
            decode: |stored| serializer::decode::<S, T>(stored).map(Some),
            default: || None,
            merge: None,
            reject: false,
        }
    }

    /// The same field; what two requests made of it at once is made one by `merge(base, theirs, ours)`.
    #[must_use]
    pub const fn merge(mut self, merge: fn(&T, T, T) -> T) -> Self {
        self.merge = Some(merge);
        self
    }

    /// The same field, failing at load where the stored value does not decode.
    #[must_use]
    pub const fn reject(mut self) -> Self {
        self.reject = true;
        self
    }
}

impl<T> Spec<T> {
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn rejects(&self) -> bool {
        self.reject
    }

    pub(super) fn merges(&self) -> bool {
        self.merge.is_some()
    }

    pub(super) fn default(&self) -> T {
        (self.default)()
    }

    /// Appends the value, checked against the limit of a record.
    pub(super) fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<Presence, SessionError> {
        let start = out.len();
        let refused = |source| SessionError::encode(self.name, source);
        let presence = (self.encode)(value, out).map_err(refused)?;
        match out.len() - start {
            length if length > Record::MAX_VALUE => {
                Err(refused(EncodeError::new(format!("{length} bytes, at most {} are stored", Record::MAX_VALUE))))
            }
            _ => Ok(presence),
        }
    }

    pub(super) fn decode(&self, stored: &[u8]) -> Result<T, SessionError> {
        (self.decode)(stored).map_err(|error| SessionError::mismatch(self.name, error))
    }

    /// The value that is stored, or the default where none is, or none that decodes.
    pub(super) fn read(&self, stored: Option<&[u8]>) -> T {
        let Some(stored) = stored else {
            return self.default();
        };
        (self.decode)(stored).unwrap_or_else(|error| {
            tracing::warn!(field = self.name, error = %Chain(&error), "a stored field does not decode, its default stands in");
            self.default()
        })
    }
}

impl<T> Rule for Spec<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn merge(&self, sides: Sides<'_>, out: &mut Vec<u8>) -> Result<Staged, SessionError> {
        let ours = self.read(sides.ours);
        let merged = match self.merge {
            Some(merge) => merge(&self.read(sides.base), self.read(sides.theirs), ours),
            None => ours,
        };
        Ok(match self.encode(&merged, out)? {
            Presence::Present => Staged::Changed,
            Presence::Absent => Staged::Removed,
        })
    }
}

impl<T> fmt::Debug for Spec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec").field("name", &self.name).finish_non_exhaustive()
    }
}
