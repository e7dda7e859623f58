//! A rename moves the session, and without grace the old key is dead at once.

use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, answers, same_record};
use crate::store::{Inserted, POINTER_LIFE, Removed, SessionStore as _};

pub(in crate::conformance) async fn a_rename_moves_the_whole_session(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let fields: [(&str, &[u8]); 3] = [("x", b"1"), ("y", b"2"), ("@l", b"86400000")];
        let (old, record) = bench.stored(&bench.record(&fields).owned_by(Some("ada".into()))).await?;
        let change = Change::set("x", "2").and_clear("y").and_set("z", "3");
        let new = bench.renamed(&old, &record, &change, grace).await?;
        let expected = change.made_to(&record);
        same_record("what was renamed", &bench.there("what was renamed", &new).await?, &expected)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn a_rename_moves_what_others_wrote(bench: Bench) -> Outcome {
    for grace in [None, Some(bench.late())] {
        let (old, record) = bench.session().await?;
        bench.updated(&old, &record, &Change::set("y", "theirs").and_set("@x", "theirs")).await?;
        let there = bench.there("what others updated", &old).await?;
        let mine = Change::set("x", "2");
        let new = bench.renamed(&old, &record, &mine, grace).await?;
        let expected = mine.made_to(&there);
        same_record("what was renamed", &bench.there("what was renamed", &new).await?, &expected)?;
    }
    Ok(())
}

pub(in crate::conformance) async fn without_grace_the_old_key_is_dead_at_once(bench: Bench) -> Outcome {
    let (old, record) = bench.session().await?;
    let new = bench.renamed(&old, &record, &Change::nothing(), None).await?;
    let there = bench.there("what was renamed", &new).await?;
    bench.dead_by_a_rename("the old key of a rename", &old).await?;
    same_record("what was renamed", &bench.there("what was renamed", &new).await?, &there)
}

pub(in crate::conformance) async fn without_grace_a_sign_out_finds_the_session(bench: Bench) -> Outcome {
    let (old, record) = bench.session().await?;
    let new = bench.renamed(&old, &record, &Change::nothing(), None).await?;
    for _ in 0..2 {
        let removed = bench.store.remove(&old).await?;
        answers!("a remove under the old key", removed, Removed::Moved(to) if to == new);
        bench.there("what was renamed", &new).await?;
    }
    answers!("a remove under the new key", bench.store.remove(&new).await?, Removed::Done);
    bench.absent("what was removed", &new).await
}

pub(in crate::conformance) async fn without_grace_a_sign_out_finds_the_way_over_several_renames(
    bench: Bench,
) -> Outcome {
    let (first, record) = bench.session().await?;
    let second = bench.renamed(&first, &record, &Change::nothing(), None).await?;
    let third = bench.renamed(&second, &record, &Change::nothing(), None).await?;
    let removed = bench.store.remove(&first).await?;
    // A store may bring the way up to date, or leave each rename its own.
    let next =
        answers!("a remove under the first key", removed, Removed::Moved(to) if to == second || to == third => to);
    if next == second {
        let removed = bench.store.remove(&second).await?;
        answers!("a remove under the second key", removed, Removed::Moved(to) if to == third);
    }
    answers!("a remove under the third key", bench.store.remove(&third).await?, Removed::Done);
    Ok(())
}

pub(in crate::conformance) async fn without_grace_the_way_is_forgotten_in_the_end(bench: Bench) -> Outcome {
    let (old, record) = bench.session().await?;
    let earliest = bench.now() + POINTER_LIFE;
    let new = bench.renamed(&old, &record, &Change::nothing(), None).await?;
    let latest = bench.now() + POINTER_LIFE;
    bench.just_before(earliest);
    let removed = bench.store.remove(&old).await?;
    answers!("a remove just before the way is forgotten", removed, Removed::Moved(to) if to == new);
    bench.reach(latest).await;
    bench.dead("the old key of a rename, much later", &old).await?;
    let inserted = bench.store.insert(&old, &bench.record(&[("y", b"2")])).await?;
    answers!("an insert under a key that nothing is under any more", inserted, Inserted::Done);
    bench.there("what was renamed", &new).await?;
    Ok(())
}
