//! Each call is atomic, whoever else calls at the same time.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::conformance::bench::{Bench, at_once};
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, Seen, answers, same};
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{BoxFuture, ExpiryChange, Inserted, Removed, SessionStore as _, Touched, Updated};

type Racer<T> = BoxFuture<'static, Outcome<T>>;

/// How many race for one session.
const MANY: usize = 64;

/// How often a race between few is run.
const ROUNDS: usize = 32;

/// An update of the session under `key`, as the runtime makes it.
fn updater(bench: &Bench, key: StoreKey, base: &Record, change: Change) -> Racer<Updated> {
    let (bench, base) = (bench.clone(), base.clone());
    Box::pin(async move { bench.update(&key, &base, &change).await })
}

pub(in crate::conformance) async fn sixty_four_updates_of_different_fields_all_survive(bench: Bench) -> Outcome {
    let (key, record) = bench.session().await?;
    let changes = (0..MANY).map(|index| Change::set(format!("field{index}"), "1"));
    for answer in at_once(changes.map(|change| updater(&bench, key, &record, change))).await? {
        answers!("an update of a field of its own", answer, Updated::Done);
    }
    let there = bench.there("what all updated", &key).await?;
    let stored = there.entries().filter(|(name, _)| name.starts_with("field")).count();
    same("how many of 64 fields are there", &stored, &MANY)
}

pub(in crate::conformance) async fn sixty_four_additions_make_sixty_four(bench: Bench) -> Outcome {
    let record = bench.record(&[("hits", b"0")]);
    let key = bench.insert(&record).await?;
    let adders = (0..MANY).map(|_| -> Racer<()> {
        let (bench, base) = (bench.clone(), record.clone());
        Box::pin(async move { add_one(&bench, &key, base).await })
    });
    at_once(adders).await?;
    same("the sum of 64 additions of one", &hits(&bench.there("the sum", &key).await?), &MANY)
}

/// Adds one to what is there, as often as somebody else was faster.
async fn add_one(bench: &Bench, key: &StoreKey, mut base: Record) -> Outcome {
    loop {
        let change = Change::set("hits", (hits(&base) + 1).to_string()).version_must_hold();
        match bench.store.update(key, &change.on(&base)).await? {
            Updated::Done => return Ok(()),
            Updated::Conflict(current) => base = current,
            other => return Err(Seen::instead("an addition", "`Done` or `Conflict`", &other)),
        }
    }
}

fn hits(record: &Record) -> usize {
    record.get("hits").and_then(|value| str::from_utf8(value).ok()?.parse().ok()).unwrap_or_default()
}

pub(in crate::conformance) async fn of_many_inserts_one_is_done(bench: Bench) -> Outcome {
    for _ in 0..ROUNDS {
        let key = bench.key()?;
        let records: Vec<_> = (0..8_u8).map(|index| bench.record(&[("x", &[index])])).collect();
        let inserters = records.iter().cloned().map(|record| -> Racer<Inserted> {
            let bench = bench.clone();
            Box::pin(async move { Ok(bench.store.insert(&key, &record).await?) })
        });
        let answers = at_once(inserters).await?;
        let done: Vec<_> = answers.iter().zip(&records).filter(|(answer, _)| **answer == Inserted::Done).collect();
        same("how many of 8 inserts under one key are done", &done.len(), &1)?;
        let there = bench.there("what one of them inserted", &key).await?;
        same("the field that it inserted", &there.get("x"), &done[0].1.get("x"))?;
    }
    Ok(())
}

pub(in crate::conformance) async fn of_many_removes_one_is_done(bench: Bench) -> Outcome {
    for _ in 0..ROUNDS {
        let (key, _) = bench.session().await?;
        let answers = at_once((0..8).map(|_| remover(&bench, key))).await?;
        let done = answers.iter().filter(|answer| **answer == Removed::Done).count();
        same("how many of 8 removes of one session are done", &done, &1)?;
    }
    Ok(())
}

fn remover(bench: &Bench, key: StoreKey) -> Racer<Removed> {
    let bench = bench.clone();
    Box::pin(async move { Ok(bench.store.remove(&key).await?) })
}

fn renamer(bench: &Bench, old: StoreKey, new: StoreKey, base: &Record) -> Racer<Updated> {
    let (bench, base) = (bench.clone(), base.clone());
    Box::pin(async move { bench.rename((&old, &new), &base, &Change::nothing(), None).await })
}

pub(in crate::conformance) async fn of_many_renames_one_is_done(bench: Bench) -> Outcome {
    for _ in 0..ROUNDS {
        let (old, record) = bench.session().await?;
        let keys = (0..8).map(|_| bench.key()).collect::<Outcome<Vec<_>>>()?;
        let answers = at_once(keys.iter().map(|new| renamer(&bench, old, *new, &record))).await?;
        let done = answers.iter().filter(|answer| matches!(answer, Updated::Done)).count();
        same("how many of 8 renames of one session are done", &done, &1)?;
        for (new, answer) in keys.iter().zip(answers) {
            if matches!(answer, Updated::Done) {
                bench.there("what was renamed", new).await?;
            } else {
                bench.absent("the new key of a rename that was too late", new).await?;
            }
        }
    }
    Ok(())
}

pub(in crate::conformance) async fn an_update_never_revives_what_is_removed_meanwhile(bench: Bench) -> Outcome {
    for _ in 0..ROUNDS {
        let (key, record) = bench.session().await?;
        let mut racers: Vec<Racer<()>> = vec![removing(&bench, key)];
        racers.extend((0..8).map(|index| -> Racer<()> {
            let updating = updater(&bench, key, &record, Change::set(format!("field{index}"), "1"));
            Box::pin(async {
                answers!("an update beside a remove", updating.await?, Updated::Done | Updated::Missing);
                Ok(())
            })
        }));
        at_once(racers).await?;
        bench.absent("what was removed beside updates", &key).await?;
    }
    Ok(())
}

