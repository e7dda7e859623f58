//! What is sealed in a cookie.
//!
//! ```text
//! [flags: u8] [created: ms since 1970] [life: ms until it expires] [version] [record] [padding]
//! ```
//!
//! The three numbers are LEB128. Flag 1: the record is compressed (DEFLATE, RFC 1951). Flag 2: padding follows, a byte 0x80 and then zeros; else
//! there is none.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::deflate;
use crate::clock::Timestamp;
use crate::record::{CorruptRecord, Record, leb128};

const DEFLATED: u8 = 1;
const PADDED: u8 = 2;

/// The most that flags and numbers take.
const NUMBERS: usize = 1 + 3 * 10;

/// The largest record in a cookie, before it is compressed.
const MAX_RECORD: usize = 1 << 16;

/// How a session is packed before it is sealed.
#[derive(Clone, Copy, Default)]
pub(super) struct Packing {
    /// It is padded to a multiple of so many bytes.
    pub(super) block: Option<usize>,
    /// It is compressed where that makes it smaller.
    pub(super) deflates: bool,
}

impl Packing {
    /// Packs a record, with room for so many bytes before and after it; whether it can be read back.
    pub(super) fn encode(self, record: &Record, before: usize, after: usize) -> (Vec<u8>, bool) {
        let fits = record.buffer().len() <= MAX_RECORD;
        // What is too large is left as large as it is: that is the size to tell of.
        let deflated = (self.deflates && fits).then(|| deflate::deflated(record.buffer())).flatten();
        let contents = deflated.as_deref().unwrap_or(record.buffer());
        let mut out = Vec::with_capacity(before + NUMBERS + contents.len() + self.block.unwrap_or_default() + after);
        out.resize(before, 0);
        let mut flags = 0;
        if deflated.is_some() {
            flags |= DEFLATED;
        }
        if self.block.is_some() {
            flags |= PADDED;
        }
        out.push(flags);
        leb128::write(&mut out, record.created().as_millis());
        leb128::write(&mut out, record.expires().as_millis().saturating_sub(record.created().as_millis()));
        leb128::write(&mut out, record.version());
        out.extend_from_slice(contents);
        if let Some(block) = self.block {
            out.push(0x80);
            let length = (out.len() - before).next_multiple_of(block);
            out.resize(before + length, 0);
        }
        (out, fits)
    }
}

/// The record of a payload.
pub(super) fn decode(payload: &Bytes) -> Result<Record, CorruptPayload> {
    let (&flags, rest) = payload.split_first().ok_or(CorruptPayload::CutShort)?;
    if flags & !(DEFLATED | PADDED) != 0 {
        return Err(CorruptPayload::UnknownFlags(flags));
    }
    let (created, rest) = number(rest)?;
    let (life, rest) = number(rest)?;
    let (version, rest) = number(rest)?;
    let contents = if flags & PADDED == 0 { rest } else { unpadded(rest)? };
    let buffer = if flags & DEFLATED == 0 {
        payload.slice_ref(contents)
    } else {
        deflate::inflated(contents, MAX_RECORD).ok_or(CorruptPayload::Compression)?.into()
    };
    let created = Timestamp::from_millis(created);
    let record = Record::decode(buffer, created, created + Duration::from_millis(life));
    record.map(|record| record.at_version(version)).map_err(CorruptPayload::Record)
}

fn number(bytes: &[u8]) -> Result<(u64, &[u8]), CorruptPayload> {
    leb128::read(bytes, 10).ok_or(CorruptPayload::CutShort)
}

fn unpadded(bytes: &[u8]) -> Result<&[u8], CorruptPayload> {
    let end = bytes.iter().rposition(|byte| *byte != 0).ok_or(CorruptPayload::Padding)?;
    if bytes[end] == 0x80 { Ok(&bytes[..end]) } else { Err(CorruptPayload::Padding) }
}

/// Why a payload, though it was made with the key, holds no session.
#[derive(Debug)]
pub(super) enum CorruptPayload {
    CutShort,
    UnknownFlags(u8),
    Padding,
    Compression,
    Record(CorruptRecord),
}

impl fmt::Display for CorruptPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort => f.write_str("the payload is cut short"),
            Self::UnknownFlags(flags) => {
                write!(f, "the payload has flags that this version does not know: {flags:#04x}")
            }
            Self::Padding => f.write_str("the payload is not padded as it says"),
            Self::Compression => f.write_str("the payload does not inflate, or the feature `compress` is off"),
            Self::Record(_) => f.write_str("the payload holds no record"),
        }
    }
}

