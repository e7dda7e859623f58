//! Keys under which something else is than a session, and sessions that somebody has changed by hand: no request panics, writes over it or
//! deletes it.

use std::time::Duration;

use session_runtime::record::{Delta, Record, Stamp};
use session_runtime::store::Update;
use session_runtime::{SessionStore as _, StoreError};
use session_servers::Redis;
use session_tests::Logs;

use super::{order, started};
use crate::support::{Guest, name_of};

/// What stands in the place of a session, made by a script whose `KEYS[1]` is the session's: its name, and the script.
const NO_SESSIONS: [(&str, &str); 9] = [
    ("a string", "redis.call('DEL', KEYS[1]); redis.call('SET', KEYS[1], 'foreign')"),
    ("a list", "redis.call('DEL', KEYS[1]); redis.call('RPUSH', KEYS[1], 'foreign')"),
    ("a hash", "redis.call('DEL', KEYS[1]); redis.call('HSET', KEYS[1], 'foreign', 'value')"),
    ("no version", "redis.call('HDEL', KEYS[1], '@version')"),
    ("no end", "redis.call('HDEL', KEYS[1], '@expires')"),
    ("another version", "redis.call('HSET', KEYS[1], '@version', 'garbage')"),
    ("another end", "redis.call('HSET', KEYS[1], '@expires', 'garbage')"),
    ("an empty end", "redis.call('HSET', KEYS[1], '@expires', '')"),
    ("a hash that only ends", "redis.call('DEL', KEYS[1]); redis.call('HSET', KEYS[1], '@expires', '9999999999999')"),
];

/// As above, but a script does not see it, which reads no more than it needs.
const SPOILED: [(&str, &str); 4] = [
    ("another beginning", "redis.call('HSET', KEYS[1], '@created', 'garbage')"),
    ("a name that is not UTF-8", "redis.call('HSET', KEYS[1], '\\255\\254', 'value')"),
    ("a value of two megabytes", "redis.call('HSET', KEYS[1], 'note', string.rep('x', 2097152))"),
    ("a principal that is not UTF-8", "redis.call('HSET', KEYS[1], '@principal', '\\255')"),
];

#[tokio::test]
async fn a_request_goes_on_with_a_new_session_and_leaves_alone_what_is_there() {
    for (what, script) in NO_SESSIONS.into_iter().chain(SPOILED) {
        let (server, mut guest) = with(script).await;
        let (key, before) = (name_of(&guest.key()), dump(&server, &guest));
        let logs = Logs::capture();
        assert_eq!(guest.clone().see("/read").await, "0 hits of nobody", "{what}");
        let warned = logs.text();
        assert!(warned.contains("WARN") && warned.contains("a stored session does not decode"), "{what}: {warned}");
        assert_eq!(guest.clone().see("/sign-in/7").await, "0 hits of 7", "{what}");
        assert_eq!(guest.clone().see("/sign-out").await, "signed out", "{what}");
        assert_eq!(guest.see("/hit").await, "1 hits of nobody", "{what}");
        assert_ne!(name_of(&guest.key()), key, "{what}");
        assert_eq!(order(&server, &["DUMP", &key]), before, "{what}");
    }
}

/// A load may extend a session; what is none it leaves alone.
#[tokio::test]
async fn what_is_no_session_is_not_extended() {
    for (what, script) in NO_SESSIONS {
        let (server, guest) = with(script).await;
        let before = dump(&server, &guest);
        guest.clock.advance(Duration::from_hours(20));
        assert_eq!(guest.clone().see("/read").await, "0 hits of nobody", "{what}");
        assert_eq!(dump(&server, &guest), before, "{what}");
    }
}

