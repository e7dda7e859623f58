//! What ties sealed values to their record.

use std::fmt;

use crate::error::SessionError;

/// A random name of a record, which it carries for life: what is sealed for it opens in no other record, and follows its own to a new id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Binding([u8; Self::LEN]);

impl Binding {
    const LEN: usize = 16;

    pub(crate) fn generate() -> Result<Self, SessionError> {
        let mut bytes = [0; Self::LEN];
        getrandom::fill(&mut bytes).map_err(SessionError::random)?;
        Ok(Self(bytes))
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

/// All bindings of a record, nearly always one: several where requests that began with none each sealed a first value at once.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Bindings(Vec<Binding>);

impl Bindings {
    /// More are no accident.
    pub(crate) const MOST: usize = 64;

    /// Whatever is not whole bindings is dropped.
    pub(crate) fn decode(entry: &[u8]) -> Self {
        let (bindings, _) = entry.as_chunks();
        Self(bindings.iter().take(Self::MOST).map(|bytes| Binding(*bytes)).collect())
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        self.iter().flat_map(|binding| binding.0).collect()
    }

    /// Adds those that are not here.
    pub(crate) fn unite(&mut self, others: &Self) {
        for binding in others.iter() {
            if !self.0.contains(binding) {
                self.0.push(*binding);
            }
        }
    }

    /// What new values are sealed for.
    pub(crate) fn first(&self) -> Option<&Binding> {
        self.0.first()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.0.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Binding> for Bindings {
    fn from(binding: Binding) -> Self {
        Self(vec![binding])
    }
}
