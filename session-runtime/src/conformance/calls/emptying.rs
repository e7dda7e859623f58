//! A commit ends the session only if it leaves no field.

use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, answers, same_fields};
use crate::store::Updated;

pub(in crate::conformance) async fn a_session_ends_with_its_last_field(bench: Bench) -> Outcome {
    // An entry of the runtime's own is no field.
    let record = bench.record(&[("x", b"1"), ("@l", b"86400000")]);
    let key = bench.insert(&record).await?;
    let updated = bench.update(&key, &record, &Change::clear("x").remove_if_empty()).await?;
    answers!("an update that leaves no field", updated, Updated::Emptied);
    bench.absent("a session without fields that was to end", &key).await
}

pub(in crate::conformance) async fn a_session_that_others_filled_meanwhile_stays(bench: Bench) -> Outcome {
    let expected = bench.record(&[("y", b"theirs")]);
    for renames in [false, true] {
        let (mut key, record) = bench.session().await?;
        bench.updated(&key, &record, &Change::set("y", "theirs")).await?;
        let change = Change::clear("x").remove_if_empty();
        if renames {
            key = bench.renamed(&key, &record, &change, None).await?;
        } else {
            bench.updated(&key, &record, &change).await?;
        }
        same_fields("what others filled", &bench.there("what others filled", &key).await?, &expected)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_session_without_fields_stays_where_nobody_ends_it(bench: Bench) -> Outcome {
    let (key, record) = bench.session().await?;
    bench.updated(&key, &record, &Change::clear("x")).await?;
    let what = "a session without fields that nobody ended";
    same_fields(what, &bench.there(what, &key).await?, &bench.record(&[]))
}

pub(in crate::conformance) async fn a_rename_that_leaves_no_field_ends_the_session(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let (old, record) = bench.session().await?;
        let (new, change) = (bench.key()?, Change::clear("x").remove_if_empty());
        let renamed = bench.rename((&old, &new), &record, &change, grace).await?;
        answers!("a rename that leaves no field", renamed, Updated::Emptied);
        bench.absent("the old key of a rename that left no field", &old).await?;
        bench.absent("the new key of a rename that left no field", &new).await?;
    }
    Ok(())
}
