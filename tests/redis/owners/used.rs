//! Sessions that are used for months, and lists of which much is over.

use std::time::Duration;

use session_runtime::record::Stamp;
use session_runtime::store::{ExpiryChange, Loaded, Touched, Update, Updated};
use session_runtime::{Clock, RedisStore, Roll, SessionStore as _, StoreKey};
use session_servers::Redis;
use session_tests::delta;

use super::{DAY, HOUR, insert, listed, record};
use crate::support::functions::{RELIST, calls};
use crate::support::{PREFIX, Watched};

const IDLE: Duration = Duration::from_hours(20 * 24);
const LIST: &str = "my-shop:@ada";

/// Uses a session every ten days for more than three months, while others sign in and out, which sweeps the list: how often it was told.
async fn told_of(extend: impl AsyncFn(&Watched, &StoreKey)) -> usize {
    let watched = Watched::new().await;
    let key = insert(&watched.store, &record(&watched.clock, Some("ada")).expiring(watched.clock.now() + IDLE)).await;
    let mut monitor = watched.redis.monitor().unwrap();
    for _ in 0..10 {
        watched.wait(10 * DAY);
        extend(&watched, &key).await;
        let other = insert(&watched.store, &record(&watched.clock, Some("ada"))).await;
        watched.store.remove(&other).await.unwrap();
        assert_eq!(listed(&watched.store, "ada").await, [key]);
        assert_eq!(watched.ask(&["ZCARD", LIST]).text(), "1");
        let frees: u64 = watched.ask(&["PEXPIRETIME", LIST]).text().parse().unwrap();
        assert!(frees > (watched.clock.now() + IDLE).as_millis(), "the list outlives the session");
    }
    let told = monitor.seen().unwrap().iter().filter(|line| calls(line, RELIST)).count();
    watched.wait(IDLE);
    assert_eq!(listed(&watched.store, "ada").await, []);
    assert_eq!(watched.ask(&["EXISTS", LIST]).text(), "0");
    told
}

fn once_in_thirty_days(told: usize) {
    assert!((3..=4).contains(&told), "told {told} times in a hundred days");
}

#[tokio::test]
async fn a_session_that_is_touched_for_months_stays_listed() {
    let told = told_of(async |watched, key| {
        let touched = watched.store.touch(key, watched.clock.now() + IDLE).await.unwrap();
        assert_eq!(touched, Touched::Done);
    });
    once_in_thirty_days(told.await);
}

#[tokio::test]
async fn a_session_that_is_read_for_months_stays_listed() {
    let told = told_of(async |watched, key| {
        let roll = Roll { now: watched.clock.now(), idle: IDLE, threshold: HOUR, limit: None };
        let loaded = watched.store.load(key, Some(roll)).await.unwrap();
        assert!(matches!(loaded, Some(Loaded::Record { rolled: true, .. })), "{loaded:?}");
    });
    once_in_thirty_days(told.await);
}

#[tokio::test]
async fn a_session_that_is_changed_for_months_stays_listed() {
    let told = told_of(async |watched, key| {
        let (base, delta) = (record(&watched.clock, Some("ada")), delta(&[("x", b"2")]));
        let extend = ExpiryChange::Extend(watched.clock.now() + IDLE);
        let updated = watched.store.update(key, &Update::new(&base, &delta, Stamp::next()).expiry(extend)).await;
        assert!(matches!(updated, Ok(Updated::Done)), "{updated:?}");
    });
    once_in_thirty_days(told.await);
}

/// The clock of the store is set, that of Redis is not: what is over goes only because somebody looks.
#[tokio::test]
async fn a_thousand_sign_ins_that_nobody_ends_leave_a_short_list() {
    let redis = Redis::start().unwrap();
    let clock = Clock::manual();
    let store = RedisStore::connect(redis.url()).await.unwrap().key_prefix(PREFIX).clock(clock.clone());
    let mut longest = 0;
    for _ in 0..1_000 {
        insert(&store, &record(&clock, Some("ada"))).await;
        clock.advance(HOUR);
        longest = longest.max(redis.command(&["ZCARD", LIST]).unwrap().text().parse().unwrap());
    }
    assert!((32..=64).contains(&longest), "{longest} at most");
    assert_eq!(listed(&store, "ada").await, []);
    assert_eq!(redis.command(&["EXISTS", LIST]).unwrap().text(), "0");
}

/// A session lives at most so long after somebody signed in to it, not after it was created.
#[tokio::test]
async fn a_load_extends_up_to_the_limit_since_somebody_signed_in() {
    let watched = Watched::new().await;
    let record = record(&watched.clock, Some("ada"));
    watched.wait(5 * DAY);
    let signed_in = watched.clock.now();
    let entry = signed_in.as_millis().to_string();
    let record = record.apply(&delta(&[("@a", entry.as_bytes())])).expiring(signed_in + HOUR);
    let key = insert(&watched.store, &record).await;
    for (idle, ends) in [(DAY, signed_in + DAY), (30 * DAY, signed_in + 7 * DAY)] {
        let roll = Roll { now: signed_in, idle, threshold: HOUR, limit: Some(7 * DAY) };
        match watched.store.load(&key, Some(roll)).await.unwrap() {
            Some(Loaded::Record { record, rolled: true }) => assert_eq!(record.expires(), ends),
            other => panic!("an extended session, not {other:?}"),
        }
    }
}
