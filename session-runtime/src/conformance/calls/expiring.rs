//! A session is gone at its end, to the millisecond.

use std::time::Duration;

use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, answers, same_fields, same_record};
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{ExpiryChange, Inserted, SessionStore as _, Touched};

/// A session that a check can see the end of.
async fn ending_soon(bench: &Bench) -> Outcome<(StoreKey, Record)> {
    bench.stored(&bench.record(&[("x", b"1")]).expiring(bench.soon())).await
}

pub(in crate::conformance) async fn t60_a_session_is_there_until_the_millisecond_of_its_end(bench: Bench) -> Outcome {
    let (key, record) = ending_soon(&bench).await?;
    bench.just_before(record.expires());
    same_record("what ends soon", &bench.there("a session just before its end", &key).await?, &record)?;
    bench.reach(record.expires()).await;
    bench.absent("a session at its end", &key).await
}

pub(in crate::conformance) async fn no_call_finds_an_expired_session(bench: Bench) -> Outcome {
    let (key, record) = ending_soon(&bench).await?;
    bench.reach(record.expires()).await;
    bench.dead("a session at its end", &key).await
}

pub(in crate::conformance) async fn an_expired_session_makes_way_for_an_insert(bench: Bench) -> Outcome {
    let (key, record) = ending_soon(&bench).await?;
    bench.reach(record.expires()).await;
    let next = bench.record(&[("y", b"2")]);
    answers!("an insert after the end", bench.store.insert(&key, &next).await?, Inserted::Done);
    same_fields("what followed on what ended", &bench.there("what was inserted", &key).await?, &next)
}

pub(in crate::conformance) async fn an_extended_session_lives_to_its_new_end(bench: Bench) -> Outcome {
    let (touched, first) = ending_soon(&bench).await?;
    let (updated, second) = ending_soon(&bench).await?;
    let later = second.expires() + Duration::from_secs(5);
    answers!("a touch", bench.store.touch(&touched, later).await?, Touched::Done);
    bench.updated(&updated, &second, &Change::set("x", "2").expiry(ExpiryChange::Extend(later))).await?;
    bench.reach(first.expires().max(second.expires())).await;
    bench.there("a session that was touched, after its first end", &touched).await?;
    bench.there("a session that was extended by an update, after its first end", &updated).await?;
    bench.reach(later).await;
    bench.dead("a session that was touched, after its new end", &touched).await?;
    bench.dead("a session that was extended by an update, after its new end", &updated).await
}

pub(in crate::conformance) async fn a_shortened_session_ends_at_its_new_end(bench: Bench) -> Outcome {
    let (key, record) = bench.session().await?;
    let soon = bench.soon();
    bench.updated(&key, &record, &Change::set("x", "2").expiry(ExpiryChange::Set(soon))).await?;
    let (old, record) = bench.session().await?;
    let new = bench.renamed(&old, &record, &Change::nothing().expiry(ExpiryChange::Set(soon)), None).await?;
    bench.just_before(soon);
    bench.there("a session that an update shortened, just before its end", &key).await?;
    bench.there("a session that a rename shortened, just before its end", &new).await?;
    bench.reach(soon).await;
    bench.dead("a session that an update shortened, at its end", &key).await?;
    bench.dead("a session that a rename shortened, at its end", &new).await
}
