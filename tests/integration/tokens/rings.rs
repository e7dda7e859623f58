//! Keys change and nobody is signed out: T46, T47 and security line 34.

use session_runtime::{Expiry, Key, KeyRing, SessionLayer};
use session_tests::{Keeping, Kept, Notes, over_every_keyed_store};
use std::time::Duration;

use super::{key, key_of};

over_every_keyed_store!(
    t46_s32_another_key_opens_nothing_and_asks_nothing,
    t47_what_an_old_key_made_is_read_and_not_made_anew_by_reading,
    t47_a_write_makes_it_anew,
    t47_a_due_touch_makes_it_anew,
    t47_a_due_touch_makes_it_anew_where_the_browser_ends_the_cookie,
    t47_without_the_old_key_it_is_empty,
    t47_servers_that_learn_of_a_new_key_one_by_one_agree,
    t47_a_new_id_and_a_rotation_are_made_with_the_new_key,
    s34_what_a_revoked_key_made_opens_never_again,
    s34_a_ring_of_many_keys_opens_what_any_of_them_made,
);

const DATA: &str = r#"{"some":"data"}"#;
const MINUTE: Duration = Duration::from_mins(1);

fn lasting(layer: SessionLayer) -> SessionLayer {
    layer.expiry(Expiry::lifetime(60 * MINUTE))
}

/// A visitor with a session that the old key made, the application having been started again with both keys.
async fn with_both_keys(keeping: Keeping, configure: fn(SessionLayer) -> SessionLayer) -> (Kept, Key, Key) {
    let (old, new) = (key(), key());
    let mut before = Kept::under(keeping, old.clone(), configure);
    before.get("/update?some=data").await;
    assert_eq!(key_of(&before.held()), old.id().to_string());
    let after = before.restarted(KeyRing::new(new.clone()).opens(old.clone()), configure);
    (after, old, new)
}

async fn t46_s32_another_key_opens_nothing_and_asks_nothing(keeping: Keeping) {
    let mut kept = Kept::under(keeping, key(), |layer| layer);
    kept.get("/update?some=data").await;
    let mut other = kept.restarted(key(), |layer| layer);
    kept.calls();
    let answer = other.get("/view").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "{}"));
    assert!(answer.sets_no_cookie());
    assert_eq!(other.get("/origin").await.text(), "BadSignature");
    assert_eq!(other.calls(), "none");
    assert_eq!(kept.get("/view").await.text(), DATA);
}

async fn t47_what_an_old_key_made_is_read_and_not_made_anew_by_reading(keeping: Keeping) {
    let (mut kept, old, _) = with_both_keys(keeping, lasting).await;
    for _ in 0..3 {
        kept.wait(MINUTE);
        let answer = kept.get("/view").await;
        assert_eq!(answer.text(), DATA);
        assert!(answer.sets_no_cookie());
    }
    assert!(kept.get("/update?some=data").await.sets_no_cookie(), "nothing was changed");
    assert_eq!(key_of(&kept.held()), old.id().to_string());
}

async fn t47_a_write_makes_it_anew(keeping: Keeping) {
    let (mut kept, _, new) = with_both_keys(keeping, lasting).await;
    kept.wait(10 * MINUTE);
    let answer = kept.get("/update?key=value").await;
    assert_eq!(key_of(answer.set_cookie().value), new.id().to_string());
    assert_eq!(answer.set_cookie().max_age(), Some(50 * 60), "its end is what it was");
    let mut without = kept.restarted(new, lasting);
    assert_eq!(without.get("/view").await.text(), r#"{"some":"data","key":"value"}"#);
}

async fn t47_a_due_touch_makes_it_anew(keeping: Keeping) {
    let idle = |layer: SessionLayer| layer.expiry(Expiry::idle(60 * MINUTE));
    let (mut kept, _, new) = with_both_keys(keeping, idle).await;
    kept.wait(6 * MINUTE);
    assert!(kept.get("/view").await.sets_no_cookie());
    kept.wait(MINUTE);
    let answer = kept.get("/view").await;
    assert_eq!(key_of(answer.set_cookie().value), new.id().to_string());
    assert_eq!(answer.set_cookie().max_age(), Some(60 * 60));
    let mut without = kept.restarted(new, idle);
    assert_eq!(without.get("/view").await.text(), DATA);
}

async fn t47_a_due_touch_makes_it_anew_where_the_browser_ends_the_cookie(keeping: Keeping) {
    let idle = |layer: SessionLayer| layer.expiry(Expiry::idle(60 * MINUTE).browser_session());
    let (mut kept, _, new) = with_both_keys(keeping, idle).await;
    assert!(kept.get("/view").await.sets_no_cookie());
    kept.wait(7 * MINUTE);
    let answer = kept.get("/view").await;
    assert_eq!(key_of(answer.set_cookie().value), new.id().to_string());
    assert!(!answer.set_cookie().has("Max-Age"));
    assert!(kept.get("/view").await.sets_no_cookie(), "once");
    kept.wait(59 * MINUTE);
    let mut without = kept.restarted(new, idle);
    assert_eq!(without.get("/view").await.text(), DATA);
}

async fn t47_without_the_old_key_it_is_empty(keeping: Keeping) {
    let (kept, _, new) = with_both_keys(keeping, lasting).await;
    let mut without = kept.restarted(new, lasting);
    let answer = without.get("/view").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "{}"));
    assert!(answer.sets_no_cookie());
    assert_eq!(without.get("/origin").await.text(), "BadSignature");
    assert_eq!(without.get("/update?key=value").await.text(), r#"{"key":"value"}"#);
}

