//! Concurrent requests to one session are linear, over stores in memory.

use session_runtime::conformance::{Fault, FaultStore};
use session_runtime::{Clock, Expiry, MemoryStore, SessionLayer};
use session_tests::{Number, Operation, Visitor, first_broken, holding};
use std::time::Duration;

use crate::conformance::SwapStore;

const SEEDS: u64 = 200;
const HOUR: Duration = Duration::from_hours(1);

async fn broken(number: Number, visitor: impl AsyncFn(u64) -> Visitor) -> Option<(u64, Vec<Operation>)> {
    first_broken(SEEDS, number, visitor).await
}

async fn in_memory(_seed: u64) -> Visitor {
    holding(SessionLayer::new(MemoryStore::new())).await
}

async fn swapped(_seed: u64) -> Visitor {
    holding(SessionLayer::new(SwapStore::new(Clock::system()))).await
}

/// On one thread a repeated call follows at once: no four others come in between, after which a record has forgotten the first.
async fn unreliable(seed: u64) -> Visitor {
    let store = FaultStore::new(MemoryStore::new());
    let visitor = holding(SessionLayer::new(store.clone())).await;
    store.by_chance(seed, 4, [Fault::CallLost, Fault::AnswerLost]);
    visitor
}

/// The id is renewed by the first request that is done.
async fn rotating(_seed: u64) -> Visitor {
    let clock = Clock::manual();
    let layer = SessionLayer::new(MemoryStore::new().clock(clock.clone())).clock(clock.clone());
    let visitor = holding(layer.expiry(Expiry::default().rotate_every(HOUR))).await;
    clock.advance(HOUR);
    visitor
}

#[tokio::test(start_paused = true)]
async fn a_plain_field_is_a_register_on_one_thread() {
    assert_eq!(broken(Number::Register, in_memory).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plain_field_is_a_register_on_many_threads() {
    assert_eq!(broken(Number::Register, in_memory).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_plain_field_is_a_register_in_a_store_that_swaps() {
    assert_eq!(broken(Number::Register, swapped).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_field_that_sums_is_a_counter_in_a_store_that_swaps() {
    assert_eq!(broken(Number::Counter, swapped).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_plain_field_is_a_register_where_calls_and_answers_are_lost() {
    assert_eq!(broken(Number::Register, unreliable).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plain_field_is_a_register_while_its_session_moves() {
    assert_eq!(broken(Number::Register, rotating).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_field_that_sums_is_a_counter_on_one_thread() {
    assert_eq!(broken(Number::Counter, in_memory).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_field_that_sums_is_a_counter_on_many_threads() {
    assert_eq!(broken(Number::Counter, in_memory).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_field_that_sums_is_a_counter_where_calls_and_answers_are_lost() {
    assert_eq!(broken(Number::Counter, unreliable).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_field_that_sums_is_a_counter_while_its_session_moves() {
    assert_eq!(broken(Number::Counter, rotating).await, None);
}

/// That the last one wins is what a plain field promises; that a history shows it is what makes the others worth something.
#[tokio::test(start_paused = true)]
async fn a_plain_field_loses_additions_and_a_history_shows_it() {
    assert!(broken(Number::Tally, in_memory).await.is_some());
}
