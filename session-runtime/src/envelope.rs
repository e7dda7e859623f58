//! What may stand around a stored value: its seal, and the end of its own time.
//!
//! ```text
//! sealed   [0x1f] then what `seal::Sealer` makes of the rest, for the record's binding and the field's name
//! timed    [0x1e] [end: ms since 1970, LEB128] then the value
//! ```
//!
//! A value that is both is timed first, so that nobody without the key can read or move its end.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::{DecodeError, SessionError};
use crate::record::{Binding, leb128};
use crate::seal::Sealer;

const TIMED: u8 = 0x1e;
const SEALED: u8 = 0x1f;

/// What an envelope is opened and closed with.
pub trait Around {
    /// The present.
    fn now(&self) -> Timestamp;
    /// What seals fields, where the layer has keys.
    fn sealer(&self) -> Option<&Arc<Sealer>>;
    /// What sealed values of this record are bound to.
    ///
    /// # Errors
    ///
    /// Where the operating system gives no random bytes for a new one.
    fn binding(&self) -> Result<Binding, SessionError>;
}

/// The envelope of a field, if it has one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Envelope {
    pub(crate) ttl: Option<Duration>,
    pub(crate) sealed: bool,
}

impl Envelope {
    pub(crate) const NONE: Self = Self { ttl: None, sealed: false };

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self.ttl.is_none() && !self.sealed
    }

    /// Puts what stands in `out` from `start` on into this envelope.
    pub(crate) fn close(
        self,
        name: &'static str,
        around: &dyn Around,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<(), SessionError> {
        if self.is_none() {
            return Ok(());
        }
        let value = out.split_off(start);
        let sealer = around.sealer().filter(|_| self.sealed);
        if sealer.is_some() {
            out.push(SEALED);
            out.resize(start + 1 + Sealer::PREFIX, 0);
        }
        if let Some(ttl) = self.ttl {
            out.push(TIMED);
            leb128::write(out, (around.now() + ttl).as_millis());
        }
        out.extend_from_slice(&value);
        match sealer {
            Some(sealer) => sealer.seal(&[around.binding()?.as_bytes(), name.as_bytes()], out, start + 1),
            None if self.sealed => Err(SessionError::no_keys(name)),
            None => Ok(()),
        }
    }

    /// The value in a stored envelope; `None` if its time is over.
    #[inline]
    pub(crate) fn open<'a>(
        self,
        name: &str,
        around: Option<&dyn Around>,
        stored: &'a [u8],
    ) -> Result<Option<Cow<'a, [u8]>>, DecodeError> {
        match stored.first() {
            Some(&(TIMED | SEALED)) => self.open_wrapped(name, around, stored),
            _ if self.sealed => Err(DecodeError::new("the stored value is not sealed")),
            _ => Ok(Some(stored.into())),
        }
    }

    #[inline(never)]
    fn open_wrapped<'a>(
        self,
        name: &str,
        around: Option<&dyn Around>,
        stored: &'a [u8],
    ) -> Result<Option<Cow<'a, [u8]>>, DecodeError> {
        let value: Cow<'a, [u8]> = match stored {
            [SEALED, sealed @ ..] => unsealed(name, around, sealed)?.into(),
            _ if self.sealed => return Err(DecodeError::new("the stored value is not sealed")),
            _ => stored.into(),
        };
        let [TIMED, timed @ ..] = &*value else {
            return Ok(Some(value));
        };
        let (end, rest) =
            leb128::read(timed, 10).ok_or_else(|| DecodeError::new("the end of its time is cut short"))?;
        if around.is_some_and(|around| around.now() >= Timestamp::from_millis(end)) {
            return Ok(None);
        }
        let start = value.len() - rest.len();
        Ok(Some(match value {
            Cow::Borrowed(value) => value[start..].into(),
            Cow::Owned(mut value) => value.split_off(start).into(),
        }))
    }
}

fn unsealed(name: &str, around: Option<&dyn Around>, stored: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let keys = around.and_then(|around| Some((around, around.sealer()?)));
    let (around, sealer) = keys.ok_or_else(|| DecodeError::new("it is sealed, and the layer has no keys"))?;
    let binding = around.binding().map_err(DecodeError::new)?;
    let mut bytes = stored.to_vec();
    let opened = sealer.open(&[binding.as_bytes(), name.as_bytes()], &mut bytes).map_err(DecodeError::new)?;
    bytes.truncate(opened.contents.end);
    Ok(bytes.split_off(opened.contents.start))
}

/// What was around a field, for a merge that comes later.
#[derive(Clone)]
pub(crate) struct Kept {
    now: Timestamp,
    sealer: Option<Arc<Sealer>>,
    binding: Option<Binding>,
}

impl Kept {
    pub(crate) fn of(around: &dyn Around) -> Self {
        Self { now: around.now(), sealer: around.sealer().cloned(), binding: around.binding().ok() }
    }
}

impl Around for Kept {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn sealer(&self) -> Option<&Arc<Sealer>> {
        self.sealer.as_ref()
    }

    fn binding(&self) -> Result<Binding, SessionError> {
        self.binding.ok_or_else(|| SessionError::random("no binding could be made for the record"))
    }
}
