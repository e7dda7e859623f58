//! What the id before a rotation is worth: all for the grace, and nothing after it.

use std::time::Duration;

use session_runtime::{Expiry, SessionHandle};
use session_tests::{Visitor, load};

use super::{Account, GRACE, MILLISECOND, Rotating, SECOND, SPAN, almost, hourly, layer, read, renew};

#[tokio::test]
async fn the_old_id_reads_the_session_until_the_grace_ends() {
    let (site, mut before) = Rotating::rotated().await;
    for wait in [Duration::ZERO, almost(GRACE)] {
        site.clock.advance(wait);
        let answer = read(&mut before).await;
        assert_eq!(answer.text(), "Loaded 7 0");
        assert!(answer.sets_no_cookie(), "the response that rotated brings the new id");
    }
    site.clock.advance(MILLISECOND);
    let answer = read(&mut before).await;
    assert_eq!(answer.text(), "UnknownId 0 0");
    assert!(answer.sets_no_cookie());
}

#[tokio::test]
async fn the_grace_is_ten_seconds_where_it_is_not_set_or_set_to_less() {
    let unset = Expiry::default().rotate_every(SPAN);
    for expiry in [unset.clone(), unset.clone().rotation_grace(Duration::ZERO), unset.rotation_grace(MILLISECOND)] {
        let mut site = Rotating::new(expiry).await;
        site.clock.advance(SPAN);
        let mut before = site.visitor.clone();
        site.rotate().await;
        site.clock.advance(almost(10 * SECOND));
        assert_eq!(read(&mut before).await.text(), "Loaded 7 0");
        site.clock.advance(MILLISECOND);
        assert_eq!(read(&mut before).await.text(), "UnknownId 0 0");
    }
}

#[tokio::test]
async fn the_use_of_the_old_id_does_not_prolong_its_grace() {
    let (site, mut before) = Rotating::rotated().await;
    for _ in 0..9 {
        site.clock.advance(GRACE / 10);
        before.visit::<Account>(|account| *account.hits_mut() += 1).await;
    }
    site.clock.advance(GRACE / 10);
    assert_eq!(read(&mut before).await.text(), "UnknownId 0 0");
    assert_eq!(site.fields().await, "hits=9 user=7");
}

#[tokio::test]
async fn a_write_through_the_old_id_reaches_the_session_and_sends_no_cookie() {
    let (mut site, mut before) = Rotating::rotated().await;
    let answer = before.visit::<Account>(|account| account.set_hits(1)).await;
    assert!(answer.sets_no_cookie());
    assert_eq!(site.asked(), "load; load; update hits=1");
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 1");
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn a_save_through_the_old_id_reaches_the_session_and_sends_no_cookie() {
    let (mut site, mut before) = Rotating::rotated().await;
    let save = async |handle: SessionHandle| {
        let mut account = load::<Account>(&handle).await;
        account.set_hits(1);
        account.save().await.expect("saved");
        account.reload().await.expect("reloaded");
        account.set_user(account.hits() + 7);
    };
    assert!(before.act(save).await.sets_no_cookie());
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 8 1");
}

#[tokio::test]
async fn after_the_grace_a_write_through_the_old_id_begins_another_session() {
    let (mut site, mut before) = Rotating::rotated().await;
    let old = before.held();
    site.clock.advance(GRACE);
    let answer = before.visit::<Account>(|account| account.set_hits(1)).await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_ne!(before.held(), old, "a dead id is not adopted");
    assert_ne!(before.held(), site.visitor.held());
    assert_eq!(read(&mut before).await.text(), "Loaded 0 1");
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
}

#[tokio::test]
async fn regenerate_id_knows_no_grace_though_a_rotation_is_due() {
    let mut site = Rotating::due().await;
    let mut before = site.visitor.clone();
    let answer = site.visitor.visit::<Account>(renew).await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_eq!(site.asked(), "load; rename");
    assert_eq!(read(&mut before).await.text(), "UnknownId 0 0");
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
}

#[tokio::test]
async fn regenerate_id_through_the_old_id_ends_both_ids_before() {
    let (site, mut oldest) = Rotating::rotated().await;
    let mut older = site.visitor.clone();
    let mut visitor = oldest.clone();
    let answer = visitor.visit::<Account>(renew).await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_eq!(read(&mut visitor).await.text(), "Loaded 7 0");
    for dead in [&mut oldest, &mut older] {
        let answer = read(dead).await;
        assert_eq!(answer.text(), "UnknownId 0 0");
        assert!(answer.sets_no_cookie());
    }
    assert_eq!(site.store.len(), 1);
}

/// As after a deployment that shortens it.
#[tokio::test]
async fn a_grace_that_outlasts_the_span_renews_no_id_through_the_old_one() {
    let (site, before) = Rotating::rotated().await;
    let shorter = hourly().rotate_every(SECOND).rotation_grace(10 * SECOND);
    let mut before = Visitor::through(layer(&site.store, &site.clock, shorter)).holding(&before.held());
    site.clock.advance(10 * SECOND);
    let answer = read(&mut before).await;
    assert_eq!(answer.text(), "Loaded 7 0");
    assert!(answer.sets_no_cookie());
    assert_eq!(site.asked(), "load; load");
}

#[tokio::test]
async fn with_a_span_and_a_grace_of_nothing_ten_seconds_lie_between_two_ids() {
    let nothing = hourly().rotate_every(Duration::ZERO).rotation_grace(Duration::ZERO);
    let mut site = Rotating::new(nothing).await;
    for _ in 0..3 {
        site.clock.advance(almost(10 * SECOND));
        assert!(read(&mut site.visitor).await.sets_no_cookie());
        site.clock.advance(MILLISECOND);
        site.rotate().await;
    }
}
