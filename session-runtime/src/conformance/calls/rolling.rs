//! A load extends as it is told, or not at all.

use std::time::Duration;

use crate::conformance::bench::Bench;
use crate::conformance::seen::{Outcome, answers, same, same_fields, same_record};
use crate::expiry::Roll;
use crate::record::Record;
use crate::store::{Loaded, SessionStore as _};

const HOUR: Duration = Duration::from_hours(1);

/// How a session is extended that was used now.
fn roll(bench: &Bench) -> Roll {
    Roll { now: bench.now(), idle: HOUR * 2, threshold: HOUR / 2, limit: None }
}

/// Loads the session with a roll, and sees that it was followed or ignored.
async fn load_with(bench: &Bench, roll: Roll, record: &Record) -> Outcome {
    let (key, record) = &bench.stored(record).await?;
    let loaded = bench.store.load(key, Some(roll)).await?;
    let (answered, rolled) =
        answers!("a load with a roll", loaded, Some(Loaded::Record { record, rolled }) => (record, rolled));
    let stored = bench.there("what was loaded", key).await?;
    let Some(due) = roll.due_for(record).filter(|_| rolled) else {
        same("`rolled` of a session that may not be extended", &rolled, &false)?;
        same_record("what a load answered", &answered, record)?;
        return same_record("what a load left alone", &stored, record);
    };
    for (what, seen) in [("what a load that rolled answered", answered), ("what it stored", stored)] {
        same(format_args!("{what}, its end"), &seen.expires(), &due)?;
        same(format_args!("{what}, its creation"), &seen.created(), &record.created())?;
        same(format_args!("{what}, its owner"), &seen.principal(), &record.principal())?;
        same_fields(what, &seen, record)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_roll_that_is_due_is_stored_or_left(bench: Bench) -> Outcome {
    let record = bench.record(&[("x", b"1"), ("y", b"2")]).owned_by(Some("ada".into()));
    load_with(&bench, roll(&bench), &record).await
}

pub(in crate::conformance) async fn a_roll_stops_at_the_limit(bench: Bench) -> Outcome {
    let limited = Roll { limit: Some(HOUR + HOUR / 10), threshold: Duration::ZERO, ..roll(&bench) };
    load_with(&bench, limited, &bench.record(&[("x", b"1")])).await
}

pub(in crate::conformance) async fn a_roll_that_is_not_due_changes_nothing(bench: Bench) -> Outcome {
    let not_yet = Roll { threshold: HOUR * 2, ..roll(&bench) };
    load_with(&bench, not_yet, &bench.record(&[("x", b"1")])).await?;
    let never_shortens = Roll { idle: HOUR / 2, threshold: Duration::ZERO, ..roll(&bench) };
    load_with(&bench, never_shortens, &bench.record(&[("x", b"1")])).await
}

pub(in crate::conformance) async fn a_lifetime_of_its_own_is_not_rolled(bench: Bench) -> Outcome {
    load_with(&bench, roll(&bench), &bench.record(&[("x", b"1"), ("@l", b"3600000")])).await
}
