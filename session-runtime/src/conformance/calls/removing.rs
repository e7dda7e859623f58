//! `remove` ends a session for good.

use crate::conformance::bench::Bench;
use crate::conformance::seen::{Outcome, answers, same_fields};
use crate::store::{Inserted, Removed, SessionStore as _};

pub(in crate::conformance) async fn t58_a_removed_session_is_absent(bench: Bench) -> Outcome {
    for owner in [None, Some("ada")] {
        let key = bench.insert(&bench.record(&[("x", b"1")]).owned_by(owner.map(Into::into))).await?;
        answers!("a remove", bench.store.remove(&key).await?, Removed::Done);
        bench.absent("what was removed", &key).await?;
    }
    Ok(())
}

pub(in crate::conformance) async fn t59_a_second_remove_is_missing(bench: Bench) -> Outcome {
    let (key, _) = bench.session().await?;
    answers!("a remove", bench.store.remove(&key).await?, Removed::Done);
    answers!("a second remove", bench.store.remove(&key).await?, Removed::Missing);
    Ok(())
}

pub(in crate::conformance) async fn nothing_but_an_insert_follows_a_remove(bench: Bench) -> Outcome {
    let (key, _) = bench.session().await?;
    answers!("a remove", bench.store.remove(&key).await?, Removed::Done);
    bench.dead("what was removed", &key).await?;
    let next = bench.record(&[("y", b"2")]);
    answers!("an insert after a remove", bench.store.insert(&key, &next).await?, Inserted::Done);
    same_fields("what followed on what was removed", &bench.there("what was inserted", &key).await?, &next)
}
