//! Concurrent requests to one session: whether what each of them saw is as if they had come one after the other.
//!
//! A change takes effect when it is committed, a read when it loads; both lie between the request and its answer. The seed chooses who does
//! what and where a handler lets others go first; which of two threads, or of two commits that conflict once more, comes first is chance.

mod checker;
mod clients;

pub use checker::{Action, Operation, is_linearizable};
pub use clients::{Number, holding};

use crate::Visitor;

/// The first of so many seeds whose history is not linear, and that history; each seed has a visitor, and a store, of its own.
pub async fn first_broken(
    seeds: u64,
    number: Number,
    visitor: impl AsyncFn(u64) -> Visitor,
) -> Option<(u64, Vec<Operation>)> {
    for seed in 0..seeds {
        let history = clients::history(&visitor(seed).await, number, seed).await;
        if !is_linearizable(&history) {
            return Some((seed, history));
        }
    }
    None
}
