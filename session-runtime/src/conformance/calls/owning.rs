//! The sessions of a principal are found, all of them and no others. A store without an index promises nothing here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::conformance::bench::{Bench, at_once};
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, Seen, answers, same, same_record};
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{BoxFuture, Inserted, PrincipalIndex, Removed, SessionStore as _, Touched, Updated};

/// How often a session is renamed while somebody lists.
const RENAMES: usize = 64;

/// A principal whom no other check knows.
fn somebody(bench: &Bench) -> Outcome<String> {
    Ok(format!("Ada {}", bench.key()?.fingerprint()))
}

fn owned_by(bench: &Bench, owner: &str) -> Record {
    bench.record(&[("x", b"1")]).owned_by(Some(owner.into()))
}

/// The keys of an owner's sessions, in the order of keys.
async fn keys(index: &dyn PrincipalIndex, owner: &str) -> Outcome<Vec<StoreKey>> {
    let mut keys: Vec<_> = index.sessions(owner).await?.iter().map(|session| session.key).collect();
    keys.sort();
    Ok(keys)
}

pub(in crate::conformance) async fn t68_all_sessions_of_an_owner_are_found_and_no_others(bench: Bench) -> Outcome {
    let Some(index) = bench.store.index() else { return Ok(()) };
    let ada = somebody(&bench)?;
    same("the sessions of somebody unknown", &keys(index, &ada).await?, &Vec::new())?;
    let mut of_ada = Vec::new();
    for _ in 0..3 {
        of_ada.push(bench.insert(&owned_by(&bench, &ada)).await?);
    }
    bench.insert(&bench.record(&[("x", b"1")])).await?;
    // What a database or a pattern may take for the same.
    for other in [ada.to_lowercase(), format!("{ada} "), ada.replace(' ', "?"), "*".to_owned(), format!("{ada}%")] {
        let key = bench.insert(&owned_by(&bench, &other)).await?;
        let found = keys(index, &other).await?.contains(&key);
        same(format_args!("whether a session of {other:?} is found"), &found, &true)?;
    }
    of_ada.sort();
    same("the sessions of one of several", &keys(index, &ada).await?, &of_ada)
}

pub(in crate::conformance) async fn t68_what_is_found_is_what_is_stored(bench: Bench) -> Outcome {
    let Some(index) = bench.store.index() else { return Ok(()) };
    for ada in
        [somebody(&bench)?, format!("{}:@é\"'`\\{{}}", somebody(&bench)?), format!("{:a>1024}", somebody(&bench)?)]
    {
        let (key, record) = bench.stored(&owned_by(&bench, &ada)).await?;
        bench.updated(&key, &record, &Change::set("y", "2")).await?;
        let there = bench.there("an owned session", &key).await?;
        match &index.sessions(&ada).await?[..] {
            [found] => same_record("what is found", &found.record, &there)?,
            found => return Err(Seen::instead("the sessions of somebody with one", "one", &found)),
        }
    }
    Ok(())
}

pub(in crate::conformance) async fn t68_what_has_ended_is_not_found(bench: Bench) -> Outcome {
    let Some(index) = bench.store.index() else { return Ok(()) };
    let ada = somebody(&bench)?;
    let removed = bench.insert(&owned_by(&bench, &ada)).await?;
    answers!("a remove", bench.store.remove(&removed).await?, Removed::Done);
    let (emptied, record) = bench.stored(&owned_by(&bench, &ada)).await?;
    let change = Change::clear("x").remove_if_empty();
    answers!("a commit that leaves no field", bench.update(&emptied, &record, &change).await?, Updated::Emptied);
    same("the sessions of somebody whose have ended", &keys(index, &ada).await?, &Vec::new())?;
    let end = bench.soon();
    let short = bench.insert(&owned_by(&bench, &ada).expiring(end)).await?;
    same("the sessions of somebody with one", &keys(index, &ada).await?, &vec![short])?;
    bench.reach(end).await;
    same("the sessions of somebody whose have expired", &keys(index, &ada).await?, &Vec::new())
}

pub(in crate::conformance) async fn t68_a_renamed_session_is_found_under_its_new_key(bench: Bench) -> Outcome {
    let Some(index) = bench.store.index() else { return Ok(()) };
    let ada = somebody(&bench)?;
    for grace in [None, Some(bench.late())] {
        let (old, record) = bench.stored(&owned_by(&bench, &ada)).await?;
        let new = bench.renamed(&old, &record, &Change::set("x", "2"), grace).await?;
        same("the sessions of somebody whose was renamed", &keys(index, &ada).await?, &vec![new])?;
        answers!("a remove", bench.store.remove(&new).await?, Removed::Done);
        same("the sessions of somebody whose have ended", &keys(index, &ada).await?, &Vec::new())?;
    }
    Ok(())
}

