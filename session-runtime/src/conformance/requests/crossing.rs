//! Requests of one visitor that overtake each other.

use std::time::Duration;

use super::visitor::{Visit, Visitor};
use crate::conformance::bench::{Bench, at_once};
use crate::conformance::seen::{Outcome, same};
use crate::expiry::Expiry;
use crate::store::BoxFuture;

/// A visitor with a session of one field, which every request from now on extends at its end.
async fn signed_in(bench: &Bench) -> Outcome<Visitor> {
    let expiry = Expiry::idle(Duration::from_hours(1)).touch_after(Duration::ZERO);
    let mut visitor = Visitor::through(bench, |layer| layer.expiry(expiry));
    visitor.visit(|account| account.set_user(7_u32)).await?;
    bench.reach(bench.now() + Duration::from_millis(1)).await;
    Ok(visitor)
}

pub(in crate::conformance) async fn t40_a_slow_reader_revives_nothing(bench: Bench) -> Outcome {
    let mut visitor = signed_in(&bench).await?;
    let id = visitor.id()?;
    let slow = visitor.begin(|account| same("what a slow reader sees", &account.user(), &Some(7))).await?;
    visitor.visit(Visit::destroy).await?;
    bench.absent("what was signed out", &id.store_key()).await?;
    slow.finish().await?.brings_no_session("a reader that ends after the sign-out")?;
    bench.absent("what was signed out, after the reader", &id.store_key()).await?;
    let mut replaying = visitor.holding(id.as_str());
    replaying.visit(|account| same("what the id shows after the sign-out", &account.user(), &None)).await?;
    Ok(())
}

pub(in crate::conformance) async fn t41_what_is_written_beside_a_slow_reader_survives(bench: Bench) -> Outcome {
    let mut visitor = signed_in(&bench).await?;
    let slow = visitor.begin(|account| same("what a slow reader sees", &account.user(), &Some(7))).await?;
    visitor.visit(|account| account.set_user(8_u32)).await?;
    slow.finish().await?;
    visitor.visit(|account| same("what was written beside a reader", &account.user(), &Some(8))).await?;
    Ok(())
}

pub(in crate::conformance) async fn t42_two_writers_of_different_fields_both_survive(bench: Bench) -> Outcome {
    let mut visitor = signed_in(&bench).await?;
    let slow = visitor.begin(|account| account.set_user(8_u32)).await?;
    visitor.visit(|account| account.set_note("written meanwhile")).await?;
    slow.finish().await?;
    let note = |account: &Visit| account.note().is_some_and(|note| note == "written meanwhile");
    visitor.visit(move |account| same("whether the other's field survived", &note(account), &true)).await?;
    visitor.visit(|account| same("the slow writer's field", &account.user(), &Some(8))).await?;
    Ok(())
}

pub(in crate::conformance) async fn t42_what_many_add_to_one_field_adds_up(bench: Bench) -> Outcome {
    let mut visitor = signed_in(&bench).await?;
    let mut slow = Vec::new();
    for _ in 0..16 {
        slow.push(visitor.begin(|account| *account.hits_mut() += 1).await?);
    }
    visitor.visit(|account| *account.hits_mut() += 100).await?;
    at_once(slow.into_iter().map(|slow| -> BoxFuture<'static, _> { Box::pin(slow.finish()) })).await?;
    visitor.visit(|account| same("the sum of what 17 requests added", &account.hits(), &116)).await?;
    Ok(())
}
