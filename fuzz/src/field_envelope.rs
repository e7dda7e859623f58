//! Whatever stands in a store as the value of a field that is sealed or has a time of its own, and whatever the key was used to seal for it.

use std::sync::LazyLock;

use session_runtime::record::Record;

use crate::Seed;
use crate::envelopes::{sealed, timed};
use crate::site::{LIFE, NOW};
use crate::vault::{FIELDS, Field, Vault};

/// What the record of each input is bound to, unless the input says.
const BINDING: &[u8; 16] = b"one of a record.";
/// What the record of another session is bound to.
const ANOTHER: &[u8; 16] = b"one of another. ";

/// After a first byte that says what they are: what is stored for each of the fields (0, modulo 3), the record's bindings (1), or what is in
/// the seal of each field, sealed here with the right key (2). What that byte is in thirds, modulo 4, is the field that is set after all were
/// read.
///
/// # Panics
///
/// If a request is not answered with 200, or sets a cookie; if reading allocates out of proportion, or changes what is stored; if a field reads
/// as anything but what the documented format says, its default for whatever is not of that format; if setting one changes another, or is not
/// what the next request reads.
pub fn field_envelope(bytes: &[u8]) {
    static VAULT: LazyLock<Vault> = LazyLock::new(Vault::new);
    let Some((first, bytes)) = bytes.split_first() else { return };
    VAULT.holds(&record(*first, bytes), usize::from(first / KINDS) % FIELDS.len());
}

const KINDS: u8 = 3;
const STORED: u8 = 0;
const BINDINGS: u8 = 1;
const CONTENTS: u8 = 2;

fn record(first: u8, bytes: &[u8]) -> Record {
    let kind = first % KINDS;
    let bindings = if kind == BINDINGS { bytes } else { BINDING };
    let value = |field: Field| match kind {
        STORED => bytes.to_vec(),
        BINDINGS if field.is_sealed => sealed(BINDING, field.name, b"7"),
        // Nobody asks what it is bound to.
        BINDINGS => Vec::new(),
        _ => sealed(BINDING, field.name, bytes),
    };
    let values = FIELDS.map(|field| (field.name, value(field)));
    let entries = values.iter().map(|(name, value)| (*name, &value[..])).chain([("@b", bindings)]);
    Record::from_entries(entries, NOW, NOW + LIFE).expect("a record")
}

pub(crate) fn seeds() -> Vec<Seed> {
    let seed = |kind: u8, set: u8, bytes: &[u8]| [&[kind + KINDS * set], bytes].concat();
    let [soon, now] = [1, 0].map(|more| NOW.as_millis() + more);
    let for_both = sealed(BINDING, "both", &timed(soon, b"7"));
    let for_sealed = sealed(BINDING, "sealed", b"7");
    vec![
        ("empty", seed(STORED, 0, b"")),
        ("number", seed(STORED, 1, b"7")),
        ("bincode", seed(STORED, 2, b"\x01\x07")),
        ("message_pack", seed(STORED, 3, b"\x02\x07")),
        ("timed", seed(STORED, 0, &timed(soon, b"7"))),
        ("timed_for_ever", seed(STORED, 1, &timed(u64::MAX, b"7"))),
        ("timed_over", seed(STORED, 2, &timed(now, b"7"))),
        ("timed_cut_short", seed(STORED, 3, &timed(soon, b"")[..4])),
        ("timed_long_spelling", seed(STORED, 0, &timed_in_a_long_spelling(soon))),
        ("sealed", seed(STORED, 1, &for_sealed)),
        ("sealed_and_timed", seed(STORED, 2, &for_both)),
        ("sealed_cut_short", seed(STORED, 3, &for_sealed[..for_sealed.len() - 1])),
        ("sealed_of_another_record", seed(STORED, 0, &sealed(ANOTHER, "sealed", b"7"))),
        ("sealed_of_another_version", seed(STORED, 1, &[b"\x1f\x02", &for_sealed[2..]].concat())),
        ("no_binding", seed(BINDINGS, 2, b"")),
        ("binding", seed(BINDINGS, 3, BINDING)),
        ("binding_cut_short", seed(BINDINGS, 2, &BINDING[1..])),
        ("binding_of_another", seed(BINDINGS, 3, ANOTHER)),
        ("second_binding", seed(BINDINGS, 2, &[ANOTHER, BINDING, b"a".as_slice()].concat())),
        ("last_binding", seed(BINDINGS, 3, &[&ANOTHER.repeat(63), &BINDING[..]].concat())),
        ("one_binding_too_many", seed(BINDINGS, 2, &[&ANOTHER.repeat(64), &BINDING[..]].concat())),
        ("contents", seed(CONTENTS, 0, b"7")),
        ("contents_empty", seed(CONTENTS, 1, b"")),
        ("contents_timed", seed(CONTENTS, 2, &timed(soon, b"7"))),
        ("contents_over", seed(CONTENTS, 3, &timed(now, b"7"))),
        ("contents_cut_short", seed(CONTENTS, 0, &timed(soon, b"")[..4])),
        ("contents_timed_twice", seed(CONTENTS, 1, &timed(soon, &timed(soon, b"7")))),
        ("contents_sealed", seed(CONTENTS, 2, &for_sealed)),
        ("contents_of_the_value_that_is_set", seed(CONTENTS, 3, &timed(soon, b"8"))),
    ]
}

fn timed_in_a_long_spelling(end: u64) -> Vec<u8> {
    let mut timed = timed(end, b"");
    if let Some(last) = timed.last_mut() {
        *last |= 0x80;
    }
    timed.extend_from_slice(b"\x007");
    timed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault;

    #[test]
    fn the_seeds_are_values_but_for_those_that_shall_be_none() {
        let is_none = |bytes: &[u8]| vault::read(&record(bytes[0], &bytes[1..])) == vault::Seen::default();
        let none = seeds().into_iter().filter(|(_, bytes)| is_none(bytes));
        let names: Vec<_> = none.map(|(name, _)| name).collect();
        let stored = ["empty", "timed_over", "timed_cut_short", "timed_long_spelling"];
        let sealed = ["sealed_cut_short", "sealed_of_another_record", "sealed_of_another_version"];
        let bindings = ["no_binding", "binding_cut_short", "binding_of_another", "one_binding_too_many"];
        let contents =
            ["contents_empty", "contents_over", "contents_cut_short", "contents_timed_twice", "contents_sealed"];
        assert_eq!(names, [&stored[..], &sealed, &bindings, &contents].concat());
    }
}