pub(in crate::conformance) async fn t68_a_session_goes_from_owner_to_owner(bench: Bench) -> Outcome {
    let Some(index) = bench.store.index() else { return Ok(()) };
    let (ada, bob) = (somebody(&bench)?, somebody(&bench)?);
    let (guest, record) = bench.session().await?;
    let of_ada = bench.renamed(&guest, &record, &Change::nothing().owner(Some(&ada)), None).await?;
    same("the sessions of whom a rename made the owner", &keys(index, &ada).await?, &vec![of_ada])?;
    let record = bench.there("what was renamed", &of_ada).await?;
    let of_bob = bench.renamed(&of_ada, &record, &Change::nothing().owner(Some(&bob)), None).await?;
    same("the sessions of the owner before", &keys(index, &ada).await?, &Vec::new())?;
    same("the sessions of the owner after", &keys(index, &bob).await?, &vec![of_bob])?;
    let record = bench.there("what was renamed again", &of_bob).await?;
    bench.updated(&of_bob, &record, &Change::nothing().owner(Some(&ada))).await?;
    same("the sessions of whom an update made the owner", &keys(index, &ada).await?, &vec![of_bob])?;
    let record = bench.there("what was updated", &of_bob).await?;
    bench.renamed(&of_bob, &record, &Change::nothing().owner(None), None).await?;
    for nobody in [&ada, &bob] {
        same("the sessions of an owner of long ago", &keys(index, nobody).await?, &Vec::new())?;
    }
    Ok(())
}

pub(in crate::conformance) async fn t68_a_session_that_is_used_for_years_stays_found(bench: Bench) -> Outcome {
    let Some(index) = bench.store.index().filter(|_| bench.timed) else { return Ok(()) };
    let ada = somebody(&bench)?;
    let key = bench.insert(&owned_by(&bench, &ada)).await?;
    for _ in 0..60 {
        let end = bench.now() + Duration::from_hours(20 * 24);
        answers!("a touch", bench.store.touch(&key, end).await?, Touched::Done);
        bench.just_before(end);
        same("the sessions of somebody who comes every few weeks", &keys(index, &ada).await?, &vec![key])?;
    }
    Ok(())
}

pub(in crate::conformance) async fn t68_no_listing_misses_a_session_that_is_being_renamed(bench: Bench) -> Outcome {
    if bench.store.index().is_none() {
        return Ok(());
    }
    let ada = somebody(&bench)?;
    let (key, record) = bench.stored(&owned_by(&bench, &ada)).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let renamer: BoxFuture<'static, Outcome> = Box::pin({
        let (bench, is_over) = (bench.clone(), is_over.clone());
        async move {
            let renamed = rename_on_and_on(&bench, key, record).await;
            is_over.store(true, Ordering::Release);
            renamed
        }
    });
    let listers = (0..3).map(|_| -> BoxFuture<'static, Outcome> {
        let (bench, ada, is_over) = (bench.clone(), ada.clone(), is_over.clone());
        Box::pin(async move {
            while !is_over.load(Ordering::Acquire) {
                let listed = keys_of_any(&bench, &ada).await?;
                same("how many sessions a listing found of somebody with one", &listed.len(), &1)?;
                // A store that answers at once would keep the renamer from its turn.
                tokio::task::yield_now().await;
            }
            Ok(())
        })
    });
    at_once(std::iter::once(renamer).chain(listers)).await.map(drop)
}

async fn rename_on_and_on(bench: &Bench, mut key: StoreKey, mut record: Record) -> Outcome {
    for _ in 0..RENAMES {
        key = bench.renamed(&key, &record, &Change::nothing(), None).await?;
        record = bench.there("what was renamed", &key).await?;
    }
    Ok(())
}

async fn keys_of_any(bench: &Bench, owner: &str) -> Outcome<Vec<StoreKey>> {
    match bench.store.index() {
        Some(index) => keys(index, owner).await,
        None => Ok(Vec::new()),
    }
}

pub(in crate::conformance) async fn t68_of_many_sign_ins_and_sign_outs_all_are_told(bench: Bench) -> Outcome {
    let Some(index) = bench.store.index() else { return Ok(()) };
    let ada = somebody(&bench)?;
    let runners = (0..32).map(|number| -> BoxFuture<'static, Outcome<Option<StoreKey>>> {
        let (bench, record) = (bench.clone(), owned_by(&bench, &ada));
        Box::pin(async move {
            let key = bench.key()?;
            answers!("an insert", bench.store.insert(&key, &record).await?, Inserted::Done);
            if number % 2 == 0 {
                return Ok(Some(key));
            }
            answers!("a remove", bench.store.remove(&key).await?, Removed::Done);
            Ok(None)
        })
    });
    let mut live: Vec<_> = at_once(runners).await?.into_iter().flatten().collect();
    live.sort();
    same("the sessions of somebody who signed in and out at once", &keys(index, &ada).await?, &live)
}