/// A remove of the session, which must be done; what is updated afterwards is missing.
fn removing(bench: &Bench, key: StoreKey) -> Racer<()> {
    let bench = bench.clone();
    Box::pin(async move {
        answers!("a remove", bench.store.remove(&key).await?, Removed::Done);
        let updated = bench.update(&key, &bench.record(&[]), &Change::set("late", "1")).await?;
        answers!("an update after a remove was done", updated, Updated::Missing);
        Ok(())
    })
}

pub(in crate::conformance) async fn a_touch_never_revives_what_is_removed_meanwhile(bench: Bench) -> Outcome {
    for _ in 0..ROUNDS {
        let (key, record) = bench.session().await?;
        let mut racers: Vec<Racer<()>> = vec![removing(&bench, key)];
        racers.extend((1..9).map(|minutes| -> Racer<()> {
            let (bench, later) = (bench.clone(), record.expires() + Duration::from_mins(minutes));
            Box::pin(async move {
                let touched = bench.store.touch(&key, later).await?;
                answers!("a touch beside a remove", touched, Touched::Done | Touched::Missing);
                Ok(())
            })
        }));
        at_once(racers).await?;
        bench.absent("what was removed beside touches", &key).await?;
    }
    Ok(())
}

pub(in crate::conformance) async fn an_update_is_in_the_renamed_session_or_nowhere(bench: Bench) -> Outcome {
    for round in 0..ROUNDS {
        let grace = (round % 2 == 0).then(|| bench.late());
        let (old, record) = bench.session().await?;
        let new = bench.key()?;
        let mut racers: Vec<_> =
            (0..8).map(|index| updater(&bench, old, &record, Change::set(format!("field{index}"), "1"))).collect();
        let (renaming, base) = (bench.clone(), record.clone());
        racers.push(Box::pin(async move { renaming.rename((&old, &new), &base, &Change::nothing(), grace).await }));
        let mut answers = at_once(racers).await?;
        answers!("a rename beside updates", answers.pop(), Some(Updated::Done));
        let there = bench.there("what was renamed beside updates", &new).await?;
        for (index, answer) in answers.into_iter().enumerate() {
            let stored = there.get(&format!("field{index}")).is_some();
            match answer {
                Updated::Done => same("whether a field is there whose update was done", &stored, &true)?,
                Updated::Missing if grace.is_none() => {
                    same("whether a field is there whose update was late", &stored, &false)?;
                }
                Updated::Moved(to) if grace.is_some() && to == new => {
                    same("whether a field is there whose update was sent elsewhere", &stored, &false)?;
                }
                other => return Err(Seen::instead("an update beside a rename", "`Done` or too late", &other)),
            }
        }
    }
    Ok(())
}

pub(in crate::conformance) async fn a_session_never_ends_with_a_field_that_was_stored(bench: Bench) -> Outcome {
    for _ in 0..ROUNDS {
        let (key, record) = bench.session().await?;
        let emptying = updater(&bench, key, &record, Change::clear("x").remove_if_empty());
        let filling = updater(&bench, key, &record, Change::set("y", "theirs"));
        let answers = at_once([emptying, filling]).await?;
        let there = bench.store.load(&key, None).await?.is_some();
        match answers.as_slice() {
            [Updated::Emptied, Updated::Missing] => same("whether what ended is there", &there, &false)?,
            [Updated::Done, Updated::Done] => {
                let there = bench.there("what was filled while it was emptied", &key).await?;
                same("the field that was stored meanwhile", &there.get("y"), &Some(&b"theirs"[..]))?;
            }
            other => {
                let expected = "`Emptied` and `Missing`, or twice `Done`";
                return Err(Seen::instead("an update that empties beside one that fills", expected, &other));
            }
        }
    }
    Ok(())
}

pub(in crate::conformance) async fn racing_extensions_end_at_the_latest(bench: Bench) -> Outcome {
    for _ in 0..ROUNDS {
        let (key, record) = bench.session().await?;
        let later = |minutes: u64| record.expires() + Duration::from_mins(minutes);
        at_once((1..=4).flat_map(|minutes| extenders(&bench, key, &record, later(minutes), later(minutes + 4))))
            .await?;
        same("the end", &bench.there("what all extended", &key).await?.expires(), &later(8))?;
        let set = updater(&bench, key, &record, Change::nothing().expiry(ExpiryChange::Set(later(1))));
        let kept = updater(&bench, key, &record, Change::set("kept", "1"));
        at_once([set, kept]).await?;
        same("the end that was set", &bench.there("what was set", &key).await?.expires(), &later(1))?;
    }
    Ok(())
}

/// An update that extends, one that keeps the end, and a touch.
fn extenders(bench: &Bench, key: StoreKey, record: &Record, end: Timestamp, touched: Timestamp) -> [Racer<()>; 3] {
    let extending = updater(bench, key, record, Change::nothing().expiry(ExpiryChange::Extend(end)));
    let keeping = updater(bench, key, record, Change::set(format!("{end:?}"), "1"));
    let touching = bench.clone();
    [
        Box::pin(async {
            answers!("an update that extends", extending.await?, Updated::Done);
            Ok(())
        }),
        Box::pin(async {
            answers!("an update that keeps", keeping.await?, Updated::Done);
            Ok(())
        }),
        Box::pin(async move {
            answers!("a touch", touching.store.touch(&key, touched).await?, Touched::Done);
            Ok(())
        }),
    ]
}
