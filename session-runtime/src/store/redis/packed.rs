//! A hash as one string: the array of `MessagePack` that Lua's `cmsgpack` makes of its names and values.

use super::error::not_a_session;
use crate::error::StoreError;

/// Names and values in turn.
pub(super) struct Packed<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Packed<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, StoreError> {
        let (strings, rest) = array(bytes).ok_or_else(malformed)?;
        // A string is a byte at least: who believed a count that lies would make room for it.
        if strings % 2 == 0 && strings <= rest.len() { Ok(Self { rest, left: strings / 2 }) } else { Err(malformed()) }
    }

    /// How many pairs are left.
    pub(super) fn len(&self) -> usize {
        self.left
    }

    fn pair(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let (name, rest) = string(self.rest)?;
        let (value, rest) = string(rest)?;
        self.rest = rest;
        Some((name, value))
    }
}

impl<'a> Iterator for Packed<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some(self.pair().ok_or_else(malformed))
    }
}

fn malformed() -> StoreError {
    not_a_session("what Redis packed does not unpack")
}

/// The length of an array, and what follows.
fn array(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0x90..=0x9f => Some(((first & 0x0f).into(), rest)),
        0xdc => length::<2>(rest),
        0xdd => length::<4>(rest),
        _ => None,
    }
}

/// A string, and what follows.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (length, rest) = match first {
        0xa0..=0xbf => ((first & 0x1f).into(), rest),
        0xd9 => length::<1>(rest)?,
        0xda => length::<2>(rest)?,
        0xdb => length::<4>(rest)?,
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn length<const N: usize>(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (digits, rest) = bytes.split_first_chunk::<N>()?;
    Some((digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        let pairs = Packed::read(bytes).ok()?.collect::<Result<Vec<_>, _>>().ok()?;
        Some(pairs.into_iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect())
    }

    #[test]
    fn names_and_values_of_every_length_are_read() {
        for (head, length) in
            [(vec![0xa3], 3), (vec![0xd9, 200], 200), (vec![0xda, 1, 0], 256), (vec![0xdb, 0, 1, 0, 0], 65_536)]
        {
            let value = vec![7; length];
            let packed = [&[0x92, 0xa1, b'x'][..], &head, &value].concat();
            assert_eq!(read(&packed), Some(vec![(b"x".to_vec(), value)]));
        }
        assert_eq!(read(&[0x90]), Some(vec![]));
        assert_eq!(read(&[0xdc, 0, 2, 0xa0, 0xa0]), Some(vec![(vec![], vec![])]));
    }

    #[test]
    fn what_is_cut_short_or_something_else_is_an_error() {
        for bytes in [
            &[][..],
            &[0x91, 0xa0],
            &[0x92, 0xa0],
            &[0x92, 0xa1, b'x', 0xa2, b'y'],
            &[0x92, 0xa0, 0x01],
            &[0xc0],
            &[0xdd, 0, 0],
        ] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        assert!(Packed::read(&[0xdd, 0xff, 0xff, 0xff, 0xfe]).is_err());
    }
}
