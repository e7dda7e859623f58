//! What is the same for a field in every session.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::envelope::{Contents, Context, Envelope, KeptContext};
use crate::error::{Chain, DecodeError, EncodeError, SessionError};
use crate::merge::{Rule, Sides};
use crate::principal::{self, Principal};
use crate::record::{Record, Staged};
use crate::serializer::{self, Serializer};

/// The name of the principal that a value is, if it is one.
type NameOf<T> = fn(&T) -> Result<Option<Arc<str>>, EncodeError>;

/// What is the same for a field in every session: its stored name, its format, its default, its merge.
pub struct Spec<T> {
    name: &'static str,
    encode: fn(&T, &mut Vec<u8>) -> Result<Presence, EncodeError>,
    decode: fn(&[u8]) -> Result<T, DecodeError>,
    default: fn() -> T,
    merge: Option<fn(&T, T, T) -> T>,
    principal: Option<NameOf<T>>,
    reject: bool,
    envelope: Envelope,
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
            principal: None,
            reject: false,
            envelope: Envelope::NONE,
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
            principal: None,
            reject: false,
            envelope: Envelope::NONE,
        }
    }

    /// The same field; what two requests made of it at once is made one by `merge(base, theirs, ours)`.
    #[must_use]
    pub const fn merge(mut self, merge: fn(&T, T, T) -> T) -> Self {
        self.merge = Some(merge);
        self
    }

    /// The same field, its value absent so many milliseconds after it was written.
    #[must_use]
    pub const fn ttl(mut self, millis: u64) -> Self {
        self.envelope.ttl = Some(Duration::from_millis(millis));
        self
    }

    /// The same field, encrypted where it is stored.
    #[must_use]
    pub const fn sealed(mut self) -> Self {
        self.envelope.sealed = true;
        self
    }

    /// The same field, failing at load where the stored value does not decode.
    #[must_use]
    pub const fn reject(mut self) -> Self {
        self.reject = true;
        self
    }
}

impl<T> Spec<Option<T>> {
    /// The same field, whose value says whose session it is.
    #[must_use]
    pub const fn principal(mut self) -> Self
    where
        T: Principal,
    {
        self.principal = Some(|value| value.as_ref().map(|value| principal::name(value)).transpose());
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

    #[inline]
    pub(super) fn is_principal(&self) -> bool {
        self.principal.is_some()
    }

    /// Whose session it is by this value.
    pub(super) fn principal_of(&self, value: &T) -> Result<Option<Arc<str>>, SessionError> {
        let Some(principal) = self.principal else {
            return Ok(None);
        };
        principal(value).map_err(|source| SessionError::encode(self.name, source))
    }

    pub(super) fn default(&self) -> T {
        (self.default)()
    }

    /// Whether its values are stored in an envelope.
    #[inline]
    pub(super) fn has_envelope(&self) -> bool {
        self.envelope.is_some()
    }

    #[inline]
    pub(super) fn is_sealed(&self) -> bool {
        self.envelope.sealed
    }

    /// Appends the value without its envelope, checked against the limit of a record.
    pub(super) fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<Presence, SessionError> {
        let start = out.len();
        let presence = (self.encode)(value, out).map_err(|source| SessionError::encode(self.name, source))?;
        self.check_size(out.len() - start).map(|()| presence)
    }

    fn check_size(&self, length: usize) -> Result<(), SessionError> {
        if length <= Record::MAX_VALUE {
            return Ok(());
        }
        let reason = EncodeError::new(format!("{length} bytes, at most {} are stored", Record::MAX_VALUE));
        Err(SessionError::encode(self.name, reason))
    }

    /// Puts the encoded value from `start` on into its envelope.
    #[inline]
    pub(super) fn wrap(&self, context: &dyn Context, out: &mut Vec<u8>, start: usize) -> Result<(), SessionError> {
        if !self.has_envelope() {
            return Ok(());
        }
        self.envelope.close(self.name, context, out, start)?;
        self.check_size(out.len() - start)
    }

    /// Whether this encoded value is what is stored, so that nothing is to be written. A value with a time of its own gets it anew, and one that
    /// an old key sealed is sealed anew.
    #[inline]
    pub(super) fn is_stored(&self, encoded: Option<&[u8]>, stored: Option<&[u8]>, context: &dyn Context) -> bool {
        match (encoded, stored) {
            (Some(encoded), Some(stored)) if self.has_envelope() => {
                let is_same = |contents: Contents<'_>| !contents.is_outdated && *contents.value == *encoded;
                let opened = || self.envelope.open(self.name, Some(context), stored);
                self.envelope.ttl.is_none() && opened().is_ok_and(|contents| contents.is_some_and(is_same))
            }
            _ => encoded == stored,
        }
    }

    /// The value of these bytes, which have no envelope.
    pub(super) fn decode_bare(&self, bytes: &[u8]) -> Result<T, SessionError> {
        (self.decode)(bytes).map_err(|error| SessionError::mismatch(self.name, error))
    }

    /// The value that is stored; the default where its time is over.
    pub(super) fn decode(&self, stored: &[u8], context: Option<&dyn Context>) -> Result<T, SessionError> {
        self.try_decode(stored, context).map_err(|error| SessionError::mismatch(self.name, error))
    }

    #[inline]
    fn try_decode(&self, stored: &[u8], context: Option<&dyn Context>) -> Result<T, DecodeError> {
        match self.envelope.open(self.name, context, stored)? {
            Some(contents) => (self.decode)(&contents.value),
            None => Ok(self.default()),
        }
    }

    /// The value that is stored, or the default where none is, or none that decodes.
    pub(super) fn read(&self, stored: Option<&[u8]>, context: Option<&dyn Context>) -> T {
        let Some(stored) = stored else {
            return self.default();
        };
        self.try_decode(stored, context).unwrap_or_else(|error| {
            tracing::warn!(field = self.name, error = %Chain(&error), "a stored field does not decode, its default stands in");
            self.default()
        })
    }
}

impl<T> Rule for Spec<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn merge(
        &self,
        sides: Sides<'_>,
        context: Option<&KeptContext>,
        out: &mut Vec<u8>,
    ) -> Result<Staged, SessionError> {
        let context = context.map(|context| context as _);
        let ours = self.read(sides.ours, context);
        let merged = match self.merge {
            Some(merge) => {
                let base = match sides.seen {
                    Some(seen) => self.decode_bare(seen).unwrap_or_else(|_| self.default()),
                    None => self.read(sides.base, context),
                };
                // What others sealed and nobody can open here is not to count as nothing.
                let theirs = match sides.theirs {
                    Some(theirs) if self.is_sealed() => self.decode(theirs, context)?,
                    theirs => self.read(theirs, context),
                };
                merge(&base, theirs, ours)
            }
            None => ours,
        };
        let start = out.len();
        Ok(match (self.encode(&merged, out)?, context) {
            (Presence::Absent, _) => Staged::Removed,
            (Presence::Present, Some(context)) => self.wrap(context, out, start).map(|()| Staged::Changed)?,
            (Presence::Present, None) => Staged::Changed,
        })
    }
}

impl<T> fmt::Debug for Spec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec").field("name", &self.name).finish_non_exhaustive()
    }
}
