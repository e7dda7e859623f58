//! A call that is repeated, because its answer was lost, does nothing more.

use crate::clock::Timestamp;
use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, Seen, answers, same_record};
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{Inserted, Removed, SessionStore as _, Updated};

/// Commits three times, as others would: each to the same field.
async fn three_others(bench: &Bench, key: &StoreKey, base: &Record) -> Outcome {
    for value in ["a", "b", "c"] {
        bench.updated(key, base, &Change::set("x", value)).await?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_repeated_insert_is_done(bench: Bench) -> Outcome {
    let record = bench.record(&[("x", b"1")]);
    let key = bench.insert(&record).await?;
    let there = bench.there("what was inserted", &key).await?;
    answers!("a repeated insert", bench.store.insert(&key, &record).await?, Inserted::Done);
    same_record("what was inserted", &bench.there("what was inserted", &key).await?, &there)
}

pub(in crate::conformance) async fn a_repeated_insert_writes_nothing_more(bench: Bench) -> Outcome {
    let record = bench.record(&[("x", b"1")]);
    let key = bench.insert(&record).await?;
    three_others(&bench, &key, &record).await?;
    let there = bench.there("what others updated", &key).await?;
    answers!("an insert repeated after others", bench.store.insert(&key, &record).await?, Inserted::Done);
    same_record("what others wrote", &bench.there("what was inserted", &key).await?, &there)
}

pub(in crate::conformance) async fn a_repeated_update_is_done_once(bench: Bench) -> Outcome {
    let (key, record) = bench.session().await?;
    let change = Change::set("x", "2");
    bench.updated(&key, &record, &change).await?;
    let once = bench.there("what was updated", &key).await?;
    bench.updated(&key, &record, &change).await?;
    same_record("what a repeated update left", &bench.there("what was updated", &key).await?, &once)?;
    three_others(&bench, &key, &record).await?;
    let there = bench.there("what others updated", &key).await?;
    bench.updated(&key, &record, &change).await?;
    same_record("what others wrote", &bench.there("what was updated", &key).await?, &there)
}

pub(in crate::conformance) async fn a_repeated_update_is_done_though_its_version_no_longer_holds(
    bench: Bench,
) -> Outcome {
    let (key, record) = bench.session().await?;
    let change = Change::set("x", "2").version_must_hold();
    bench.updated(&key, &record, &change).await?;
    three_others(&bench, &key, &record).await?;
    let there = bench.there("what others updated", &key).await?;
    bench.updated(&key, &record, &change).await?;
    same_record("what others wrote", &bench.there("what was updated", &key).await?, &there)
}

/// A session that was renamed, with what repeats that very call.
struct Renamed {
    old: StoreKey,
    new: StoreKey,
    base: Record,
    change: Change,
    grace: Option<Timestamp>,
}

impl Renamed {
    async fn begin(bench: &Bench, grace: Option<Timestamp>) -> Outcome<Self> {
        let (old, base) = bench.session().await?;
        let change = Change::set("x", "2");
        let new = bench.renamed(&old, &base, &change, grace).await?;
        Ok(Self { old, new, base, change, grace })
    }

    async fn repeat(&self, bench: &Bench) -> Outcome<Updated> {
        bench.rename((&self.old, &self.new), &self.base, &self.change, self.grace).await
    }
}

pub(in crate::conformance) async fn a_repeated_rename_is_done_once(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let renamed = Renamed::begin(&bench, grace).await?;
        let there = bench.there("what was renamed", &renamed.new).await?;
        answers!("a repeated rename", renamed.repeat(&bench).await?, Updated::Done);
        same_record("what was renamed", &bench.there("what was renamed", &renamed.new).await?, &there)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_repeated_rename_is_done_after_three_other_commits(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let renamed = Renamed::begin(&bench, grace).await?;
        three_others(&bench, &renamed.new, &renamed.base).await?;
        let there = bench.there("what others updated", &renamed.new).await?;
        answers!("a rename repeated after others", renamed.repeat(&bench).await?, Updated::Done);
        same_record("what others wrote", &bench.there("what was renamed", &renamed.new).await?, &there)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_repeated_rename_of_a_session_that_ended_is_missing(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let renamed = Renamed::begin(&bench, grace).await?;
        answers!("a remove", bench.store.remove(&renamed.new).await?, Removed::Done);
        let repeated = renamed.repeat(&bench).await?;
        answers!("a repeated rename of a session that has ended", repeated, Updated::Missing);
        bench.absent("a session that has ended", &renamed.new).await?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_repeated_rename_of_a_session_that_went_on_is_not_done(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let renamed = Renamed::begin(&bench, None).await?;
        let last = bench.renamed(&renamed.new, &renamed.base, &Change::nothing(), grace).await?;
        let there = bench.there("what was renamed twice", &last).await?;
        let repeated = renamed.repeat(&bench).await?;
        if matches!(repeated, Updated::Done | Updated::Emptied) {
            return Err(Seen::instead("a repeat of the first of two renames", "`Missing` or `Moved`", &repeated));
        }
        same_record("what was renamed twice", &bench.there("what was renamed twice", &last).await?, &there)?;
    }
    Ok(())
}