/// First every server learns to open what the new key makes, then they make with it.
async fn t47_servers_that_learn_of_a_new_key_one_by_one_agree(keeping: Keeping) {
    let (old, new) = (key(), key());
    let rings = [
        KeyRing::new(old.clone()),
        KeyRing::new(old.clone()).opens(new.clone()),
        KeyRing::new(new.clone()).opens(old.clone()),
        KeyRing::new(old.clone()).opens(new.clone()),
        KeyRing::new(new.clone()).opens(old),
        KeyRing::new(new),
    ];
    let mut kept = Kept::under(keeping, key(), lasting);
    for (count, ring) in (1..).zip(rings) {
        kept = kept.restarted(ring, lasting);
        assert_eq!(kept.get("/count").await.text(), count.to_string());
    }
}

async fn t47_a_new_id_and_a_rotation_are_made_with_the_new_key(keeping: Keeping) {
    let rotating = |layer: SessionLayer| layer.expiry(Expiry::lifetime(600 * MINUTE).rotate_every(60 * MINUTE));
    let (mut renewed, _, new) = with_both_keys(keeping, rotating).await;
    let answer = renewed.visit::<Notes>(|notes| notes.regenerate_id()).await;
    assert_eq!(key_of(answer.set_cookie().value), new.id().to_string());
    assert_eq!(renewed.restarted(new, rotating).get("/view").await.text(), DATA);
    if keeping.is_client_side() {
        return;
    }
    let (mut rotated, _, new) = with_both_keys(keeping, rotating).await;
    rotated.wait(60 * MINUTE);
    assert_eq!(key_of(rotated.get("/view").await.set_cookie().value), new.id().to_string());
    assert_eq!(rotated.restarted(new, rotating).get("/view").await.text(), DATA);
}

async fn s34_what_a_revoked_key_made_opens_never_again(keeping: Keeping) {
    let (mut kept, old, new) = with_both_keys(keeping, lasting).await;
    assert_eq!(kept.get("/view").await.text(), DATA);
    let ring = || KeyRing::new(new.clone()).opens(old.clone());
    for ring in [ring().revokes(old.id()), KeyRing::new(new.clone()).revokes(old.id()).opens(old.clone())] {
        let mut revoked = kept.restarted(ring, lasting);
        kept.calls();
        let answer = revoked.get("/view").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "{}"));
        assert!(answer.sets_no_cookie());
        assert_eq!(revoked.get("/origin").await.text(), "BadSignature");
        assert_eq!(revoked.calls(), "none");
    }
}

async fn s34_a_ring_of_many_keys_opens_what_any_of_them_made(keeping: Keeping) {
    let keys: Vec<_> = (0..5).map(|_| key()).collect();
    let made = Kept::under(keeping, keys[0].clone(), lasting);
    let mut all = KeyRing::new(keys[0].clone());
    for key in &keys[1..] {
        all = all.opens(key.clone());
    }
    for key in keys {
        let mut one = made.restarted(key, lasting);
        one.get("/update?some=data").await;
        let mut ring = one.restarted(all.clone(), lasting);
        assert_eq!(ring.get("/view").await.text(), DATA);
    }
}
