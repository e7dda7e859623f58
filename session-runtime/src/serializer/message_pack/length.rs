//! What lists and texts say of their length, before anything is done with it.

/// Whether all that these bytes claim to hold can be there.
///
/// Room is made for what a list claims before it is read, and anew at each level: a few hundred bytes could ask for that many megabytes. This
/// looks at lengths alone, without recursion; whether the bytes are a value of some type turns out when they are read.
pub(super) fn fits(mut bytes: &[u8]) -> bool {
    let mut missing: usize = 1;
    while missing > 0 {
        let Some((rest, elements)) = value(bytes) else { return false };
        bytes = rest;
        // Each of them takes a byte at least.
        missing = match (missing - 1).checked_add(elements) {
            Some(missing) if missing <= bytes.len() => missing,
            _ => return false,
        };
    }
    true
}

/// What follows a value, the elements of a list first, and how many those are (the specification of the format, section "Formats").
fn value(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (&marker, rest) = bytes.split_first()?;
    match marker {
        0x80..=0x8f => Some((rest, 2 * usize::from(marker & 0x0f))),
        0x90..=0x9f => Some((rest, usize::from(marker & 0x0f))),
        0xdc => list::<2>(rest, 1),
        0xdd => list::<4>(rest, 1),
        0xde => list::<2>(rest, 2),
        0xdf => list::<4>(rest, 2),
        0xa0..=0xbf => plain(rest, usize::from(marker & 0x1f)),
        0xc4 | 0xd9 => counted::<1>(rest, 0),
        0xc5 | 0xda => counted::<2>(rest, 0),
        0xc6 | 0xdb => counted::<4>(rest, 0),
        0xc7 => counted::<1>(rest, 1),
        0xc8 => counted::<2>(rest, 1),
        0xc9 => counted::<4>(rest, 1),
        0xcc | 0xd0 => plain(rest, 1),
        0xcd | 0xd1 => plain(rest, 2),
        0xca | 0xce | 0xd2 => plain(rest, 4),
        0xcb | 0xcf | 0xd3 => plain(rest, 8),
        0xd4..=0xd8 => plain(rest, 1 + (1 << (marker - 0xd4))),
        _ => Some((rest, 0)),
    }
}

/// A list: its length in `N` bytes, then so many values for each.
fn list<const N: usize>(bytes: &[u8], each: usize) -> Option<(&[u8], usize)> {
    let (length, rest) = length::<N>(bytes)?;
    Some((rest, length.checked_mul(each)?))
}

/// A text, or bytes: their length in `N` bytes, then `more` beside them.
fn counted<const N: usize>(bytes: &[u8], more: usize) -> Option<(&[u8], usize)> {
    let (length, rest) = length::<N>(bytes)?;
    plain(rest, length.checked_add(more)?)
}

/// A value of so many bytes.
fn plain(bytes: &[u8], length: usize) -> Option<(&[u8], usize)> {
    Some((bytes.get(length..)?, 0))
}

fn length<const N: usize>(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<N>()?;
    let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    Some((length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_values_fit() {
        for value in [&[0xc0][..], &[0x92, 0x01, 0xa1, b'a'], &[0x81, 0xa1, b'a', 0xcd, 1, 0], &[0xde, 0, 1, 0, 0]] {
            assert!(fits(value));
            assert!(!fits(&value[..value.len() - 1]));
        }
        assert!(fits(&[0xd8; 18]));
        assert!(fits(&[0xc9, 0, 0, 0, 1, 7, 7]));
    }

    #[test]
    fn a_list_that_claims_more_than_there_is_does_not() {
        assert!(!fits(&[0xdd, 0xff, 0xff, 0xff, 0xff]));
        assert!(!fits(&[0xdf, 0xff, 0xff, 0xff, 0xff, 0, 0]));
        assert!(!fits(&[0xdc, 0, 4, 0xdc, 0, 4, 0, 0, 0, 0]));
        assert!(!fits(&[0xdb, 0, 0, 0, 2, b'a']));
    }
}
