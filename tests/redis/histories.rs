//! Concurrent requests to one session are linear, whichever server and however many of them: every change takes effect once, between its
//! request and its answer.

use std::sync::Arc;
use std::time::Duration;

use session_runtime::{Clock, Expiry, RedisStore, SessionLayer};
use session_tests::{Number, Operation, first_broken, holding, prefix};

use crate::support::ways;

const SEEDS: u64 = 40;
const HOUR: Duration = Duration::from_hours(1);

/// The first history that is not linear, of sessions that stay where they are.
async fn broken(number: Number, store: RedisStore) -> Option<(u64, Vec<Operation>)> {
    let store = Arc::new(store.key_prefix(prefix("histories")));
    first_broken(SEEDS, number, async |_| holding(SessionLayer::new(store.clone())).await).await
}

/// The same, of sessions whose id is renewed by the first request that is done.
async fn broken_while_moving(number: Number, store: RedisStore) -> Option<(u64, Vec<Operation>)> {
    let clock = Clock::manual();
    let store = Arc::new(store.key_prefix(prefix("moving")).clock(clock.clone()));
    let visitor = async |_| {
        let layer = SessionLayer::new(store.clone()).clock(clock.clone());
        let visitor = holding(layer.expiry(Expiry::default().rotate_every(HOUR))).await;
        clock.advance(HOUR);
        visitor
    };
    first_broken(SEEDS, number, visitor).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t42_a_plain_field_is_a_register() {
    assert_eq!(broken(Number::Register, ways::plain().await).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t42_a_plain_field_is_a_register_in_a_cluster() {
    assert_eq!(broken(Number::Register, ways::cluster().await).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t42_a_field_that_sums_is_a_counter() {
    assert_eq!(broken(Number::Counter, ways::plain().await).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t42_a_field_that_sums_is_a_counter_in_a_cluster() {
    assert_eq!(broken(Number::Counter, ways::cluster().await).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t43_a_plain_field_is_a_register_while_its_session_moves() {
    assert_eq!(broken_while_moving(Number::Register, ways::plain().await).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t43_a_plain_field_is_a_register_while_its_session_moves_in_a_cluster() {
    assert_eq!(broken_while_moving(Number::Register, ways::cluster().await).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t43_a_field_that_sums_is_a_counter_while_its_session_moves() {
    assert_eq!(broken_while_moving(Number::Counter, ways::plain().await).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t43_a_field_that_sums_is_a_counter_while_its_session_moves_in_a_cluster() {
    assert_eq!(broken_while_moving(Number::Counter, ways::cluster().await).await, None);
}

/// That the last one wins is what a plain field promises; that a history shows it is what makes the others worth something.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plain_field_loses_additions_and_a_history_shows_it() {
    assert!(broken(Number::Tally, ways::plain().await).await.is_some());
}