#[tokio::test]
async fn every_call_to_the_store_says_that_it_is_no_session() {
    for (what, script) in NO_SESSIONS {
        let (server, guest) = with(script).await;
        let (key, before) = (guest.key(), dump(&server, &guest));
        let now = guest.clock.now();
        let record = Record::new(now, now + Duration::from_hours(1));
        let mut delta = Delta::default();
        delta.set("hits", b"1");
        let update = Update::new(&record, &delta, Stamp::next());
        is_corrupt(guest.store.load(&key, None).await, what, "load");
        is_corrupt(guest.store.insert(&key, &record).await, what, "insert");
        is_corrupt(guest.store.update(&key, &update).await, what, "update");
        is_corrupt(guest.store.touch(&key, now + Duration::from_hours(48)).await, what, "touch");
        is_corrupt(guest.store.remove(&key).await, what, "remove");
        assert_eq!(dump(&server, &guest), before, "{what}");
    }
}

/// Numbers of Lua that are none of ours.
#[tokio::test]
async fn no_number_is_taken_for_another() {
    for number in ["inf", "-inf", "nan", "1e300", "-1", "0x7fffffffffff", "1.5", " 1"] {
        for name in ["@version", "@expires"] {
            let (server, guest) = with(&format!("redis.call('HSET', KEYS[1], '{name}', '{number}')")).await;
            let (key, before) = (guest.key(), dump(&server, &guest));
            let now = guest.clock.now();
            let loaded = guest.store.load(&key, None).await;
            assert!(loaded.is_err_and(|error| error.is_corrupt()), "{name} {number}");
            guest.clock.advance(Duration::from_hours(20));
            assert_eq!(guest.clone().see("/read").await, "0 hits of nobody", "{name} {number}");
            let touched = guest.store.touch(&key, now + Duration::from_hours(48)).await;
            assert!(touched.is_err_and(|error| error.is_corrupt()), "{name} {number}");
            assert_eq!(dump(&server, &guest), before, "{name} {number}");
        }
    }
}

#[tokio::test]
async fn a_pointer_to_nowhere_leads_nowhere() {
    for shown in ["", "redis.call('HSET', KEYS[1], '@shown', '1')"] {
        let (server, mut guest) = with(&format!("redis.call('HSET', KEYS[1], '@moved', 'garbage'); {shown}")).await;
        let (key, before) = (guest.key(), dump(&server, &guest));
        is_corrupt(guest.store.load(&key, None).await, shown, "load");
        is_corrupt(guest.store.remove(&key).await, shown, "remove");
        assert_eq!(guest.clone().see("/read").await, "0 hits of nobody");
        assert_eq!(dump(&server, &guest), before);
        assert_eq!(guest.see("/hit").await, "1 hits of nobody");
    }
}

#[tokio::test]
async fn a_field_of_another_type_reads_as_its_default_and_stays() {
    let (server, mut guest) = with("redis.call('HSET', KEYS[1], 'hits', 'garbage')").await;
    let (key, before) = (guest.key(), dump(&server, &guest));
    let logs = Logs::capture();
    assert_eq!(guest.see("/read").await, "0 hits of nobody");
    let warned = logs.text();
    assert!(warned.contains("WARN") && warned.contains("hits"), "{warned}");
    assert_eq!(dump(&server, &guest), before);
    assert_eq!(guest.see("/sign-in/7").await, "0 hits of 7");
    let new = name_of(&guest.key());
    assert_ne!(new, name_of(&key));
    assert_eq!(order(&server, &["HGET", &new, "hits"]), "garbage");
    assert_eq!(guest.see("/hit").await, "1 hits of 7", "what is written takes its place");
}

/// A session of one hit, spoiled by a script.
async fn with(script: &str) -> (Redis, Guest) {
    let (server, mut guest) = started().await;
    guest.see("/hit").await;
    order(&server, &["EVAL", script, "1", &name_of(&guest.key())]);
    (server, guest)
}

fn dump(server: &Redis, guest: &Guest) -> String {
    order(server, &["DUMP", &name_of(&guest.key())])
}

#[track_caller]
fn is_corrupt<T: std::fmt::Debug>(answer: Result<T, StoreError>, what: &str, call: &str) {
    let error = answer.expect_err(&format!("{call} of {what}"));
    assert!(error.is_corrupt(), "{call} of {what}: {error:?}");
}
