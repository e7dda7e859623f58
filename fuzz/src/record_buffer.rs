//! Whatever a store answers as the bytes of a record.

use bytes::Bytes;
use session_runtime::Timestamp;
use session_runtime::record::{Delta, Record};

use crate::{Seed, memory};

/// The bytes of a record.
///
/// # Panics
///
/// If decoding allocates; if a record does not encode to the bytes that it was decoded from, or loses entries when others change.
pub fn record_buffer(bytes: &[u8]) {
    let buffer = Bytes::copy_from_slice(bytes);
    let at = Timestamp::default();
    let Ok(record) = memory::within(0, || Record::decode(buffer, at, at)) else { return };
    assert_eq!(record.buffer(), bytes);
    let encoded = Record::from_entries(record.entries(), at, at).expect("what was decoded can be encoded");
    assert_eq!(encoded.buffer(), bytes);
    for (name, value) in record.entries() {
        assert_eq!(record.get(name), Some(value));
    }
    assert_eq!(record.is_empty(), record.entries().all(|(name, _)| name.starts_with('@')));
    assert_changes(&record);
    assert_removes(&record);
}

/// Every second entry gets another value, and all others stay.
fn assert_changes(record: &Record) {
    let mut delta = Delta::default();
    for (name, value) in record.entries().step_by(2) {
        delta.set(name.to_owned(), &value[value.len() / 2..]);
    }
    let changed = record.apply(&delta);
    let expected = record.entries().enumerate().map(|(index, (name, value))| match index % 2 {
        0 => (name, &value[value.len() / 2..]),
        _ => (name, value),
    });
    assert!(changed.entries().eq(expected));
    let at = Timestamp::default();
    assert!(Record::decode(changed.buffer().clone(), at, at).is_ok(), "what was changed decodes");
}

/// Without its entries a record is the empty one.
fn assert_removes(record: &Record) {
    let mut delta = Delta::default();
    for (name, _) in record.entries() {
        delta.remove(name.to_owned());
    }
    let at = Timestamp::default();
    assert_eq!(record.apply(&delta).buffer(), Record::new(at, at).buffer());
}

pub(crate) fn seeds() -> Vec<Seed> {
    let long = vec![b'x'; 130];
    vec![
        ("empty", vec![0, 0]),
        ("one", record(&[("hits", b"7")])),
        ("usual", record(&[("@r", b"4102444800000"), ("@s", &[7; 32]), ("hits", b"7"), ("user", b"\"Ada\"")])),
        ("empty_name_and_value", record(&[("", b""), ("a", b"")])),
        ("common_starts", record(&[("a", b"1"), ("aa", b"2"), ("ab", b"3"), ("b", b"4")])),
        ("not_ascii", record(&[("größe", b"1"), ("\u{1f6d2}", b"2")])),
        ("long_value", record(&[("long", &long), ("z", b"")])),
        ("long_name", record(&[(&"n".repeat(255), b"1")])),
        ("not_ascending", vec![2, 0, 1, b'b', 0, 1, b'a', 0]),
        ("name_twice", vec![2, 0, 1, b'a', 0, 1, b'a', 0]),
        ("long_spelling", vec![1, 0, 1, b'a', 0x80, 0]),
        ("length_that_lies", vec![1, 0, 1, b'a', 0xff, 0xff, 0xff, 0x7f]),
        ("count_that_lies", vec![0xff, 0xff, 1, b'a', 0]),
    ]
}

fn record(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let at = Timestamp::default();
    let record = Record::from_entries(entries.iter().copied(), at, at).expect("a record");
    record.buffer().to_vec()
}
