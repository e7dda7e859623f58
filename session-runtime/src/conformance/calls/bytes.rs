//! Keys, names and values are arbitrary bytes.

use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, answers, same_fields};
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{Inserted, SessionStore as _};

/// Stores these fields, half of them by an update, and reads them back.
async fn read_back(bench: &Bench, fields: &[(&str, &[u8])]) -> Outcome {
    let (inserted, updated) = fields.split_at(fields.len() / 2);
    let record = bench.record(inserted);
    let key = bench.insert(&record).await?;
    same_fields("what was inserted", &bench.there("what was inserted", &key).await?, &record)?;
    let change = updated.iter().fold(Change::nothing(), |change, (name, value)| change.and_set(*name, value));
    bench.updated(&key, &record, &change).await?;
    same_fields("what was updated", &bench.there("what was updated", &key).await?, &change.made_to(&record))
}

pub(in crate::conformance) async fn any_thirty_two_bytes_are_a_key(bench: Bench) -> Outcome {
    // Ends of keys that some encoding, collation, trimming or end of a string would take for the same.
    let pairs =
        [(b"xa", b"xA"), (b"\0a", b"\0b"), (b"a ", b"a\0"), (b"x\xff", b"x\xfe"), (b"x'", b"''"), (b"x%", b"x_")];
    for (one, other) in pairs {
        let random = bench.key()?;
        let ending = |end: &[u8; 2]| {
            let mut bytes = *random.as_bytes();
            bytes[30..].copy_from_slice(end);
            StoreKey::from_bytes(bytes)
        };
        for (key, value) in [(ending(one), b"1"), (ending(other), b"2")] {
            let inserted = bench.store.insert(&key, &bench.record(&[("x", value)])).await?;
            answers!("an insert under a key like another", inserted, Inserted::Done);
        }
        for (key, value) in [(ending(one), b"1"), (ending(other), b"2")] {
            let what = "a session under a key like another";
            same_fields(what, &bench.there(what, &key).await?, &bench.record(&[("x", value)]))?;
        }
    }
    Ok(())
}

pub(in crate::conformance) async fn any_text_is_a_name(bench: Bench) -> Outcome {
    let longest = "n".repeat(Record::MAX_NAME);
    let widest = "é".repeat(Record::MAX_NAME / 2);
    let names = [
        "a",
        "A",
        " a",
        "a ",
        "a\0",
        "a\0b",
        "\0",
        "\n",
        "\r\n",
        "\t",
        "'",
        "''",
        "\"",
        "`",
        "\\",
        "%",
        "_",
        "a_b",
        "a%b",
        "a.b",
        "a:b",
        "a/b",
        "$1",
        "?",
        "{}",
        "[0]",
        "*",
        ";--",
        "null",
        "é",
        "e\u{301}",
        "ß",
        "ss",
        "İ",
        "🦀",
        "\u{202e}",
        "\u{feff}",
        "\u{10ffff}",
        &longest,
        &widest,
    ];
    // A value of its own for each, so that none is taken for another.
    let values: Vec<_> = (0..names.len()).map(|index| index.to_string()).collect();
    let fields: Vec<_> = names.iter().zip(&values).map(|(name, value)| (*name, value.as_bytes())).collect();
    read_back(&bench, &fields).await?;
    let turned: Vec<_> = fields.into_iter().rev().collect();
    read_back(&bench, &turned).await
}

pub(in crate::conformance) async fn any_bytes_are_a_value(bench: Bench) -> Outcome {
    let every: Vec<_> = (0..=u8::MAX).collect();
    let largest: Vec<_> = every.iter().copied().cycle().take(Record::MAX_VALUE).collect();
    let values: [&[u8]; 8] = [b"", b"\0", b"\xff\xfe", b"a\0b", b" a ", b"'; --", "é🦀".as_bytes(), &every];
    for value in values {
        read_back(&bench, &[("inserted", value), ("updated", value)]).await?;
    }
    read_back(&bench, &[("inserted", &largest), ("updated", &largest)]).await
}

pub(in crate::conformance) async fn a_session_holds_a_thousand_fields(bench: Bench) -> Outcome {
    let names: Vec<_> = (0..1000).map(|index| format!("field{index}")).collect();
    let fields: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_bytes())).collect();
    read_back(&bench, &fields).await
}
