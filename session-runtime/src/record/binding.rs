//! What ties a sealed value to its record.

use std::fmt;

use crate::error::SessionError;

/// A random name that a record carries for life: a sealed value opens in no other record, and follows its own to a new id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Binding([u8; Self::LEN]);

impl Binding {
    const LEN: usize = 16;

    pub(crate) fn generate() -> Result<Self, SessionError> {
        let mut bytes = [0; Self::LEN];
        getrandom::fill(&mut bytes).map_err(SessionError::random)?;
        Ok(Self(bytes))
    }

    pub(super) fn decode(entry: &[u8]) -> Option<Self> {
        entry.try_into().ok().map(Self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Binding")
    }
}
