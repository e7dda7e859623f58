//! Stores and servers that are gone between two steps of a call.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use session_runtime::record::{Delta, Record, Stamp};
use session_runtime::store::{PrincipalChange, Update};
use session_runtime::{Clock, RedisStore, SessionStore as _, StoreKey};
use session_servers::{Cluster, Redis};
use session_tests::{delta, dropped_after};
use tokio::task::JoinSet;

use super::{insert, listed, new_key, record};
use crate::support::{PREFIX, name_of, until};

/// More than any call has.
const MOST_STEPS: u32 = 32;

/// Whether a session of this owner is under a key at one of these servers.
fn is_there(servers: &[Redis], key: &StoreKey, owner: &str) -> bool {
    let name = name_of(key);
    servers.iter().any(|server| {
        let found = server.command(&["HGET", &name, "@principal"]);
        found.is_ok_and(|found| matches!(found, session_servers::Answer::Text(text) if text == owner.as_bytes()))
    })
}

/// Each of these keys under which there is a session is listed. What is listed is asked last: nothing that was there before is missing.
async fn none_is_missing(servers: &[Redis], store: &RedisStore, keys: &[StoreKey]) {
    let there: Vec<_> = keys.iter().filter(|key| is_there(servers, key, "ada")).collect();
    let listed = listed(store, "ada").await;
    for key in there {
        // While a copy of it is made in a cluster, it is listed under the key that it had.
        let is_known = listed.contains(key) || keys.iter().any(|other| listed.contains(other));
        assert!(is_known, "a session is missing");
    }
}

fn owned_by_ada<'a>(base: &'a Record, delta: &'a Delta) -> Update<'a> {
    Update::new(base, delta, Stamp::next()).principal(PrincipalChange::Set(Some("ada".into())))
}

/// Gives up each call after each of its steps.
async fn gives_up(servers: &[Redis], store: &RedisStore) {
    let (clock, delta) = (Clock::system(), delta(&[("x", b"2")]));
    let mut completed = 0;
    for steps in 0..MOST_STEPS {
        let (inserted, renamed) = (new_key(), new_key());
        let ends_here = dropped_after(steps, store.insert(&inserted, &record(&clock, Some("ada")))).await;
        completed += u32::from(ends_here.is_some_and(|answer| answer.is_ok()));
        none_is_missing(servers, store, &[inserted]).await;

        let nobodys = record(&clock, None);
        let guest = insert(store, &nobodys).await;
        let update = owned_by_ada(&nobodys, &delta);
        let ends_here = dropped_after(steps, store.rename(&guest, &renamed, &update, None)).await;
        completed += u32::from(ends_here.is_some_and(|answer| answer.is_ok()));
        none_is_missing(servers, store, &[renamed]).await;

        let (next, adas) = (new_key(), record(&clock, Some("ada")));
        let known = insert(store, &adas).await;
        let update = Update::new(&adas, &delta, Stamp::next());
        let ends_here = dropped_after(steps, store.rename(&known, &next, &update, None)).await;
        completed += u32::from(ends_here.is_some_and(|answer| answer.is_ok()));
        none_is_missing(servers, store, &[known, next]).await;
    }
    assert!((3..3 * MOST_STEPS).contains(&completed), "{completed} were completed");
}

#[tokio::test]
async fn a_store_that_is_gone_after_any_step_leaves_no_session_unlisted() {
    let redis = [Redis::start().unwrap()];
    let store = RedisStore::connect(redis[0].url()).await.unwrap().key_prefix(PREFIX);
    gives_up(&redis, &store).await;
}

#[tokio::test]
async fn a_store_that_is_gone_after_any_step_leaves_no_session_unlisted_in_a_cluster() {
    let cluster = Cluster::start().unwrap();
    let store = RedisStore::connect_cluster(cluster.urls()).await.unwrap().key_prefix(PREFIX);
    gives_up(&cluster.nodes()[..3], &store).await;
}

/// Signs in and renews ids until the server is gone.
async fn keeps_signing_in(store: Arc<RedisStore>) {
    let (clock, delta) = (Clock::system(), delta(&[("x", b"2")]));
    loop {
        let (guest, owned, renewed) = (new_key(), new_key(), new_key());
        let base = record(&clock, None);
        let Ok(_) = store.insert(&guest, &base).await else { return };
        let Ok(_) = store.rename(&guest, &owned, &owned_by_ada(&base, &delta), None).await else { return };
        let base = base.owned_by(Some("ada".into()));
        let Ok(_) = store.rename(&owned, &renewed, &Update::new(&base, &delta, Stamp::next()), None).await else {
            return;
        };
    }
}

/// A server that writes down every change before it answers is killed while many sign in, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_at_any_moment_leaves_no_session_unlisted() {
    let redis = Redis::with(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap();
    let store = Arc::new(RedisStore::connect(redis.url()).await.unwrap().key_prefix(PREFIX));
    for round in 1..=8 {
        let mut signing_in = JoinSet::new();
        (0..8).for_each(|_| _ = signing_in.spawn(keeps_signing_in(store.clone())));
        let more = || redis.command(&["ZCARD", &format!("{PREFIX}@ada")]).unwrap().text().parse::<u32>().unwrap();
        until("some have signed in", async || (more() >= 20 * round).then_some(())).await;
        redis.kill().unwrap();
        signing_in.join_all().await;
        redis.restart().unwrap();

        let listed = until("it is back", async || {
            let sessions = super::index(&store).sessions("ada").await.ok()?;
            Some(sessions.iter().map(|session| name_of(&session.key)).collect::<Vec<_>>())
        })
        .await;
        for key in redis.command(&["KEYS", &format!("{PREFIX}*")]).unwrap().texts() {
            let is_adas = !key.contains('@') && redis.command(&["HEXISTS", &key, "@principal"]).unwrap().text() == "1";
            assert!(!is_adas || listed.contains(&key), "{key} is missing");
        }
    }
}

/// What was announced and never stored is not listed, and stays only for as long as it may be stored.
#[tokio::test]
async fn what_never_came_is_forgotten_after_a_minute() {
    let redis = Redis::start().unwrap();
    let clock = Clock::manual();
    let store = RedisStore::connect(redis.url()).await.unwrap().key_prefix(PREFIX).clock(clock.clone());
    insert(&store, &record(&clock, Some("bob"))).await;
    let announced = || redis.command(&["ZCARD", &format!("{PREFIX}@ada")]).unwrap().text();
    {
        let (key, record) = (new_key(), record(&clock, Some("ada")));
        let mut inserting = pin!(store.insert(&key, &record));
        assert!(dropped_after(0, inserting.as_mut()).await.is_none());
        until("it is announced", async || (announced() == "1").then_some(())).await;
    }
    clock.advance(Duration::from_mins(1));
    assert_eq!((listed(&store, "ada").await, announced()), (vec![], "1".to_owned()));
    clock.advance(Duration::from_millis(1));
    assert_eq!((listed(&store, "ada").await, announced()), (vec![], "0".to_owned()));
}
