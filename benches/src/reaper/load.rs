//! Visitors who ask at a steady pace, whatever becomes of what they asked before.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::body::to_bytes;
use tokio::{
    task::JoinSet,
    time::{Instant, interval_at},
};

use crate::{Result, case::Case, client::Client, subjects::COUNTER_PATH};

pub(super) const VISITORS: u32 = 16;
/// How often each of them asks.
pub(super) const EVERY: Duration = Duration::from_millis(16);

/// A load that goes on until it is [stopped](Load::stop).
pub(super) struct Load {
    visits: JoinSet<Result<Vec<Answered>>>,
    is_over: Arc<AtomicBool>,
}

/// A request.
pub(super) struct Answered {
    asked: Instant,
    answered: Instant,
}

impl Load {
    /// Has the visitors ask one after the other, each at a time of its own.
    pub(super) fn start(visitors: Vec<Client>) -> Load {
        let mut load = Load { visits: JoinSet::new(), is_over: Arc::default() };
        let mut first = Instant::now();
        for visitor in visitors {
            load.visits.spawn(visit(visitor, first, Arc::clone(&load.is_over)));
            first += EVERY / VISITORS;
        }
        load
    }

    /// All requests so far.
    pub(super) async fn stop(mut self) -> Result<Vec<Answered>> {
        self.is_over.store(true, Relaxed);
        let mut all = Vec::new();
        while let Some(answered) = self.visits.join_next().await {
            all.extend(answered??);
        }
        Ok(all)
    }
}

/// Reads and adds one by turns.
async fn visit(mut visitor: Client, first: Instant, is_over: Arc<AtomicBool>) -> Result<Vec<Answered>> {
    let mut pace = interval_at(first, EVERY);
    let mut all: Vec<Answered> = Vec::new();
    let mut additions = 0;
    while !is_over.load(Relaxed) {
        let due = pace.tick().await;
        // Who is kept waiting asks late: that belongs to what the request took.
        let is_late = all.last().is_some_and(|last| last.answered > due);
        let asked = if is_late { due } else { Instant::now() };
        let case = if all.len().is_multiple_of(2) { Case::Read } else { Case::AddOne };
        let response = visitor.send(case.path(), true).await;
        if !response.status().is_success() {
            return Err(format!("`{}` answers {}", case.name(), response.status()).into());
        }
        additions += u32::from(case == Case::AddOne);
        all.push(Answered { asked, answered: Instant::now() });
    }
    let counter = to_bytes(visitor.send(COUNTER_PATH, true).await.into_body(), 100).await?;
    if counter != additions.to_string() {
        return Err(format!("after {additions} `add-one` the counter is {counter:?}").into());
    }
    Ok(all)
}

impl Answered {
    pub(super) fn took(&self) -> Duration {
        self.answered - self.asked
    }

    /// Whether it was on its way at any moment between these two.
    pub(super) fn overlaps(&self, from: Instant, to: Instant) -> bool {
        self.asked < to && self.answered > from
    }
}
