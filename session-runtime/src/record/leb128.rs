//! LEB128: seven bits a byte, the lowest first, the high bit set on all but the last; the shortest spelling only.

/// Appends a number.
pub(crate) fn write(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return out.push(low & 0x7f);
        }
        out.push(low | 0x80);
    }
}

/// Reads a number of at most `most` bytes, and no longer spelling than needed; what follows it.
pub(crate) fn read(bytes: &[u8], most: usize) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(most).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shifted = bits.checked_shl(7 * u32::try_from(index).ok()?)?;
        if shifted >> (7 * index) != bits {
            return None;
        }
        number |= shifted;
        if byte & 0x80 == 0 {
            return (*byte != 0 || index == 0).then(|| (number, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_back_as_it_was_written() {
        for number in [0, 1, 127, 128, 300, 16_383, 16_384, 1_764_000_000_000, u64::MAX] {
            let mut written = Vec::new();
            write(&mut written, number);
            assert_eq!(read(&written, 10), Some((number, &[][..])));
            assert_eq!(read(&written, written.len() - 1), None);
        }
    }

    #[test]
    fn a_longer_spelling_and_a_larger_number_are_refused() {
        assert_eq!(read(&[0x80, 0], 10), None);
        assert_eq!(read(&[0xff; 10], 10), None);
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], 10), None);
    }
}
