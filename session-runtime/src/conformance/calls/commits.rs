//! A commit is applied to what is there, or refused with it.

use std::time::Duration;

use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, answers, same, same_fields, same_record};
use crate::store::{ExpiryChange, SessionStore as _, Updated};

pub(in crate::conformance) async fn t61_an_update_changes_data_and_end(bench: Bench) -> Outcome {
    let (key, record) = bench.session().await?;
    let later = bench.late() + Duration::from_secs(5);
    let change = Change::set("x", "2").and_set("y", "3").expiry(ExpiryChange::Extend(later));
    bench.updated(&key, &record, &change).await?;
    let expected = change.made_to(&record);
    same_record("what was updated", &bench.there("what was updated", &key).await?, &expected)
}

pub(in crate::conformance) async fn an_update_keeps_what_others_wrote(bench: Bench) -> Outcome {
    let fields: [(&str, &[u8]); 4] = [("mine", b"1"), ("theirs", b"1"), ("unknown", b"1"), ("@x", b"1")];
    let (key, record) = bench.stored(&bench.record(&fields)).await?;
    let theirs = Change::set("theirs", "2").and_set("new", "2");
    bench.updated(&key, &record, &theirs).await?;
    let mine = Change::set("mine", "3");
    bench.updated(&key, &record, &mine).await?;
    let expected = mine.made_to(&theirs.made_to(&record));
    same_record("what two updates of one base made", &bench.there("what was updated", &key).await?, &expected)
}

pub(in crate::conformance) async fn an_update_removes_what_it_names(bench: Bench) -> Outcome {
    let record = bench.record(&[("a", b"1"), ("b", b"1"), ("c", b"1")]);
    let key = bench.insert(&record).await?;
    let change = Change::clear("b").and_clear("absent");
    bench.updated(&key, &record, &change).await?;
    let expected = bench.record(&[("a", b"1"), ("c", b"1")]);
    same_fields("what an update left", &bench.there("what was updated", &key).await?, &expected)
}

pub(in crate::conformance) async fn an_owner_changes_only_where_a_commit_says_so(bench: Bench) -> Outcome {
    let (mut key, record) = bench.session().await?;
    for owner in [Some("ada"), Some("grace"), None] {
        bench.updated(&key, &record, &Change::nothing().owner(owner)).await?;
        same("the owner that an update gave", &bench.there("what was updated", &key).await?.principal(), &owner)?;
        bench.updated(&key, &record, &Change::set("x", "2")).await?;
        same("the owner after another update", &bench.there("what was updated", &key).await?.principal(), &owner)?;
    }
    key = bench.renamed(&key, &record, &Change::nothing().owner(Some("ada")), None).await?;
    same("the owner that a rename gave", &bench.there("what was renamed", &key).await?.principal(), &Some("ada"))
}

/// A commit that asks for its version, and for a new end.
fn outdated(bench: &Bench) -> Change {
    let later = bench.late() + Duration::from_mins(1);
    Change::set("x", "2").version_must_hold().expiry(ExpiryChange::Extend(later))
}

pub(in crate::conformance) async fn an_outdated_update_is_refused_with_what_is_there(bench: Bench) -> Outcome {
    let (key, base) = bench.session().await?;
    bench.updated(&key, &base, &Change::set("y", "theirs")).await?;
    let there = bench.there("what others updated", &key).await?;
    let change = outdated(&bench);
    let updated = bench.store.update(&key, &change.on(&base)).await?;
    let current = answers!("an update of an outdated version", updated, Updated::Conflict(current) => current);
    same_record("what the conflict brought", &current, &there)?;
    same_record("what is there after it", &bench.there("what was refused", &key).await?, &there)
}

pub(in crate::conformance) async fn an_outdated_rename_is_refused_with_what_is_there(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let (key, base) = bench.session().await?;
        bench.updated(&key, &base, &Change::set("y", "theirs")).await?;
        let there = bench.there("what others updated", &key).await?;
        let (new, change) = (bench.key()?, outdated(&bench));
        let renamed = bench.store.rename(&key, &new, &change.on(&base), grace).await?;
        let current = answers!("a rename of an outdated version", renamed, Updated::Conflict(current) => current);
        same_record("what the conflict brought", &current, &there)?;
        same_record("what is there after it", &bench.there("what was refused", &key).await?, &there)?;
        bench.absent("the new key of a rename that was refused", &new).await?;
    }
    Ok(())
}

/// However often a store that swaps whole records refuses: what it brings is what is to be based on.
pub(in crate::conformance) async fn a_commit_on_what_is_there_is_not_refused(bench: Bench) -> Outcome {
    let (key, base) = bench.session().await?;
    bench.updated(&key, &base, &Change::set("y", "theirs")).await?;
    bench.updated(&key, &base, &Change::set("x", "2").version_must_hold()).await?;
    let expected = bench.record(&[("x", b"2"), ("y", b"theirs")]);
    same_fields("what both made", &bench.there("what was updated", &key).await?, &expected)?;
    let new = bench.renamed(&key, &base, &Change::set("x", "3").version_must_hold(), None).await?;
    let expected = bench.record(&[("x", b"3"), ("y", b"theirs")]);
    same_fields("what was renamed", &bench.there("what was renamed", &new).await?, &expected)
}
