//! What a request changed.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::{Record, layout};

/// Changes to a record: per entry its new encoded value, or that it is removed.
#[derive(Clone, Default)]
pub struct Delta {
    /// Ascending by name; a value is a range of `values`.
    changes: Vec<(Cow<'static, str>, Option<Range<usize>>)>,
    values: Vec<u8>,
}

/// What a value that was just encoded turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Staged {
    /// It is as stored: nothing to write.
    Unchanged,
    /// It is to be written.
    Changed,
    /// It is to be removed.
    Removed,
}

impl Delta {
    /// Makes room for so many more changes, of usual size.
    pub(crate) fn reserve(&mut self, changes: usize) {
        self.changes.reserve(changes);
        self.values.reserve(changes * 48);
    }

    /// Gives an entry a new value.
    ///
    /// # Panics
    ///
    /// If the name is longer than [`Record::MAX_NAME`](super::Record::MAX_NAME) bytes or the value than
    /// [`Record::MAX_VALUE`](super::Record::MAX_VALUE); the derive refuses such a field, and a request such a value.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: &[u8]) {
        assert!(
            value.len() <= Record::MAX_VALUE,
            "a value of {} bytes, at most {} are stored",
            value.len(),
            Record::MAX_VALUE
        );
        let start = self.values.len();
        self.values.extend_from_slice(value);
        self.insert(name.into(), Some(start..self.values.len()));
    }

    /// Removes an entry.
    ///
    /// # Panics
    ///
    /// As [`set`](Self::set).
    pub fn remove(&mut self, name: impl Into<Cow<'static, str>>) {
        self.insert(name.into(), None);
    }

    /// Adds the changes of a later delta, which win.
    pub fn merge(&mut self, later: &Self) {
        for (name, range) in &later.changes {
            match range {
                Some(range) => self.set(name.clone(), &later.values[range.clone()]),
                None => self.remove(name.clone()),
            }
        }
    }

    /// What an entry is changed to: its new value, or `Some(None)` for a removal.
    pub fn get(&self, name: &str) -> Option<Option<&[u8]>> {
        let index = self.place(name).ok()?;
        Some(self.changes[index].1.clone().map(|range| &self.values[range]))
    }

    /// Leaves an entry as it is.
    pub(crate) fn forget(&mut self, name: &str) {
        if let Ok(index) = self.place(name) {
            self.changes.remove(index);
        }
    }

    /// The changes, ascending by name: the new value, or `None` for a removal.
    pub fn iter(&self) -> DeltaEntries<'_> {
        DeltaEntries { delta: self, next: 0, extra: None }
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many entries are changed.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Lets `encode` append a value and judge it; takes the bytes back unless they are to be written.
    pub(crate) fn stage<E>(
        &mut self,
        name: &'static str,
        encode: impl FnOnce(&mut Vec<u8>, usize) -> Result<Staged, E>,
    ) -> Result<Staged, E> {
        let start = self.values.len();
        let staged = encode(&mut self.values, start);
        match staged {
            Ok(Staged::Changed) => self.insert(name.into(), Some(start..self.values.len())),
            Ok(Staged::Removed) => {
                self.values.truncate(start);
                self.insert(name.into(), None);
            }
            Ok(Staged::Unchanged) | Err(_) => self.values.truncate(start),
        }
        staged
    }

    fn insert(&mut self, name: Cow<'static, str>, value: Option<Range<usize>>) {
        assert!(
            name.len() <= Record::MAX_NAME,
            "a field name of {} bytes, at most {} are stored",
            name.len(),
            Record::MAX_NAME
        );
        match self.place(&name) {
            Ok(index) => self.changes[index].1 = value,
            Err(index) => self.changes.insert(index, (name, value)),
        }
    }

    /// Where a name is, or would be.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.changes.binary_search_by(|(known, _)| layout::order(known.as_bytes(), name.as_bytes()))
    }
}

impl<'a> IntoIterator for &'a Delta {
    type Item = (&'a str, Option<&'a [u8]>);
    type IntoIter = DeltaEntries<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Delta {
    /// Names and lengths, never values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(name, value)| (name, value.map(<[u8]>::len)))).finish()
    }
}

/// The changes of a [`Delta`], ascending by name.
#[derive(Clone, Debug)]
pub struct DeltaEntries<'a> {
    delta: &'a Delta,
    next: usize,
    extra: Option<(&'a str, Option<&'a [u8]>)>,
}

impl<'a> DeltaEntries<'a> {
    /// The same changes and one more, in its place.
    pub(super) fn with(self, extra: Option<(&'a str, Option<&'a [u8]>)>) -> Self {
        Self { extra, ..self }
    }
}

impl<'a> Iterator for DeltaEntries<'a> {
    type Item = (&'a str, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let change = self.delta.changes.get(self.next);
        if let Some((extra, _)) = self.extra
            && change.is_none_or(|(name, _)| name.as_bytes() > extra.as_bytes())
        {
            return self.extra.take();
        }
        let (name, range) = change?;
        self.next += 1;
        Some((name, range.clone().map(|range| &self.delta.values[range])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_change_wins() {
        let mut first = Delta::default();
        first.set("a", b"1");
        first.set("b", b"1");
        let mut second = Delta::default();
        second.set("c", b"2");
        second.remove("a");
        first.merge(&second);
        let changes: Vec<_> = first.iter().collect();
        assert_eq!(changes, [("a", None), ("b", Some(&b"1"[..])), ("c", Some(&b"2"[..]))]);
    }

    #[test]
    fn what_is_not_changed_leaves_no_trace() {
        let mut delta = Delta::default();
        let staged = delta.stage("a", |out, _| {
            out.extend(b"value");
            Ok::<_, ()>(Staged::Unchanged)
        });
        assert_eq!(staged, Ok(Staged::Unchanged));
        assert!(delta.is_empty() && delta.values.is_empty());
    }
}
