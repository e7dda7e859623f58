//! A session that is given a new id.

use super::visitor::Visitor;
use crate::conformance::bench::Bench;
use crate::conformance::seen::{Outcome, Seen, same};
use crate::expiry::Expiry;

pub(in crate::conformance) async fn t38_a_new_id_keeps_the_data_and_kills_the_old_one(bench: Bench) -> Outcome {
    let mut visitor = Visitor::of(&bench);
    visitor.visit(|account| account.set_note("kept")).await?;
    let old = visitor.id()?;
    visitor
        .visit(|account| {
            account.set_user(7_u32);
            account.regenerate_id();
        })
        .await?;
    if visitor.id()? == old {
        return Err(Seen::new("a session that asked for a new id kept its own"));
    }
    bench.dead_by_a_rename("the old id", &old.store_key()).await?;
    let mut replaying = visitor.clone().holding(old.as_str());
    replaying.visit(|account| same("what the old id shows", &account.user(), &None)).await?;
    visitor.visit(|account| same("what was set with the new id", &account.user(), &Some(7))).await?;
    let kept = |note: Option<&String>| note.is_some_and(|note| note == "kept");
    visitor.visit(move |account| same("whether the data was kept", &kept(account.note()), &true)).await?;
    Ok(())
}

pub(in crate::conformance) async fn t43_nothing_is_written_under_an_id_that_was_renewed_at_a_sign_in(
    bench: Bench,
) -> Outcome {
    let mut visitor = Visitor::of(&bench);
    visitor.visit(|account| account.set_note("first")).await?;
    let old = visitor.id()?;
    let slow = visitor.begin(|account| account.set_note("under the dead id")).await?;
    visitor
        .visit(|account| {
            account.set_user(7_u32);
            account.regenerate_id();
        })
        .await?;
    slow.finish().await?.brings_no_session("a request under an id that was renewed meanwhile")?;
    bench.dead_by_a_rename("the old id", &old.store_key()).await?;
    let first = |note: Option<&String>| note.is_some_and(|note| note == "first");
    visitor.visit(move |account| same("whether the note is the first", &first(account.note()), &true)).await?;
    visitor.visit(|account| same("who is signed in", &account.user(), &Some(7))).await?;
    Ok(())
}

pub(in crate::conformance) async fn t43_a_rotation_signs_out_nobody_within_its_grace(bench: Bench) -> Outcome {
    let grace = bench.soon().saturating_since(bench.now()).max(Expiry::LEAST_GRACE);
    let expiry = Expiry::default().rotate_every(grace).rotation_grace(grace);
    let mut visitor = Visitor::through(&bench, |layer| layer.expiry(expiry));
    visitor.visit(|account| account.set_user(7_u32)).await?;
    let old = visitor.id()?;
    bench.reach(bench.now() + grace).await;
    let slow = visitor.begin(|account| account.set_note("of the other")).await?;
    let mut other = visitor.clone();
    visitor.visit(|account| same("who is signed in", &account.user(), &Some(7))).await?;
    if visitor.id()? == old {
        return Err(Seen::new("a session whose id was to be renewed kept its own"));
    }
    let latest = bench.now() + grace;
    slow.finish().await?.brings_no_session("a request beside a rotation, whose response brings the new id")?;
    let noted = |note: Option<&String>| note.is_some_and(|note| note == "of the other");
    visitor.visit(move |account| same("whether the other's write arrived", &noted(account.note()), &true)).await?;
    let behind = other.visit(|account| same("who is signed in with the old id", &account.user(), &Some(7))).await?;
    behind.brings_no_session("a request with the old id, within the grace")?;
    bench.reach(latest).await;
    let mut late = visitor.clone().holding(old.as_str());
    late.visit(|account| same("what the old id shows after the grace", &account.user(), &None)).await?;
    visitor.visit(|account| same("who is signed in with the new id", &account.user(), &Some(7))).await?;
    Ok(())
}
