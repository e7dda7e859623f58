//! When Redis frees what it holds: at the moment that the cookie tells, and never later. T30 to T37, T60 to T62 and T65 to T67 over Redis.

use std::time::Duration;

use session_runtime::conformance::{Subject, check};
use session_runtime::record::{Record, Stamp};
use session_runtime::store::{ExpiryChange, Update, Updated};
use session_runtime::{Clock, Expiry, RedisStore, Session, SessionStore as _, StoreKey};
use session_servers::Redis;
use session_tests::{Answer, Visits, delta};

use crate::support::{PREFIX, Watched, until};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

async fn ending(expiry: Expiry) -> Watched {
    Watched::with(|layer| layer.expiry(expiry)).await
}

impl Watched {
    /// Redis frees the session when this time has passed.
    fn ends_in(&self, span: Duration) {
        assert_eq!(self.end_of(&self.key()), (self.clock.now() + span).as_millis());
        self.nothing_stays();
    }

    /// The same, as the cookie of this answer tells the browser.
    fn ends_with(&self, answer: &Answer, span: Duration) {
        assert_eq!(answer.set_cookie().max_age(), Some(span.as_secs()));
        self.ends_in(span);
    }
}

#[tokio::test]
async fn t60_a_session_ends_in_redis_when_its_cookie_does() {
    for expiry in [Expiry::idle(HOUR), Expiry::lifetime(HOUR), Expiry::idle(HOUR).max_lifetime(DAY)] {
        let mut watched = ending(expiry).await;
        let answer = watched.get("/count").await;
        watched.ends_with(&answer, HOUR);
    }
    let mut watched = ending(Expiry::idle(DAY).max_lifetime(HOUR)).await;
    let answer = watched.get("/count").await;
    watched.ends_with(&answer, HOUR);
}

#[tokio::test]
async fn t66_a_session_whose_cookie_has_no_end_has_one_in_redis() {
    let mut watched = Watched::new().await;
    assert_eq!(watched.get("/count").await.set_cookie().max_age(), None);
    watched.ends_in(DAY);
    let mut watched = ending(Expiry::lifetime(HOUR).browser_session()).await;
    assert_eq!(watched.get("/count").await.set_cookie().max_age(), None);
    watched.ends_in(HOUR);
}

#[tokio::test]
async fn t30_reading_moves_the_end_of_an_idle_session_in_redis() {
    let mut watched = ending(Expiry::idle(10 * HOUR)).await;
    watched.get("/count").await;
    watched.wait(2 * HOUR);
    let answer = watched.get("/view").await;
    watched.ends_with(&answer, 10 * HOUR);
}

/// Here no cookie has to be sent: the load itself extends.
#[tokio::test]
async fn t30_reading_moves_the_end_of_a_browser_session_in_redis() {
    let mut watched = Watched::new().await;
    watched.get("/count").await;
    watched.wait(3 * HOUR);
    assert!(watched.get("/view").await.sets_no_cookie());
    watched.ends_in(DAY);
}

/// The store remembers a later end than the session has by now: a load finds it due, and is followed by a touch.
#[tokio::test]
async fn t30_reading_moves_the_end_of_a_session_that_another_process_shortened() {
    let mut watched = Watched::new().await;
    watched.get("/count").await;
    let key = watched.key();
    let earlier = (watched.clock.now() + 20 * HOUR).as_millis().to_string();
    watched.ask(&["HSET", &key, "@expires", &earlier]);
    watched.ask(&["PEXPIREAT", &key, &earlier]);
    watched.get("/view").await;
    watched.ends_in(DAY);
}

#[tokio::test]
async fn t30_use_within_a_tenth_of_the_idle_time_moves_nothing() {
    let mut watched = ending(Expiry::idle(10 * HOUR)).await;
    watched.get("/count").await;
    watched.wait(HOUR);
    assert!(watched.get("/view").await.sets_no_cookie());
    assert!(watched.get("/count").await.sets_no_cookie());
    watched.ends_in(9 * HOUR);
}

#[tokio::test]
async fn t30_a_change_moves_the_end_of_an_idle_session_in_redis() {
    let mut watched = ending(Expiry::idle(10 * HOUR)).await;
    watched.get("/count").await;
    watched.wait(2 * HOUR);
    let answer = watched.get("/count").await;
    watched.ends_with(&answer, 10 * HOUR);
}

#[tokio::test]
async fn t31_no_use_moves_the_end_of_a_fixed_lifetime_in_redis() {
    let mut watched = ending(Expiry::lifetime(10 * HOUR)).await;
    watched.get("/count").await;
    watched.wait(2 * HOUR);
    assert!(watched.get("/view").await.sets_no_cookie());
    watched.ends_in(8 * HOUR);
    assert!(watched.get("/count").await.sets_no_cookie());
    watched.ends_in(8 * HOUR);
}

#[tokio::test]
async fn t33_no_use_moves_the_end_past_the_longest_lifetime_in_redis() {
    let mut watched = ending(Expiry::idle(10 * HOUR).max_lifetime(15 * HOUR)).await;
    watched.get("/count").await;
    watched.wait(9 * HOUR);
    let answer = watched.get("/view").await;
    watched.ends_with(&answer, 6 * HOUR);
    watched.wait(5 * HOUR);
    watched.get("/count").await;
    watched.ends_in(HOUR);
}

