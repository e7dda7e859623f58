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
use crate::record::{Bindings, Delta, Record, leb128};
use crate::seal::{Opened, Sealer, Unopened};

const TIMED: u8 = 0x1e;
const SEALED: u8 = 0x1f;

/// What an envelope is opened and closed with.
pub trait Context {
    /// The present.
    fn now(&self) -> Timestamp;
    /// What seals fields, where the layer has keys.
    fn sealer(&self) -> Option<&Arc<Sealer>>;
    /// What sealed values of this record are bound to, the one for new values first.
    ///
    /// # Errors
    ///
    /// Where the operating system gives no random bytes for a new one.
    fn bindings(&self) -> Result<Bindings, SessionError>;
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
    pub(crate) fn is_some(self) -> bool {
        self.sealed || self.ttl.is_some()
    }

    /// Puts what stands in `out` from `start` on into this envelope.
    pub(crate) fn close(
        self,
        name: &'static str,
        context: &dyn Context,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<(), SessionError> {
        if !self.is_some() {
            return Ok(());
        }
        let value = out.split_off(start);
        let sealer = context.sealer().filter(|_| self.sealed);
        if sealer.is_some() {
            out.push(SEALED);
            out.resize(start + 1 + Sealer::PREFIX, 0);
        }
        if let Some(ttl) = self.ttl {
            out.push(TIMED);
            leb128::write(out, (context.now() + ttl).as_millis());
        }
        out.extend_from_slice(&value);
        match sealer {
            Some(sealer) => {
                let bindings = context.bindings()?;
                let binding = bindings.first().ok_or_else(|| SessionError::no_keys(name))?;
                sealer.seal(&[binding.as_bytes(), name.as_bytes()], out, start + 1)
            }
            None if self.sealed => Err(SessionError::no_keys(name)),
            None => Ok(()),
        }
    }

    /// The value in a stored envelope; `None` if its time is over.
    #[inline]
    pub(crate) fn open<'a>(
        self,
        name: &str,
        context: Option<&dyn Context>,
        stored: &'a [u8],
    ) -> Result<Option<Contents<'a>>, DecodeError> {
        match stored.first() {
            Some(&SEALED) => timed(context, unsealed(name, context, &stored[1..])?),
            _ if self.sealed => Err(DecodeError::new("the stored value is not sealed")),
            Some(&TIMED) => timed(context, Contents::bare(stored)),
            _ => Ok(Some(Contents::bare(stored))),
        }
    }
}

/// What is left of a value that may have a time of its own.
#[inline(never)]
fn timed<'a>(context: Option<&dyn Context>, contents: Contents<'a>) -> Result<Option<Contents<'a>>, DecodeError> {
    let Contents { value, is_outdated } = contents;
    let [TIMED, rest @ ..] = &*value else {
        return Ok(Some(Contents { value, is_outdated }));
    };
    let (end, rest) = leb128::read(rest, 10).ok_or_else(|| DecodeError::new("the end of its time is cut short"))?;
    if context.is_some_and(|context| context.now() >= Timestamp::from_millis(end)) {
        return Ok(None);
    }
    let start = value.len() - rest.len();
    let value = match value {
        Cow::Borrowed(value) => value[start..].into(),
        Cow::Owned(mut value) => value.split_off(start).into(),
    };
    Ok(Some(Contents { value, is_outdated: true }))
}

/// Whether an envelope stands around a stored value.
pub(crate) fn is_around(stored: Option<&[u8]>) -> bool {
    matches!(stored, Some([TIMED | SEALED, ..]))
}

/// The record without its sealed values, for whoever has no keys.
pub(crate) fn without_sealed(record: &Record) -> Record {
    let mut delta = Delta::default();
    for (name, value) in record.entries() {
        if value.first() == Some(&SEALED) {
            delta.remove(name.to_owned());
        }
    }
    if delta.is_empty() { record.clone() } else { record.apply(&delta) }
}

/// What was in an envelope.
pub(crate) struct Contents<'a> {
    pub(crate) value: Cow<'a, [u8]>,
    /// Whether the envelope is not as it would be made now: with an old key, or with a time.
    pub(crate) is_outdated: bool,
}

impl<'a> Contents<'a> {
    #[inline]
    fn bare(stored: &'a [u8]) -> Self {
        Self { value: stored.into(), is_outdated: false }
    }
}

fn unsealed(name: &str, context: Option<&dyn Context>, stored: &[u8]) -> Result<Contents<'static>, DecodeError> {
    let keys = context.and_then(|context| Some((context, context.sealer()?)));
    let (context, sealer) = keys.ok_or_else(|| DecodeError::new("it is sealed, and the layer has no keys"))?;
    let bindings = context.bindings().map_err(DecodeError::new)?;
    let mut bytes = stored.to_vec();
    let mut opened = Err(Unopened::Forged);
    for binding in bindings.iter() {
        // What does not open stays as it is.
        opened = sealer.open(&[binding.as_bytes(), name.as_bytes()], &mut bytes);
        if opened != Err(Unopened::Forged) {
            break;
        }
    }
    let Opened { contents, is_stale } = opened.map_err(DecodeError::new)?;
    bytes.truncate(contents.end);
    Ok(Contents { value: bytes.split_off(contents.start).into(), is_outdated: is_stale })
}

/// What was around a field, for a merge that comes later.
#[derive(Clone, Debug)]
pub struct KeptContext {
    now: Timestamp,
    sealer: Option<Arc<Sealer>>,
    bindings: Bindings,
}

impl KeptContext {
    /// # Errors
    ///
    /// As of [`Context::bindings`].
    pub(crate) fn of(context: &dyn Context) -> Result<Self, SessionError> {
        let sealer = context.sealer().cloned();
        let bindings = if sealer.is_some() { context.bindings()? } else { Bindings::default() };
        Ok(Self { now: context.now(), sealer, bindings })
    }

    /// Opens what is sealed for these bindings, too.
    pub(crate) fn unite(&mut self, bindings: &Bindings) {
        self.bindings.unite(bindings);
    }
}

impl Context for KeptContext {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn sealer(&self) -> Option<&Arc<Sealer>> {
        self.sealer.as_ref()
    }

    fn bindings(&self) -> Result<Bindings, SessionError> {
        Ok(self.bindings.clone())
    }
}
