//! When sessions end: T23, T24, T30 to T37, and security lines 15 to 18.

use session_runtime::{Expiry, Key, Session};
use std::time::Duration;

use session_tests::{Keeping, Kept, Notes, over_every_store};

over_every_store!(
    t23_s09_a_browser_session_has_neither_max_age_nor_expires,
    t24_s18_the_cookie_ends_with_the_session,
    t30_s15_every_use_moves_the_end_of_an_idle_session,
    t30_a_use_within_a_tenth_of_the_idle_time_sets_no_cookie,
    t30_s15_a_browser_session_is_extended_by_its_use,
    t31_s16_no_use_moves_the_end_of_a_fixed_lifetime,
    t32_after_its_lifetime_a_session_begins_anew,
    t33_s15_a_session_that_is_not_used_ends,
    t33_s16_use_never_passes_the_absolute_limit,
    t34_s18_a_shorter_lifetime_ends_what_was_made_before_it,
    t36_s18_a_cookie_that_is_kept_past_the_end_is_worth_nothing,
    t37_remember_me_outlives_the_configured_end_and_no_more,
    t37_what_is_no_longer_remembered_ends_as_configured,
    s17_a_session_in_use_is_renewed,
);

const SECOND: Duration = Duration::from_secs(1);
const DATA: &str = r#"{"some":"data"}"#;

fn ending(keeping: Keeping, expiry: Expiry) -> Kept {
    Kept::with(keeping, |layer| layer.expiry(expiry))
}

async fn t23_s09_a_browser_session_has_neither_max_age_nor_expires(keeping: Keeping) {
    for expiry in [Expiry::default(), Expiry::lifetime(10 * SECOND).browser_session()] {
        let mut kept = ending(keeping, expiry);
        let answer = kept.get("/update?some=data").await;
        assert!(!answer.set_cookie().has("Max-Age") && !answer.set_cookie().has("Expires"));
    }
    let mut kept = ending(keeping, Expiry::lifetime(10 * SECOND).browser_session());
    kept.get("/update?some=data").await;
    kept.wait(10 * SECOND);
    assert_eq!(kept.get("/view").await.text(), "{}", "the browser is not what ends it");
}

async fn t24_s18_the_cookie_ends_with_the_session(keeping: Keeping) {
    let mut kept = ending(keeping, Expiry::idle(100 * SECOND).max_lifetime(150 * SECOND));
    assert_eq!(kept.get("/count").await.set_cookie().max_age(), Some(100));
    kept.wait(90 * SECOND);
    assert_eq!(kept.get("/count").await.set_cookie().max_age(), Some(60));
    kept.wait(60 * SECOND);
    assert_eq!(kept.get("/count").await.text(), "1");
}

async fn t30_s15_every_use_moves_the_end_of_an_idle_session(keeping: Keeping) {
    let mut kept = ending(keeping, Expiry::idle(10 * SECOND));
    kept.get("/update?some=data").await;
    let first = kept.held();
    kept.wait(2 * SECOND);
    let answer = kept.get("/view").await;
    assert_eq!(answer.set_cookie().max_age(), Some(10));
    assert_eq!(answer.set_cookie().value == first, !keeping.is_client_side());
    kept.wait(9 * SECOND);
    assert_eq!(kept.get("/view").await.text(), DATA);
}

async fn t30_a_use_within_a_tenth_of_the_idle_time_sets_no_cookie(keeping: Keeping) {
    let mut kept = ending(keeping, Expiry::idle(10 * SECOND));
    kept.get("/update?some=data").await;
    kept.wait(SECOND);
    assert!(kept.get("/view").await.sets_no_cookie());
}

async fn t30_s15_a_browser_session_is_extended_by_its_use(keeping: Keeping) {
    let mut kept = ending(keeping, Expiry::idle(10 * SECOND).browser_session());
    kept.get("/update?some=data").await;
    for _ in 0..4 {
        kept.wait(8 * SECOND);
        let answer = kept.get("/view").await;
        assert_eq!(answer.text(), DATA);
        assert_eq!(answer.sets_no_cookie(), !keeping.is_client_side());
        let cookies = answer.set_cookies();
        assert!(cookies.iter().all(|cookie| !cookie.contains("Max-Age")), "{cookies:?}");
    }
}

async fn t31_s16_no_use_moves_the_end_of_a_fixed_lifetime(keeping: Keeping) {
    let mut kept = ending(keeping, Expiry::lifetime(10 * SECOND));
    let mut tokens = Vec::new();
    for expected in 1..=9_u64 {
        let answer = kept.get("/count").await;
        assert_eq!(answer.text(), expected.to_string());
        if !answer.sets_no_cookie() {
            assert_eq!(answer.set_cookie().max_age(), Some(11 - expected));
        }
        assert!(kept.get("/view").await.sets_no_cookie());
        tokens.push(kept.held());
        kept.wait(SECOND);
    }
    kept.wait(SECOND);
    for token in tokens {
        kept.hold(&token);
        assert_eq!(kept.get("/count").await.text(), "1");
    }
}

async fn t32_after_its_lifetime_a_session_begins_anew(keeping: Keeping) {
    let mut kept = ending(keeping, Expiry::lifetime(10 * SECOND));
    kept.get("/count").await;
    assert_eq!(kept.get("/count").await.text(), "2");
    kept.wait(10 * SECOND);
    let begun = kept.clock.now();
    assert_eq!(kept.get("/count").await.set_cookie().max_age(), Some(10));
    kept.visit::<Notes>(move |notes| assert_eq!(notes.metadata().created(), begun)).await;
    assert_eq!(kept.get("/count").await.text(), "2");
}

