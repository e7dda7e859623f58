//! One field of a live session: decoded on first use, and written only if its bytes changed.

mod spec;

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::envelope::Context;
use crate::error::{Chain, SessionError};
use crate::merge::Rule;
use crate::record::{Delta, Record, Staged};
use spec::Presence;

pub use spec::{Initial, Spec};

/// What a field is read from.
pub trait HasRecord: Context {
    /// The session as it was when this request loaded it.
    fn record(&self) -> &Record;
}

/// One field of a live session.
pub struct Field<T: 'static> {
    spec: &'static Spec<T>,
    access: Access,
    value: OnceLock<T>,
}

/// What was done to a field since it was loaded.
#[derive(Clone, PartialEq, Eq)]
enum Access {
    /// Read at most.
    Untouched,
    /// Handed out mutably: changed only if its bytes are.
    Lent(Before),
    /// Given a value: written even where it equals the default. With what was read before, where a merge has to start from that.
    Set(Option<Box<[u8]>>),
    /// Back to its default, its stored value removed; what it is lent for afterwards counts from the default.
    Cleared,
}

/// How a field's value was encoded when it was first lent. Encoded from the same value in memory: a map without an order, or a value that
/// is stored in another format, would never equal what is stored.
#[derive(Clone, PartialEq, Eq)]
enum Before {
    /// As it is stored.
    Stored,
    /// As these bytes, or not at all.
    Encoded(Option<Box<[u8]>>),
    /// It could not be encoded.
    Unknown,
}

