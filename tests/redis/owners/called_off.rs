//! Who signs out everywhere meets a sign-in under way, at each of its steps.

use std::pin::pin;

use session_runtime::record::Stamp;
use session_runtime::store::{Inserted, Loaded, PrincipalChange, Removed, Update, Updated};
use session_runtime::{Clock, RedisStore, SessionStore as _, StoreError, StoreKey};
use session_servers::Redis;
use session_tests::{delta, dropped_after};

use super::{index, insert, listed, new_key, record};
use crate::support::{PREFIX, name_of, until};

/// A server of the test's own that knows every function, and a store over it.
async fn started() -> (Redis, RedisStore, Clock) {
    let redis = Redis::start().unwrap();
    let clock = Clock::manual();
    let store = RedisStore::connect(redis.url()).await.unwrap().key_prefix(PREFIX).clock(clock.clone());
    insert(&store, &record(&clock, Some("bob"))).await;
    (redis, store, clock)
}

/// Makes one step of a call, and waits until a key is there.
async fn step_until(redis: &Redis, key: &str, call: impl Future) {
    assert!(dropped_after(0, call).await.is_none(), "the call is over");
    let there = || redis.command(&["EXISTS", key]).unwrap().text() == "1";
    until("the step is done", async || there().then_some(())).await;
}

/// Makes the first step of a rename of the only session that is listed.
async fn announced(redis: &Redis, renaming: impl Future) {
    assert!(dropped_after(0, renaming).await.is_none(), "the call is over");
    let members = || redis.command(&["ZCARD", &list_of("ada")]).unwrap().text() == "2";
    until("it is announced", async || members().then_some(())).await;
}

fn list_of(owner: &str) -> String {
    format!("{PREFIX}@{owner}")
}

async fn is_gone(store: &RedisStore, key: &StoreKey) {
    assert!(store.load(key, None).await.unwrap().is_none());
    assert_eq!(listed(store, "ada").await, []);
}

fn is_called_off<T>(answer: &Result<T, StoreError>) -> bool {
    answer.as_ref().is_err_and(StoreError::is_rejected)
}

#[tokio::test]
async fn before_the_session_is_stored() {
    let (redis, store, clock) = started().await;
    let (key, record) = (new_key(), record(&clock, Some("ada")));
    let mut inserting = pin!(store.insert(&key, &record));
    step_until(&redis, &list_of("ada"), inserting.as_mut()).await;
    assert_eq!(listed(&store, "ada").await, [], "nothing is stored");
    index(&store).call_off("ada").await.unwrap();
    assert!(is_called_off(&inserting.await));
    is_gone(&store, &key).await;
}

#[tokio::test]
async fn after_the_session_is_stored() {
    let (redis, store, clock) = started().await;
    let (key, record) = (new_key(), record(&clock, Some("ada")));
    let mut inserting = pin!(store.insert(&key, &record));
    step_until(&redis, &list_of("ada"), inserting.as_mut()).await;
    step_until(&redis, &name_of(&key), inserting.as_mut()).await;
    assert_eq!(listed(&store, "ada").await, [key], "it is not confirmed");
    index(&store).call_off("ada").await.unwrap();
    assert_eq!(listed(&store, "ada").await, [key], "it lives, though it is called off");
    assert!(is_called_off(&inserting.await));
    is_gone(&store, &key).await;
}

#[tokio::test]
async fn a_session_that_gets_a_new_id_and_an_owner() {
    let (redis, store, clock) = started().await;
    let base = record(&clock, None);
    let (old, new, delta) = (insert(&store, &base).await, new_key(), delta(&[("x", b"2")]));
    let owner = PrincipalChange::Set(Some("ada".into()));
    let update = Update::new(&base, &delta, Stamp::next()).principal(owner);
    let mut renaming = pin!(store.rename(&old, &new, &update, None));
    step_until(&redis, &list_of("ada"), renaming.as_mut()).await;
    index(&store).call_off("ada").await.unwrap();
    assert!(is_called_off(&renaming.await));
    is_gone(&store, &new).await;
    assert!(matches!(store.load(&old, None).await, Ok(Some(Loaded::Renamed))));
}

/// As the registry does it, between the two last steps: the session is found and ended, so that there is nothing to be confirmed.
#[tokio::test]
async fn a_session_that_was_ended_meanwhile_is_not_there() {
    let (redis, store, clock) = started().await;
    let base = record(&clock, Some("ada"));
    let (old, new, delta) = (insert(&store, &base).await, new_key(), delta(&[("x", b"2")]));
    let update = Update::new(&base, &delta, Stamp::next());
    let mut renaming = pin!(store.rename(&old, &new, &update, None));
    announced(&redis, renaming.as_mut()).await;
    step_until(&redis, &name_of(&new), renaming.as_mut()).await;
    index(&store).call_off("ada").await.unwrap();
    assert_eq!(listed(&store, "ada").await, [new]);
    assert_eq!(store.remove(&new).await.unwrap(), Removed::Done);
    let renamed = renaming.await;
    assert!(matches!(renamed, Ok(Updated::Missing)), "{renamed:?}");
    is_gone(&store, &new).await;
}

#[tokio::test]
async fn what_was_confirmed_stays() {
    let (_redis, store, clock) = started().await;
    let record = record(&clock, Some("ada"));
    let key = insert(&store, &record).await;
    index(&store).call_off("ada").await.unwrap();
    assert_eq!(listed(&store, "ada").await, [key]);
    assert_eq!(store.insert(&key, &record).await.unwrap(), Inserted::Done, "a repeated call");
    assert_eq!(listed(&store, "ada").await, [key]);
}

/// It is found under the key that it has, and ended there by who is to end it: whom `Except::This` leaves alone may get a new id meanwhile.
#[tokio::test]
async fn a_session_that_gets_a_new_id_and_keeps_its_owner_is_not_called_off() {
    let (redis, store, clock) = started().await;
    let base = record(&clock, Some("ada"));
    let (old, new, delta) = (insert(&store, &base).await, new_key(), delta(&[("x", b"2")]));
    let update = Update::new(&base, &delta, Stamp::next());
    let mut renaming = pin!(store.rename(&old, &new, &update, None));
    announced(&redis, renaming.as_mut()).await;
    index(&store).call_off("ada").await.unwrap();
    let renamed = renaming.await;
    assert!(matches!(renamed, Ok(Updated::Done)), "{renamed:?}");
    assert_eq!(listed(&store, "ada").await, [new]);
}