#[tokio::test]
async fn t37_a_session_that_is_remembered_ends_in_redis_when_its_cookie_does() {
    let mut watched = Watched::new().await;
    let answer = watched.visit::<Visits>(remember).await;
    watched.ends_with(&answer, 30 * DAY);
    watched.wait(5 * DAY);
    watched.get("/view").await;
    watched.get("/count").await;
    watched.ends_in(25 * DAY);

    let answer = watched.visit::<Visits>(|visits| visits.reset_lifetime()).await;
    assert_eq!(answer.set_cookie().max_age(), None);
    watched.ends_in(DAY);
}

fn remember(visits: &mut Session<Visits>) {
    visits.set_hits(1);
    visits.set_lifetime(30 * DAY);
}

#[tokio::test]
async fn t38_what_a_new_id_leaves_behind_ends_in_redis_too() {
    let mut watched = ending(Expiry::lifetime(HOUR)).await;
    watched.get("/count").await;
    let old = watched.key();
    watched.wait(30 * MINUTE);
    watched.visit::<Visits>(|visits| visits.regenerate_id()).await;
    watched.ends_in(30 * MINUTE);
    assert_eq!(watched.end_of(&old), (watched.clock.now() + 10 * SECOND).as_millis());
}

#[tokio::test]
async fn s17_the_grace_of_an_old_id_ends_in_redis_too() {
    let grace = 30 * SECOND;
    let mut watched = ending(Expiry::lifetime(DAY).rotate_every(HOUR).rotation_grace(grace)).await;
    watched.get("/count").await;
    let old = watched.key();
    watched.wait(HOUR);
    let answer = watched.get("/view").await;
    watched.ends_with(&answer, 23 * HOUR);
    assert_eq!(watched.end_of(&old), (watched.clock.now() + grace).as_millis());
}

#[tokio::test]
async fn t09_what_a_sign_out_leaves_behind_ends_in_redis_within_a_minute() {
    let mut watched = Watched::new().await;
    watched.get("/count").await;
    let key = watched.key();
    watched.get("/destroy").await;
    assert_eq!(watched.end_of(&key), (watched.clock.now() + MINUTE).as_millis());
    watched.nothing_stays();
}

/// Without anybody asking for it, by the server's own time.
#[tokio::test]
async fn t64_redis_frees_what_has_ended_and_nothing_else() {
    let mut watched = ending(Expiry::lifetime(HOUR)).await;
    watched.get("/count").await;
    let stays = watched.key();
    let soon = |visits: &mut Session<Visits>| {
        visits.set_hits(1);
        visits.set_lifetime(SECOND / 4);
    };
    watched.other().visit::<Visits>(soon).await;
    watched.other().visit::<Visits>(soon).await;
    until("what has ended is freed", async || (watched.keys().len() == 1).then_some(())).await;
    assert_eq!(watched.keys(), [stays]);
}

/// The clock of an application is late: what ends soon by it has ended by the server's.
#[tokio::test]
async fn a_new_id_whose_session_has_ended_by_the_time_of_redis_is_one_all_the_same() {
    let watched = Watched::new().await;
    let [old, new] = [7, 8].map(|byte| StoreKey::from_bytes([byte; 32]));
    let now = watched.clock.now();
    let record = Record::new(now, now + DAY).apply(&delta(&[("hits", b"1")])).at_version(1);
    watched.store.insert(&old, &record).await.unwrap();
    let renew = delta(&[("hits", b"2")]);
    // A little later than the moment at which this test began.
    let soon = now + SECOND / 1_000;
    until("that has come for Redis", async || (Clock::system().now() > soon).then_some(())).await;
    let ends_soon = Update::new(&record, &renew, Stamp::next()).expiry(ExpiryChange::Set(soon));
    let renamed = watched.store.rename(&old, &new, &ends_soon, None).await;
    assert!(matches!(renamed, Ok(Updated::Done)), "{renamed:?}");
}

/// Whatever is asked of a store: each key has its prefix and an end.
#[test]
fn t65_t66_all_keys_have_the_prefix_and_an_end() {
    let redis = Redis::start().unwrap();
    let url = redis.url();
    let subject = Subject::with_clock(move |clock| {
        let url = url.clone();
        async move { RedisStore::connect(url).await.unwrap().clock(clock).key_prefix(PREFIX) }
    });
    let report = check(&subject);
    assert!(report.is_clean(), "{report}");

    let keys = redis.command(&["KEYS", "*"]).unwrap().texts();
    assert!(keys.len() > 100, "{}", keys.len());
    for key in keys {
        let of_the_prefix = key.strip_prefix(PREFIX).unwrap_or_default();
        assert!(of_the_prefix.len() == 43 || of_the_prefix.starts_with('@'), "{key}");
        let left = redis.command(&["PTTL", &key]).unwrap().text();
        assert_ne!(left, "-1", "{key}: {}", redis.command(&["TYPE", &key]).unwrap().text());
    }
}