impl<T: 'static> Field<T> {
    /// A field that nothing was asked of.
    #[must_use]
    pub const fn new(spec: &'static Spec<T>) -> Self {
        Self { spec, access: Access::Untouched, value: OnceLock::new() }
    }

    /// The value, decoded on first use.
    #[inline]
    pub fn get(&self, session: &impl HasRecord) -> &T {
        self.value.get_or_init(|| self.read(session))
    }

    /// The value, to be changed in place.
    pub fn get_mut(&mut self, session: &impl HasRecord) -> &mut T {
        if self.access == Access::Untouched {
            let stored = session.record().get(self.spec.name());
            self.value.get_or_init(|| self.spec.read(stored, Some(session)));
            self.access = Access::Lent(self.before(stored));
        }
        match self.value.get_mut() {
            Some(value) => value,
            None => unreachable!("a field that is not untouched has a value"),
        }
    }

    /// Gives the field a value.
    pub fn set(&mut self, value: T) {
        self.access = Access::Set(self.seen_before());
        self.value = OnceLock::from(value);
    }

    /// A copy of the value that is the caller's own, by way of its encoding.
    pub fn fresh(&self, session: &impl HasRecord) -> T {
        // A value with a time of its own stays, once it was read.
        let is_kept = self.spec.has_envelope() && self.value.get().is_some();
        if self.access == Access::Untouched && !is_kept {
            return self.read(session);
        }
        self.copy().unwrap_or_else(|error| {
            tracing::warn!(field = self.spec.name(), error = %Chain(&error), "a field could not be copied, its default stands in");
            self.spec.default()
        })
    }

    fn copy(&self) -> Result<T, SessionError> {
        let mut bytes = Vec::new();
        match self.encode(&mut bytes)? {
            Presence::Present => self.spec.decode_bare(&bytes),
            Presence::Absent => Ok(self.spec.default()),
        }
    }

    /// What was read of a value that may be over by the time that it is merged.
    fn seen_before(&mut self) -> Option<Box<[u8]>> {
        match std::mem::replace(&mut self.access, Access::Untouched) {
            Access::Set(seen) | Access::Lent(Before::Encoded(seen)) => seen,
            Access::Untouched if self.spec.has_envelope() && self.spec.merges() => {
                let mut bytes = Vec::new();
                let is_present = self.encode(&mut bytes).is_ok_and(|presence| presence == Presence::Present);
                is_present.then(|| bytes.into())
            }
            Access::Untouched | Access::Cleared | Access::Lent(_) => None,
        }
    }

    fn read(&self, session: &impl HasRecord) -> T {
        self.spec.read(session.record().get(self.spec.name()), Some(session))
    }

    fn before(&self, stored: Option<&[u8]>) -> Before {
        let mut bytes = Vec::with_capacity(stored.map_or(16, <[u8]>::len));
        match self.encode(&mut bytes) {
            Ok(Presence::Present) if stored == Some(&bytes) && !self.spec.has_envelope() => Before::Stored,
            Ok(Presence::Present) => Before::Encoded(Some(bytes.into())),
            Ok(Presence::Absent) => Before::Encoded(None),
            Err(_) => Before::Unknown,
        }
    }

    /// Appends the value; one that nobody asked for is absent.
    fn encode(&self, out: &mut Vec<u8>) -> Result<Presence, SessionError> {
        match self.value.get() {
            Some(value) => self.spec.encode(value, out),
            None => Ok(Presence::Absent),
        }
    }

    /// Whether the value just encoded, `None` for absence, is worth writing.
    #[inline]
    fn judge(
        &self,
        encoded: Option<&[u8]>,
        stored: Option<&[u8]>,
        context: &dyn Context,
    ) -> Result<Staged, SessionError> {
        let unchanged = match &self.access {
            Access::Untouched => true,
            Access::Lent(Before::Encoded(before)) => encoded == before.as_deref(),
            Access::Cleared if self.is_absent(encoded)? => {
                return Ok(if stored.is_some() { Staged::Removed } else { Staged::Unchanged });
            }
            Access::Lent(Before::Unknown) => false,
            Access::Set(_) | Access::Cleared | Access::Lent(Before::Stored) => {
                self.spec.is_stored(encoded, stored, context)
            }
        };
        Ok(match encoded {
            _ if unchanged => Staged::Unchanged,
            Some(_) => Staged::Changed,
            None => Staged::Removed,
        })
    }

    /// Whether nothing is to be stored: an optional field's `None`, or what was cleared and not changed since.
    fn is_absent(&self, encoded: Option<&[u8]>) -> Result<bool, SessionError> {
        Ok(encoded.is_none() || self.access == Access::Cleared && encoded == self.encoded_default()?.as_deref())
    }

    fn encoded_default(&self) -> Result<Option<Vec<u8>>, SessionError> {
        let mut bytes = Vec::new();
        let presence = self.spec.encode(&self.spec.default(), &mut bytes)?;
        Ok((presence == Presence::Present).then_some(bytes))
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
        f.debug_struct("Field")
            .field("name", &self.spec.name())
            .field("touched", &self.is_touched())
            .finish_non_exhaustive()
    }
}

/// Which values of a field are worth writing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Those that changed.
    Changed,
    /// Those that were set, too, even to the value that was there.
    Set,
    /// All that were touched.
    Touched,
}

/// What was done to the field that is the principal.
#[derive(Debug)]
pub struct Principals {
    /// Whose session it was.
    pub(crate) before: Option<Arc<str>>,
    /// Whose it is to be.
    pub(crate) after: Option<Arc<str>>,
    /// Whether the field was set, and not only lent.
    pub(crate) is_set: bool,
}

