//! What a rotation does to the end of a session, and to the cookie that tells it.

use std::time::Duration;

use session_runtime::{Expiry, Session, SessionHandle, Timestamp};
use session_tests::{Visitor, load};

use super::{Account, GRACE, Rotating, SECOND, SPAN, Slow, hourly, read};

/// Idle for this long at most, with a cookie that tells so.
const IDLE: Duration = Duration::from_hours(2);

fn persistent() -> Expiry {
    Expiry::idle(IDLE).rotate_every(SPAN).rotation_grace(GRACE)
}

async fn due(expiry: Expiry) -> Rotating {
    let site = Rotating::new(expiry).await;
    site.clock.advance(SPAN);
    site
}

/// When the session of the visitor's id ends.
async fn end(site: &Rotating) -> Timestamp {
    let record = site.store.record(&site.visitor.held()).await;
    record.expect("a session").expires()
}

#[tokio::test]
async fn a_due_touch_and_a_rotation_are_one_call_and_one_cookie() {
    let mut site = due(persistent()).await;
    let answer = read(&mut site.visitor).await;
    assert_eq!(answer.set_cookie().max_age(), Some(IDLE.as_secs()));
    assert_eq!(site.asked(), "load; rename");
    assert_eq!(end(&site).await, site.clock.now() + IDLE);
}

#[tokio::test]
async fn a_rotation_before_a_touch_is_due_tells_how_much_is_left() {
    let mut site = due(persistent().touch_after(IDLE)).await;
    let left = end(&site).await;
    let answer = read(&mut site.visitor).await;
    assert_eq!(answer.set_cookie().max_age(), Some(IDLE.saturating_sub(SPAN).as_secs()));
    assert_eq!(end(&site).await, left);
}

#[tokio::test]
async fn a_browser_session_is_extended_by_its_load_and_its_new_cookie_has_no_end() {
    let mut site = due(persistent().browser_session()).await;
    let answer = read(&mut site.visitor).await;
    assert_eq!(answer.set_cookie().max_age(), None);
    assert!(!answer.set_cookie().has("Expires"));
    assert_eq!(site.asked(), "load; rename");
    assert_eq!(end(&site).await, site.clock.now() + IDLE);
}

#[tokio::test]
async fn a_touch_through_the_old_id_extends_the_session_and_sends_no_cookie() {
    let mut site = due(persistent().touch_after(Duration::ZERO)).await;
    let mut before = site.visitor.clone();
    site.rotate().await;
    site.clock.advance(SECOND);
    assert!(read(&mut before).await.sets_no_cookie());
    assert_eq!(site.asked(), "load; load; touch");
    assert_eq!(end(&site).await, site.clock.now() + IDLE);
}

#[tokio::test]
async fn a_write_that_extends_through_the_old_id_sends_no_cookie() {
    let mut site = due(persistent().touch_after(Duration::ZERO)).await;
    let mut before = site.visitor.clone();
    site.rotate().await;
    site.clock.advance(SECOND);
    let answer = before.visit::<Account>(|account| account.set_hits(1)).await;
    assert!(answer.sets_no_cookie());
    assert_eq!(end(&site).await, site.clock.now() + IDLE);
}

#[tokio::test]
async fn a_due_touch_that_a_rotation_overtakes_extends_the_session_and_sends_no_cookie() {
    let mut site = Rotating::new(persistent()).await;
    site.clock.advance(SPAN.saturating_sub(SECOND));
    let slow = Slow::request(&site.visitor, async |account| drop(account)).await;
    site.clock.advance(SECOND);
    site.rotate().await;
    site.clock.advance(SECOND);
    assert!(slow.finish().await.sets_no_cookie());
    assert_eq!(site.asked(), "touch; touch");
    assert_eq!(end(&site).await, site.clock.now() + IDLE);
}

#[tokio::test]
async fn no_rotation_moves_the_creation_or_the_lifetime_that_counts_from_it() {
    let mut site = due(Expiry::lifetime(IDLE).rotate_every(SPAN / 2).rotation_grace(GRACE)).await;
    let (created, ends) = (site.clock.now(), end(&site).await);
    let answer = created_of(&mut site.visitor).await;
    assert_eq!(Timestamp::from_millis(answer) + SPAN, created);
    site.clock.advance(SPAN.saturating_sub(SECOND));
    assert_eq!(created_of(&mut site.visitor).await, answer);
    assert_eq!(site.asked(), "load; rename; load; rename");
    assert_eq!(end(&site).await, ends);
    site.clock.advance(SECOND);
    assert_eq!(read(&mut site.visitor).await.text(), "UnknownId 0 0");
}

/// When the visitor's session was created, as a handler is told.
async fn created_of(visitor: &mut Visitor) -> u64 {
    let tell = async |handle: SessionHandle| {
        let metadata = load::<Account>(&handle).await.metadata();
        metadata.created().as_millis().to_string()
    };
    visitor.act(tell).await.text().parse().expect("milliseconds")
}

/// "Remember me", for 100 hours.
fn remember(account: &mut Session<Account>) {
    account.set_lifetime(Duration::from_hours(100));
}

#[tokio::test]
async fn a_session_with_a_lifetime_of_its_own_is_rotated_and_keeps_it() {
    let mut site = Rotating::new(hourly()).await;
    site.visitor.visit::<Account>(remember).await;
    let ends = end(&site).await;
    for hours in 1..4 {
        site.clock.advance(SPAN);
        let answer = read(&mut site.visitor).await;
        assert_eq!(answer.set_cookie().max_age(), Some(Duration::from_hours(100 - hours).as_secs()));
        assert_eq!(end(&site).await, ends);
        let record = site.store.record(&site.visitor.held()).await.expect("a session");
        assert_eq!(record.own_lifetime(), Some(Duration::from_hours(100)));
    }
}

#[tokio::test]
async fn a_lifetime_that_is_set_where_a_rotation_is_due_is_told_with_the_new_id() {
    let mut site = Rotating::due().await;
    let old = site.visitor.held();
    let answer = site.visitor.visit::<Account>(remember).await;
    assert_ne!(answer.set_cookie().value, old);
    assert_eq!(answer.set_cookie().max_age(), Some(Duration::from_hours(100).as_secs()));
    assert_eq!(site.asked(), "load; rename @l=360000000");
}
