//! Stored values made and read from the documentation of what stands around them, by none of the code that is tested.

use session_runtime::record::Record;
use session_runtime::{Bincode, Json, MessagePack, Serializer as _};

use crate::payloads::write_leb128;
use crate::site::NOW;
use crate::tokens;

const TIMED: u8 = 0x1e;
const SEALED: u8 = 0x1f;

/// The length of a binding.
const BOUND: usize = 16;
/// How many bindings of a record count.
const BINDINGS: usize = 64;

/// `[0x1e] [end] value`: the value until this moment.
pub(crate) fn timed(end: u64, value: &[u8]) -> Vec<u8> {
    let mut timed = vec![TIMED];
    write_leb128(&mut timed, end);
    timed.extend_from_slice(value);
    timed
}

/// `[0x1f] sealed contents`: a value or a timed one, for this binding and this field.
pub(crate) fn sealed(binding: &[u8], name: &str, contents: &[u8]) -> Vec<u8> {
    [&[SEALED], &tokens::sealed_value(binding, name, contents)[..]].concat()
}

/// The number in a field of this record; `None` if there is none, or its time is over.
pub(crate) fn number(record: &Record, name: &str, must_be_sealed: bool) -> Option<u32> {
    let contents = contents(record, name, must_be_sealed)?;
    let value = match contents.split_first() {
        Some((&TIMED, timed)) => {
            let (end, value) = read_leb128(timed)?;
            (end > NOW.as_millis()).then_some(value)?
        }
        _ => &contents,
    };
    match value.split_first()? {
        (0x01, value) => Bincode::decode(value).ok(),
        (0x02, value) => MessagePack::decode(value).ok(),
        _ => Json::decode(value).ok(),
    }
}

/// A value without its seal, if it has one.
pub(crate) fn contents(record: &Record, name: &str, must_be_sealed: bool) -> Option<Vec<u8>> {
    match record.get(name)?.split_first() {
        Some((&SEALED, sealed)) => {
            let mut bindings = record.get("@b")?.chunks_exact(BOUND).take(BINDINGS);
            bindings.find_map(|binding| tokens::opened_value(binding, name, sealed))
        }
        _ => record.get(name).filter(|_| !must_be_sealed).map(<[u8]>::to_vec),
    }
}

/// A number that is spelt as [`write_leb128`] does, and what follows it.
fn read_leb128(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let last = bytes.iter().position(|byte| *byte < 0x80)?;
    let (digits, rest) = bytes.split_at(last + 1);
    let number = digits.iter().rev().try_fold(0_u64, |number, digit| {
        let shifted = number.checked_mul(0x80)?;
        Some(shifted | u64::from(digit & 0x7f))
    })?;
    let mut spelt = Vec::new();
    write_leb128(&mut spelt, number);
    (spelt == digits).then_some((number, rest))
}