async fn t33_s15_a_session_that_is_not_used_ends(keeping: Keeping) {
    let millis = Duration::from_millis;
    let mut kept = ending(keeping, Expiry::idle(millis(200)).max_lifetime(SECOND));
    kept.get("/count").await;
    for (waited, expected) in [(100, "2"), (150, "3"), (200, "1")] {
        kept.wait(millis(waited));
        assert_eq!(kept.get("/count").await.text(), expected, "{waited} ms");
    }
}

async fn t33_s16_use_never_passes_the_absolute_limit(keeping: Keeping) {
    let millis = Duration::from_millis;
    let mut kept = ending(keeping, Expiry::idle(millis(200)).max_lifetime(SECOND));
    kept.get("/count").await;
    for expected in 2..=10 {
        kept.wait(millis(100));
        assert_eq!(kept.get("/count").await.text(), expected.to_string());
    }
    kept.wait(millis(100));
    assert_eq!(kept.get("/count").await.text(), "1");
}

async fn t34_s18_a_shorter_lifetime_ends_what_was_made_before_it(keeping: Keeping) {
    let key = Key::generate().expect("random bytes");
    let mut kept = Kept::under(keeping, key.clone(), |layer| layer.expiry(Expiry::lifetime(100 * SECOND)));
    kept.get("/update?some=data").await;
    kept.wait(10 * SECOND);
    let mut shorter = kept.restarted(key, |layer| layer.expiry(Expiry::lifetime(10 * SECOND)));
    assert_eq!(kept.get("/view").await.text(), DATA);
    assert_eq!(shorter.get("/view").await.text(), "{}");
    assert_eq!(shorter.get("/origin").await.text(), "Expired");
}

async fn t36_s18_a_cookie_that_is_kept_past_the_end_is_worth_nothing(keeping: Keeping) {
    for expiry in
        [Expiry::idle(10 * SECOND), Expiry::lifetime(10 * SECOND), Expiry::idle(10 * SECOND).browser_session()]
    {
        let mut kept = ending(keeping, expiry);
        kept.get("/update?some=data").await;
        let token = kept.held();
        assert_eq!(kept.other_holding(&token).get("/view").await.text(), DATA);
        kept.wait(10 * SECOND);
        let mut late = kept.other_holding(&token);
        assert_eq!(late.get("/view").await.text(), "{}");
        if keeping.is_client_side() {
            assert_eq!(late.get("/origin").await.text(), "Expired");
        }
        assert_eq!(late.get("/update?key=value").await.text(), r#"{"key":"value"}"#);
    }
}

fn remember(notes: &mut Session<Notes>) {
    notes.set_some("data");
    notes.set_lifetime(100 * SECOND);
}

async fn t37_remember_me_outlives_the_configured_end_and_no_more(keeping: Keeping) {
    let mut kept = ending(keeping, Expiry::idle(10 * SECOND).browser_session());
    assert_eq!(kept.get("/update?key=value").await.set_cookie().max_age(), None);
    assert_eq!(kept.visit::<Notes>(remember).await.set_cookie().max_age(), Some(100));
    let token = kept.held();
    kept.wait(50 * SECOND);
    assert!(kept.get("/view").await.sets_no_cookie());
    if keeping.is_client_side() {
        assert_eq!(kept.get("/count").await.set_cookie().max_age(), Some(50));
    }
    kept.wait(49 * SECOND);
    assert_eq!(kept.get("/count").await.status, 200);
    assert_eq!(kept.get("/view").await.text(), r#"{"some":"data","key":"value"}"#);
    kept.wait(SECOND);
    assert_eq!(kept.get("/view").await.text(), "{}");
    kept.hold(&token);
    assert_eq!(kept.get("/view").await.text(), "{}");
}

async fn t37_what_is_no_longer_remembered_ends_as_configured(keeping: Keeping) {
    let mut kept = ending(keeping, Expiry::idle(10 * SECOND).browser_session());
    kept.visit::<Notes>(remember).await;
    let forgotten = kept.visit::<Notes>(|notes| notes.reset_lifetime()).await;
    assert!(!forgotten.set_cookie().has("Max-Age") && !forgotten.set_cookie().has("Expires"));
    kept.wait(9 * SECOND);
    assert_eq!(kept.get("/view").await.text(), DATA);
    kept.wait(10 * SECOND);
    assert_eq!(kept.get("/view").await.text(), "{}");
}

async fn s17_a_session_in_use_is_renewed(keeping: Keeping) {
    let hour = Duration::from_hours(1);
    let mut kept = ending(keeping, Expiry::default().rotate_every(hour));
    kept.get("/update?some=data").await;
    let (first, begun) = (kept.held(), kept.clock.now());
    kept.wait(3599 * SECOND);
    assert!(kept.get("/view").await.sets_no_cookie());
    kept.wait(SECOND);
    if kept.keeping.is_client_side() {
        return assert!(kept.get("/view").await.sets_no_cookie(), "nothing would end with it");
    }
    assert_ne!(kept.get("/view").await.set_cookie().value, first);
    let renewed = kept.clock.now();
    kept.visit::<Notes>(move |notes| {
        assert_eq!((notes.metadata().created(), notes.metadata().renewed()), (begun, renewed));
    })
    .await;
    assert!(kept.get("/view").await.sets_no_cookie(), "once, until the next hour has passed");
    assert_eq!(kept.get("/view").await.text(), DATA);
}
