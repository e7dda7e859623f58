//! Payloads made from the documentation of their format, to start from.

use miniz_oxide::deflate::compress_to_vec;
use session_runtime::record::Record;

use crate::Seed;
use crate::site::{LIFE, NOW};

const DEFLATED: u8 = 1;
const PADDED: u8 = 2;

/// The payload of a session that counts seven visits.
pub(crate) fn plain() -> Vec<u8> {
    payload(0, &record(&[("hits", b"7")]))
}

/// One of each kind, and some that hold no session.
pub(crate) fn seeds() -> Vec<Seed> {
    let usual = record(&[("@r", b"4102444800000"), ("cart", b"[\"tea\"]"), ("hits", b"7"), ("name", b"\"Ada\"")]);
    let binary = record(&[("hits", &[0x01, 7]), ("name", &[0x02, 0xa3, b'A', b'd', b'a'])]);
    let repeating = record(&[("name", &[b"\"".as_slice(), &b"ab".repeat(200), b"\""].concat())]);
    let lasting = record(&[("@l", b"86400000"), ("@s", &[7; 16]), ("hits", b"7")]);
    let deflated = compress_to_vec(&repeating, 9);
    let bomb = compress_to_vec(&vec![0; 1 << 17], 9);
    vec![
        ("plain", plain()),
        ("usual", payload(0, &usual)),
        ("binary", payload(0, &binary)),
        ("lasting", payload(0, &lasting)),
        ("empty", payload(0, &record(&[]))),
        ("padded", payload(PADDED, &padded(&usual))),
        ("deflated", payload(DEFLATED, &deflated)),
        ("deflated_padded", payload(DEFLATED | PADDED, &padded(&deflated))),
        ("bomb", payload(DEFLATED, &bomb)),
        ("cut_short", payload(0, &usual)[..20].to_vec()),
        ("unknown_flag", payload(0x80, &usual)),
        ("unpadded", payload(PADDED, &[0; 8])),
    ]
}

/// `[flags] [created] [life] [version] [contents]`
fn payload(flags: u8, contents: &[u8]) -> Vec<u8> {
    let mut payload = vec![flags];
    let life = u64::try_from(LIFE.as_millis()).expect("a day");
    for number in [NOW.as_millis(), life, 3] {
        write_leb128(&mut payload, number);
    }
    payload.extend_from_slice(contents);
    payload
}

fn padded(contents: &[u8]) -> Vec<u8> {
    [contents, &[0x80, 0, 0, 0]].concat()
}

fn record(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let record = Record::from_entries(entries.iter().copied(), NOW, NOW + LIFE).expect("a record");
    record.buffer().to_vec()
}

pub(crate) fn write_leb128(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}
