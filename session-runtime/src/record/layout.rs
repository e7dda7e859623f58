//! The bytes of a record: read without a copy, written once.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use super::{Record, leb128};

/// The buffer of a record without entries.
pub(super) const EMPTY: Bytes = Bytes::from_static(&[0, 0]);

/// Bytes that are not a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CorruptRecord(&'static str);

impl fmt::Display for CorruptRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stored bytes are not a session record: {}", self.0)
    }
}

impl std::error::Error for CorruptRecord {}

/// The entries of a buffer; ends early rather than trust a length.
#[derive(Clone)]
pub(super) struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Entries<'a> {
    pub(super) fn new(buffer: &'a [u8]) -> Self {
        Self { rest: buffer.get(2..).unwrap_or_default() }
    }

    /// The value of a name: a scan that ends where names begin with a later letter.
    #[inline]
    pub(super) fn find_value(self, wanted: &[u8]) -> Option<&'a [u8]> {
        for (name, value) in self {
            if name.len() == wanted.len() && name == wanted {
                return Some(value);
            }
            if name.first() > wanted.first() {
                return None;
            }
        }
        None
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (&length, rest) = self.rest.split_first()?;
        let (name, rest) = rest.split_at_checked(length.into())?;
        let (length, rest) = read_length(rest)?;
        let (value, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some((name, value))
    }
}

/// Accepts exactly the buffers that [`overlay`] writes.
pub(super) fn validate(buffer: &[u8]) -> Result<(), CorruptRecord> {
    let count = buffer.first_chunk().ok_or(CorruptRecord("no count"))?;
    let mut entries = Entries::new(buffer);
    let mut last: Option<&[u8]> = None;
    for _ in 0..u16::from_le_bytes(*count) {
        let (name, value) = entries.next().ok_or(CorruptRecord("an entry is cut short"))?;
        if last.is_some_and(|last| last >= name) {
            return Err(CorruptRecord("names are not ascending"));
        }
        // Names are short, and nearly always ASCII.
        if !name.is_ascii() && str::from_utf8(name).is_err() {
            return Err(CorruptRecord("a name is not UTF-8"));
        }
        if value.len() > Record::MAX_VALUE {
            return Err(CorruptRecord("a value is too large"));
        }
        last = Some(name);
    }
    if entries.rest.is_empty() { Ok(()) } else { Err(CorruptRecord("bytes follow the last entry")) }
}

/// Accepts what [`overlay`] can write: ascending names and values within the limits.
pub(super) fn check_entries<'a>(entries: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<(), CorruptRecord> {
    let mut last = None;
    for (index, (name, value)) in entries.enumerate() {
        if index == Record::MAX_ENTRIES {
            return Err(CorruptRecord("there are too many entries"));
        }
        if name.len() > Record::MAX_NAME || value.len() > Record::MAX_VALUE {
            return Err(CorruptRecord("a name or a value is too large"));
        }
        if last == Some(name) {
            return Err(CorruptRecord("a name is there twice"));
        }
        last = Some(name);
    }
    Ok(())
}

/// Writes the entries of `base` with those of `over` in their place, both ascending by name, into a buffer of exactly the right size.
///
/// What lies between two changes is copied as it is, and nothing is read behind the last one.
pub(super) fn overlay<'a, O>(base: &'a [u8], over: O) -> Bytes
where
    O: Iterator<Item = (&'a str, Option<&'a [u8]>)> + Clone,
{
    let most = over.clone().map(|(name, value)| entry_size(name, value)).sum::<usize>();
    let mut count = base.first_chunk().map_or(0, |count| u16::from_le_bytes(*count));
    let mut buffer = Vec::with_capacity(base.len() + most);
    buffer.extend_from_slice(&[0, 0]);
    let mut copied = 2;
    for (name, value) in over {
        let replaced = place(base, copied, name.as_bytes());
        buffer.extend_from_slice(&base[copied..replaced.start]);
        copied = replaced.end;
        count -= u16::from(!replaced.is_empty());
        // What no record holds is not written; a schema has far fewer fields.
        if let (Some(value), Some(more)) = (value, count.checked_add(1)) {
            write_entry(&mut buffer, name, value);
            count = more;
        }
    }
    buffer.extend_from_slice(&base[copied..]);
    buffer[..2].copy_from_slice(&count.to_le_bytes());
    buffer.into_boxed_slice().into()
}

/// The bytes of the entry of this name, or the empty place where it would stand, in what was not `read` yet.
fn place(base: &[u8], mut read: usize, name: &[u8]) -> Range<usize> {
    let mut entries = Entries { rest: &base[read..] };
    while let Some((known, _)) = entries.next() {
        let end = base.len() - entries.rest.len();
        match order(known, name) {
            Ordering::Less => read = end,
            Ordering::Equal => return read..end,
            Ordering::Greater => break,
        }
    }
    read..read
}

/// The order of two names: nearly always told by their first letters.
#[inline]
pub(super) fn order(left: &[u8], right: &[u8]) -> Ordering {
    match (left.first(), right.first()) {
        (Some(a), Some(b)) if a != b => a.cmp(b),
        _ => left.cmp(right),
    }
}

fn entry_size(name: &str, value: Option<&[u8]>) -> usize {
    value.map_or(0, |value| 1 + name.len() + length_of_length(value.len()) + value.len())
}

fn write_entry(buffer: &mut Vec<u8>, name: &str, value: &[u8]) {
    buffer.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    buffer.extend_from_slice(name.as_bytes());
    leb128::write(buffer, value.len() as u64);
    buffer.extend_from_slice(value);
}

fn length_of_length(length: usize) -> usize {
    let bits = usize::BITS - (length | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// At most four bytes, and no longer spelling than needed.
#[inline]
fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first <= 0x7f {
        return Some((first.into(), rest));
    }
    let (length, rest) = leb128::read(bytes, 4)?;
    Some((usize::try_from(length).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(bytes: &[u8]) -> &'static str {
        validate(bytes).expect_err("not a record").0
    }

    #[test]
    fn what_is_not_exactly_one_record_is_refused() {
        assert_eq!(reason(&[]), "no count");
        assert_eq!(reason(&[1]), "no count");
        assert_eq!(reason(&[1, 0]), "an entry is cut short");
        assert_eq!(reason(&[1, 0, 1, b'a', 5, 0]), "an entry is cut short");
        assert_eq!(reason(&[1, 0, 1, b'a', 0x80, 0]), "an entry is cut short");
        assert_eq!(reason(&[1, 0, 1, 0xff, 0]), "a name is not UTF-8");
        assert_eq!(reason(&[2, 0, 1, b'b', 0, 1, b'a', 0]), "names are not ascending");
        assert_eq!(reason(&[2, 0, 1, b'a', 0, 1, b'a', 0]), "names are not ascending");
        assert_eq!(reason(&[0, 0, 0]), "bytes follow the last entry");
        assert_eq!(validate(&[0, 0]), Ok(()));
        assert_eq!(validate(&[1, 0, 1, b'a', 1, 9]), Ok(()));
    }

    #[test]
    fn every_length_is_read_back_as_it_was_written() {
        for length in [0, 1, 127, 128, 300, 16_383, 16_384, 2_097_151, 2_097_152] {
            let mut written = Vec::new();
            leb128::write(&mut written, length as u64);
            assert_eq!(written.len(), length_of_length(length));
            assert_eq!(read_length(&written), Some((length, &[][..])));
        }
    }
}
