//! What moves the end of a session: commits and touches.

use std::time::Duration;

use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, answers, same, same_fields};
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{ExpiryChange, SessionStore as _, Touched};

const MINUTE: Duration = Duration::from_mins(1);

/// A session that was given a lifetime of its own.
async fn with_its_own_lifetime(bench: &Bench) -> Outcome<(StoreKey, Record)> {
    bench.stored(&bench.record(&[("x", b"1"), ("@l", b"3600000")])).await
}

pub(in crate::conformance) async fn an_end_is_kept_extended_or_set(bench: Bench) -> Outcome {
    let (key, record) = bench.session().await?;
    let end = record.expires();
    let steps = [
        (ExpiryChange::Keep, end),
        (ExpiryChange::Extend(end + MINUTE), end + MINUTE),
        (ExpiryChange::Extend(end), end + MINUTE),
        (ExpiryChange::Keep, end + MINUTE),
        (ExpiryChange::Set(end), end),
        (ExpiryChange::Set(end + MINUTE * 2), end + MINUTE * 2),
    ];
    for (step, expected) in steps {
        bench.updated(&key, &record, &Change::set("x", "2").expiry(step)).await?;
        let there = bench.there("what was updated", &key).await?;
        same(format_args!("the end after {step:?}"), &there.expires(), &expected)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn an_end_is_extended_by_a_rename(bench: Bench) -> Outcome {
    let (mut key, record) = bench.session().await?;
    let end = record.expires();
    for (step, expected) in [
        (ExpiryChange::Keep, end),
        (ExpiryChange::Extend(end + MINUTE), end + MINUTE),
        (ExpiryChange::Extend(end), end + MINUTE),
        (ExpiryChange::Set(end), end),
    ] {
        key = bench.renamed(&key, &record, &Change::nothing().expiry(step), None).await?;
        let there = bench.there("what was renamed", &key).await?;
        same(format_args!("the end after a rename that does {step:?}"), &there.expires(), &expected)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_lifetime_of_its_own_is_not_extended_by_a_commit(bench: Bench) -> Outcome {
    let (key, record) = with_its_own_lifetime(&bench).await?;
    let change = Change::set("x", "2").expiry(ExpiryChange::Extend(record.expires() + MINUTE));
    bench.updated(&key, &record, &change).await?;
    let there = bench.there("what was updated", &key).await?;
    same("the end of a session with a lifetime of its own", &there.expires(), &record.expires())
}

pub(in crate::conformance) async fn t62_a_touch_changes_the_end_alone(bench: Bench) -> Outcome {
    let (key, record) = bench.stored(&bench.record(&[("x", b"1"), ("y", b"2")]).owned_by(Some("ada".into()))).await?;
    let later = record.expires() + MINUTE;
    answers!("a touch", bench.store.touch(&key, later).await?, Touched::Done);
    let there = bench.there("what was touched", &key).await?;
    same("the end after a touch", &there.expires(), &later)?;
    same_fields("what was touched", &there, &record)?;
    same("the creation after a touch", &there.created(), &record.created())?;
    same("the owner after a touch", &there.principal(), &record.principal())
}

pub(in crate::conformance) async fn a_touch_never_shortens(bench: Bench) -> Outcome {
    let (key, record) = bench.session().await?;
    for earlier in [bench.now(), bench.now() + MINUTE] {
        answers!("a touch that asks for less", bench.store.touch(&key, earlier).await?, Touched::Done);
        let there = bench.there("what was touched", &key).await?;
        same("the end after a touch that asks for less", &there.expires(), &record.expires())?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_touch_is_not_undone_by_a_commit_that_was_made_before_it(bench: Bench) -> Outcome {
    let (key, record) = bench.session().await?;
    let later = record.expires() + MINUTE;
    answers!("a touch", bench.store.touch(&key, later).await?, Touched::Done);
    bench.updated(&key, &record, &Change::set("x", "2")).await?;
    same("the end after an update", &bench.there("what was updated", &key).await?.expires(), &later)?;
    for grace in [None, Some(bench.late())] {
        let (key, record) = bench.session().await?;
        let later = record.expires() + MINUTE;
        answers!("a touch", bench.store.touch(&key, later).await?, Touched::Done);
        let new = bench.renamed(&key, &record, &Change::set("x", "2"), grace).await?;
        same("the end after a rename", &bench.there("what was renamed", &new).await?.expires(), &later)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_lifetime_of_its_own_is_not_extended_by_a_touch(bench: Bench) -> Outcome {
    let (key, record) = with_its_own_lifetime(&bench).await?;
    answers!("a touch", bench.store.touch(&key, record.expires() + MINUTE).await?, Touched::Done);
    let there = bench.there("what was touched", &key).await?;
    same("the end of a session with a lifetime of its own", &there.expires(), &record.expires())
}
