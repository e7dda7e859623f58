//! With grace the old key shows the way.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, answers, same, same_fields};
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{Inserted, Loaded, Removed, SessionStore as _, Touched, Updated};

/// A session that was renamed, and is shown until then: its old key, its new one, and what it was.
async fn renamed(bench: &Bench, grace: Timestamp) -> Outcome<(StoreKey, StoreKey, Record)> {
    let (old, record) = bench.session().await?;
    let new = bench.renamed(&old, &record, &Change::nothing(), Some(grace)).await?;
    Ok((old, new, record))
}

/// Goes on where each call under the old key answers that the session is under the new one.
async fn shows_the_way(bench: &Bench, old: &StoreKey, new: &StoreKey, base: &Record) -> Outcome {
    let roll = Roll { now: bench.now(), idle: Duration::from_hours(9), threshold: Duration::ZERO, limit: None };
    for roll in [None, Some(roll)] {
        let loaded = bench.store.load(old, roll).await?;
        answers!("a load under the old key", loaded, Some(Loaded::Moved(to)) if to == *new);
    }
    let change = Change::set("x", "lost");
    let updated = bench.update(old, base, &change).await?;
    answers!("an update under the old key", updated, Updated::Moved(to) if to == *new);
    let touched = bench.store.touch(old, bench.late() + Duration::from_hours(9)).await?;
    answers!("a touch under the old key", touched, Touched::Moved(to) if to == *new);
    let other = bench.key()?;
    let renamed = bench.rename((old, &other), base, &change, None).await?;
    answers!("a rename under the old key", renamed, Updated::Moved(to) if to == *new);
    bench.absent("the new key of a rename that went nowhere", &other).await?;
    answers!("a remove under the old key", bench.store.remove(old).await?, Removed::Moved(to) if to == *new);
    Ok(())
}

pub(in crate::conformance) async fn with_grace_every_call_is_shown_the_way(bench: Bench) -> Outcome {
    let (old, new, record) = renamed(&bench, bench.late()).await?;
    shows_the_way(&bench, &old, &new, &record).await?;
    let there = bench.there("what was renamed", &new).await?;
    same_fields("what was renamed, after calls under the old key", &there, &record)?;
    same("its end, after calls under the old key", &there.expires(), &record.expires())
}

pub(in crate::conformance) async fn with_grace_every_call_reaches_the_session(bench: Bench) -> Outcome {
    let (old, _, record) = renamed(&bench, bench.late()).await?;
    let loaded = bench.store.load(&old, None).await?;
    let new = answers!("a load under the old key", loaded, Some(Loaded::Moved(to)) => to);
    same_fields("what the way leads to", &bench.there("what the way leads to", &new).await?, &record)?;
    let updated = bench.update(&old, &record, &Change::set("y", "2")).await?;
    let new = answers!("an update under the old key", updated, Updated::Moved(to) => to);
    bench.updated(&new, &record, &Change::set("y", "2")).await?;
    let later = record.expires() + Duration::from_mins(1);
    let touched = bench.store.touch(&old, later).await?;
    let new = answers!("a touch under the old key", touched, Touched::Moved(to) => to);
    answers!("a touch where the way leads to", bench.store.touch(&new, later).await?, Touched::Done);
    let there = bench.there("what the way leads to", &new).await?;
    same("its end", &there.expires(), &later)?;
    same_fields("what the way leads to", &there, &bench.record(&[("x", b"1"), ("y", b"2")]))?;
    let last = bench.key()?;
    let renamed = bench.rename((&old, &last), &there, &Change::nothing(), None).await?;
    let new = answers!("a rename under the old key", renamed, Updated::Moved(to) => to);
    let last = bench.renamed(&new, &there, &Change::nothing(), Some(bench.late())).await?;
    answers!("a remove under the old key", bench.store.remove(&old).await?, Removed::Moved(_));
    answers!("a remove where the way leads to", bench.store.remove(&last).await?, Removed::Done);
    bench.absent("what was removed", &last).await
}

pub(in crate::conformance) async fn with_grace_the_way_is_shown_until_the_millisecond_of_its_end(
    bench: Bench,
) -> Outcome {
    let grace = bench.soon();
    let (old, new, record) = renamed(&bench, grace).await?;
    bench.just_before(grace);
    shows_the_way(&bench, &old, &new, &record).await?;
    bench.reach(grace).await;
    bench.dead("the old key after the grace", &old).await?;
    let inserted = bench.store.insert(&old, &bench.record(&[("y", b"2")])).await?;
    answers!("an insert under the old key after the grace", inserted, Inserted::Done);
    bench.there("what was renamed", &new).await?;
    Ok(())
}
