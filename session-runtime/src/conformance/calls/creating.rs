//! Only `insert` creates, and nothing is overwritten.

use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, Seen, answers, same_record};
use crate::store::{Inserted, Loaded, Removed, SessionStore as _, Touched, Updated};

pub(in crate::conformance) async fn t57_a_missing_key_is_absent_and_no_error(bench: Bench) -> Outcome {
    bench.absent("a key that nobody has", &bench.key()?).await
}

pub(in crate::conformance) async fn t59_removing_what_is_not_there_is_no_error(bench: Bench) -> Outcome {
    let key = bench.key()?;
    answers!("a remove of a missing key", bench.store.remove(&key).await?, Removed::Missing);
    bench.absent("a key that was only removed", &key).await
}

pub(in crate::conformance) async fn t62_a_touch_creates_nothing(bench: Bench) -> Outcome {
    let key = bench.key()?;
    answers!("a touch of a missing key", bench.store.touch(&key, bench.late()).await?, Touched::Missing);
    bench.absent("a key that was only touched", &key).await
}

pub(in crate::conformance) async fn an_update_creates_nothing(bench: Bench) -> Outcome {
    let key = bench.key()?;
    let base = bench.record(&[("x", b"1")]);
    for change in
        [Change::set("x", "2"), Change::set("x", "2").version_must_hold(), Change::clear("x").remove_if_empty()]
    {
        answers!("an update of a missing key", bench.update(&key, &base, &change).await?, Updated::Missing);
        bench.absent("a key that was only updated", &key).await?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_rename_creates_nothing(bench: Bench) -> Outcome {
    let (old, new) = (bench.key()?, bench.key()?);
    let base = bench.record(&[("x", b"1")]);
    for grace in [None, Some(bench.late())] {
        let renamed = bench.rename((&old, &new), &base, &Change::set("x", "2"), grace).await?;
        answers!("a rename of a missing key", renamed, Updated::Missing);
        bench.absent("the old key of a rename of nothing", &old).await?;
        bench.absent("the new key of a rename of nothing", &new).await?;
    }
    Ok(())
}

pub(in crate::conformance) async fn t63_an_insert_overwrites_no_session(bench: Bench) -> Outcome {
    let (key, first) = bench.session().await?;
    let second = bench.store.insert(&key, &bench.record(&[("y", b"2")])).await?;
    answers!("an insert under a key that is taken", second, Inserted::Exists);
    same_record("what was there", &bench.there("what was there", &key).await?, &first)
}

pub(in crate::conformance) async fn an_insert_overwrites_no_pointer(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let (old, record) = bench.session().await?;
        let new = bench.renamed(&old, &record, &Change::nothing(), grace).await?;
        let inserted = bench.store.insert(&old, &bench.record(&[("y", b"2")])).await?;
        answers!("an insert under the old key of a rename", inserted, Inserted::Exists);
        let there = bench.store.load(&old, None).await?;
        answers!("a load under the old key after that", there, None | Some(Loaded::Renamed | Loaded::Moved(_)));
        bench.there("what was renamed", &new).await?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_rename_overwrites_no_session(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let (old, first) = bench.session().await?;
        let (taken, second) = bench.stored(&bench.record(&[("y", b"2")])).await?;
        let change = Change::set("x", "2");
        match bench.try_rename((&old, &taken), &first, &change, grace).await? {
            Err(error) if error.is_rejected() => {}
            other => return Err(Seen::instead("a rename to a key that is taken", "a rejection", &other)),
        }
        same_record("what was renamed", &bench.there("what was renamed", &old).await?, &first)?;
        same_record("what was there", &bench.there("what was there", &taken).await?, &second)?;
    }
    Ok(())
}