/// What the runtime does with a field whatever its type.
pub trait AnyField {
    /// The stored name.
    fn name(&self) -> &'static str;
    /// How two changes of it become one, if they do.
    fn rule(&self) -> Option<&'static dyn Rule>;
    /// What was read of it before it was changed, without an envelope, where that was kept.
    fn seen(&self) -> Option<&[u8]>;
    /// Whether its values are stored in an envelope.
    fn has_envelope(&self) -> bool;
    /// Whether it is encrypted where it is stored.
    fn is_sealed(&self) -> bool;
    /// Whether its value says whose session it is.
    fn is_principal(&self) -> bool;
    /// Whose session it is by the value that was there before, and by the one that it has now.
    ///
    /// # Errors
    ///
    /// If no store could keep that name.
    fn principals(&self, session: &dyn HasRecord) -> Result<Principals, SessionError>;
    /// Whether there may be something to write.
    fn is_touched(&self) -> bool;
    /// Adds the field to the delta if it changed, or is to be kept though it did not.
    ///
    /// # Errors
    ///
    /// If the value could not be encoded or sealed; the delta is as it was.
    fn stage(&self, session: &dyn HasRecord, delta: &mut Delta, keep: Keep) -> Result<Staged, SessionError>;
    /// Decodes a field that must decode.
    ///
    /// # Errors
    ///
    /// If it is to be rejected and does not decode, or is sealed where there are no keys.
    fn check(&self, session: &dyn HasRecord) -> Result<(), SessionError>;
    /// Forgets the value and what was done to it.
    fn reset(&mut self);
    /// Back to the default, nothing stored.
    fn clear(&mut self);
}

impl<T> AnyField for Field<T> {
    fn name(&self) -> &'static str {
        self.spec.name()
    }

    #[inline]
    fn rule(&self) -> Option<&'static dyn Rule> {
        if self.spec.merges() { Some(self.spec) } else { None }
    }

    fn seen(&self) -> Option<&[u8]> {
        match &self.access {
            Access::Lent(Before::Encoded(seen)) | Access::Set(seen) => seen.as_deref(),
            Access::Untouched | Access::Cleared | Access::Lent(_) => None,
        }
    }

    #[inline]
    fn has_envelope(&self) -> bool {
        self.spec.has_envelope()
    }

    #[inline]
    fn is_sealed(&self) -> bool {
        self.spec.is_sealed()
    }

    #[inline]
    fn is_principal(&self) -> bool {
        self.spec.is_principal()
    }

    fn principals(&self, session: &dyn HasRecord) -> Result<Principals, SessionError> {
        let stored = session.record().get(self.spec.name());
        let before = self.spec.read(stored, Some(session));
        Ok(Principals {
            // What could not be kept was never anybody's.
            before: self.spec.principal_of(&before).unwrap_or_default(),
            after: self.value.get().map_or(Ok(None), |value| self.spec.principal_of(value))?,
            is_set: matches!(self.access, Access::Set(_)),
        })
    }

    #[inline]
    fn is_touched(&self) -> bool {
        self.access != Access::Untouched
    }

    fn stage(&self, session: &dyn HasRecord, delta: &mut Delta, keep: Keep) -> Result<Staged, SessionError> {
        if self.access == Access::Untouched {
            return Ok(Staged::Unchanged);
        }
        delta.stage(self.spec.name(), |out, start| {
            let presence = self.encode(out)?;
            let encoded = (presence == Presence::Present).then_some(&out[start..]);
            let is_kept = match keep {
                Keep::Changed => false,
                Keep::Set => matches!(self.access, Access::Set(_)) && encoded.is_some(),
                Keep::Touched => true,
            };
            let staged = if !is_kept {
                self.judge(encoded, session.record().get(self.spec.name()), session)?
            } else if self.is_absent(encoded)? {
                Staged::Removed
            } else {
                Staged::Changed
            };
            if staged == Staged::Changed {
                self.spec.wrap(session, out, start)?;
            }
            Ok(staged)
        })
    }

    fn check(&self, session: &dyn HasRecord) -> Result<(), SessionError> {
        if self.spec.is_sealed() && session.sealer().is_none() {
            return Err(SessionError::no_keys(self.spec.name()));
        }
        if self.spec.rejects()
            && let Some(stored) = session.record().get(self.spec.name())
        {
            let value = self.spec.decode(stored, Some(session))?;
            // A value that is there already was decoded from the same bytes.
            let _ = self.value.set(value);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.access = Access::Untouched;
        self.value = OnceLock::new();
    }

    fn clear(&mut self) {
        self.access = Access::Cleared;
        self.value = OnceLock::from(self.spec.default());
    }
}
