//! Ids that stand for no session.

use std::time::Duration;

use super::visitor::Visitor;
use crate::conformance::bench::Bench;
use crate::conformance::seen::{Outcome, Seen, same};
use crate::expiry::Expiry;
use crate::id::SessionId;

pub(in crate::conformance) async fn t39_a_planted_id_is_never_adopted(bench: Bench) -> Outcome {
    let planted = SessionId::generate()?;
    let mut visitor = Visitor::of(&bench).holding(planted.as_str());
    visitor.visit(|account| same("what a planted id shows", &account.user(), &None)).await?;
    bench.absent("a planted id that was only read", &planted.store_key()).await?;
    visitor
        .visit(|account| {
            account.set_user(7_u32);
        })
        .await?;
    if visitor.id()? == planted {
        return Err(Seen::new("a planted id was adopted"));
    }
    bench.absent("a planted id that was written under", &planted.store_key()).await?;
    visitor.visit(|account| same("what was set beside a planted id", &account.user(), &Some(7))).await?;
    Ok(())
}

pub(in crate::conformance) async fn t36_a_kept_cookie_is_worth_nothing_after_the_end(bench: Bench) -> Outcome {
    let end = bench.soon();
    let life = end.saturating_since(bench.now()).max(Duration::from_secs(1));
    let mut visitor = Visitor::through(&bench, |layer| layer.expiry(Expiry::lifetime(life)));
    visitor
        .visit(|account| {
            account.set_user(7_u32);
        })
        .await?;
    let kept = visitor.id()?;
    visitor.visit(|account| same("what is set, before its end", &account.user(), &Some(7))).await?;
    bench.reach(bench.now() + life).await;
    let mut replaying = visitor.holding(kept.as_str());
    replaying.visit(|account| same("what a kept cookie shows after the end", &account.user(), &None)).await?;
    bench.absent("a session after its end", &kept.store_key()).await
}