impl std::error::Error for CorruptPayload {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Record(source) => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Delta;

    const PLAIN: Packing = Packing { block: None, deflates: false };

    fn record(value: &[u8]) -> Record {
        let mut delta = Delta::default();
        delta.set("x", value);
        let at = Timestamp::from_millis;
        Record::new(at(1_764_000_000_000), at(1_764_000_060_000)).apply(&delta).at_version(300)
    }

    fn packed(packing: Packing, record: &Record) -> Bytes {
        packing.encode(record, 0, 0).0.into()
    }

    fn assert_same(a: &Record, b: &Record) {
        let told = |record: &Record| (record.created(), record.expires(), record.version(), record.buffer().clone());
        assert_eq!(told(a), told(b));
    }

    #[test]
    fn t71_every_packing_gives_the_record_back() {
        let values: [&[u8]; 5] = [b"", b"1", &[0x80], &[0x80, 0, 0, 0], &[7; 300]];
        for record in values.map(record) {
            for block in [None, Some(1), Some(16), Some(300)] {
                for deflates in [false, cfg!(feature = "compress")] {
                    let payload = packed(Packing { block, deflates }, &record);
                    assert_eq!(payload.len() % block.unwrap_or(1), 0);
                    assert_same(&decode(&payload).expect("a record"), &record);
                }
            }
        }
    }

    #[test]
    fn a_session_that_ends_at_once_or_never_is_kept_as_it_is() {
        let moments = [(5, 5), (0, 0), (0, u64::MAX), (u64::MAX, u64::MAX)];
        for (created, expires) in moments {
            let record = Record::new(Timestamp::from_millis(created), Timestamp::from_millis(expires));
            assert_same(&decode(&packed(PLAIN, &record)).expect("a record"), &record);
        }
        let late = decode(&Bytes::from([&[0][..], &[0xff; 9], &[1], &[0xff; 9], &[1], &[1, 0, 0]].concat()));
        assert_eq!(late.expect("a record").expires(), Timestamp::from_millis(u64::MAX));
    }

    #[test]
    fn s37_what_is_not_exactly_one_payload_is_refused() {
        let whole = packed(PLAIN, &record(b"value"));
        for length in 0..whole.len() {
            assert!(decode(&whole.slice(..length)).is_err(), "{length}");
        }
        for flags in 4..=u8::MAX {
            let other = Bytes::from([&[flags], &whole[1..]].concat());
            assert!(matches!(decode(&other), Err(CorruptPayload::UnknownFlags(_))), "{flags}");
        }
        let longer = Bytes::from([&whole[..], &[0]].concat());
        assert!(matches!(decode(&longer), Err(CorruptPayload::Record(_))));
    }

    #[test]
    fn s37_padding_is_one_byte_and_zeros() {
        let padded = packed(Packing { block: Some(64), ..PLAIN }, &record(b"value"));
        for place in 1..=8 {
            let mut other = padded.to_vec();
            let end = other.len() - place;
            other[end] = 1;
            assert!(matches!(decode(&other.into()), Err(CorruptPayload::Padding)), "{place}");
        }
        let nothing = Bytes::from(vec![PADDED, 0, 0, 0, 0, 0]);
        assert!(matches!(decode(&nothing), Err(CorruptPayload::Padding)));
    }

    #[test]
    fn t49_a_record_that_could_not_be_read_back_is_not_packed() {
        let overhead = record(b"").buffer().len() + 2;
        assert!(PLAIN.encode(&record(&vec![7; MAX_RECORD - overhead]), 0, 0).1);
        assert!(!PLAIN.encode(&record(&vec![7; MAX_RECORD - overhead + 1]), 0, 0).1);
    }

    #[cfg(feature = "compress")]
    #[test]
    fn s37_what_inflates_to_more_than_a_record_is_refused() {
        let bomb = deflate::deflated(&vec![0; MAX_RECORD + 1]).expect("smaller");
        assert!(bomb.len() < 1000 && deflate::inflated(&bomb, MAX_RECORD).is_none());
        assert!(deflate::inflated(&bomb, MAX_RECORD + 1).is_some());
        assert!(deflate::inflated(b"\xff\xff", MAX_RECORD).is_none());
    }
}
