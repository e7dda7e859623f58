//! Concurrent requests to one session: what each of them saw is as if they had come one after the other.
//!
//! A change takes effect when it is committed, a read when it loads; both lie between the request and its answer. The seed chooses who does
//! what and where a handler lets others go first; on one thread that decides everything, on several the machine has its say too.

mod checker;
mod clients;

use session_runtime::conformance::{Fault, FaultStore};
use session_runtime::{MemoryStore, SessionLayer, SessionStore};

use crate::support::Visitor;
use checker::{Operation, is_linearizable};
use clients::{Number, history};

const SEEDS: u64 = 200;

/// The first seed whose history over a store of its own is not linear, and that history.
async fn broken<S: SessionStore>(number: Number, store: impl Fn(u64) -> S) -> Option<(u64, Vec<Operation>)> {
    for seed in 0..SEEDS {
        let history = history(Visitor::through(SessionLayer::new(store(seed))), number, seed).await;
        if !is_linearizable(&history) {
            return Some((seed, history));
        }
    }
    None
}

fn in_memory(_seed: u64) -> MemoryStore {
    MemoryStore::new()
}

/// On one thread a repeated call follows at once: no four others come in between, after which a record has forgotten the first.
fn unreliable(seed: u64) -> FaultStore<MemoryStore> {
    let store = FaultStore::new(MemoryStore::new());
    store.by_chance(seed, 4, [Fault::CallLost, Fault::AnswerLost]);
    store
}

#[tokio::test]
async fn a_plain_field_is_a_register_on_one_thread() {
    assert_eq!(broken(Number::Register, in_memory).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plain_field_is_a_register_on_many_threads() {
    assert_eq!(broken(Number::Register, in_memory).await, None);
}

#[tokio::test]
async fn a_plain_field_is_a_register_where_calls_and_answers_are_lost() {
    assert_eq!(broken(Number::Register, unreliable).await, None);
}

/// That the last one wins is what a plain field promises, and that these histories show it is what makes the others worth something.
#[tokio::test]
async fn a_plain_field_loses_additions_and_a_history_shows_it() {
    assert!(broken(Number::Tally, in_memory).await.is_some());
}
