//! Clients who hold the same session, and all that they saw of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use session_runtime::{Session, SessionError, SessionHandle, SessionLayer};
use tokio::task::JoinSet;

use super::checker::{Action, Operation};
use crate::{Dice, Visitor};

const CLIENTS: u64 = 4;
const REQUESTS: u64 = 5;

#[derive(Session)]
struct Ledger {
    register: u64,
    #[session(merge = sum)]
    counter: u64,
    tally: u64,
}

/// The number that a history is about.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A plain field that requests set.
    Register,
    /// A field that sums, which requests add to.
    Counter,
    /// A plain field that requests add to all the same.
    Tally,
}

impl Number {
    /// A change that no other request makes: sums of powers of two tell which of them they are made of.
    fn change(self, client: u64, request: u64) -> Action {
        let unique = 1 << (client * REQUESTS + request);
        match self {
            Self::Register => Action::Write(unique),
            Self::Counter | Self::Tally => Action::Add(unique),
        }
    }

    fn of(self, ledger: &mut Session<Ledger>) -> &mut u64 {
        match self {
            Self::Register => ledger.register_mut(),
            Self::Counter => ledger.counter_mut(),
            Self::Tally => ledger.tally_mut(),
        }
    }
}

/// A visitor who comes through this layer and holds a session whose numbers are 0.
pub async fn holding(layer: SessionLayer) -> Visitor {
    let mut visitor = Visitor::through(layer);
    visitor.visit::<Ledger>(|ledger| ledger.set_register(0)).await;
    assert!(visitor.id().is_some());
    visitor
}

/// All that some clients, who share this visitor's session, did to it at once, and saw of it.
pub(super) async fn history(visitor: &Visitor, number: Number, seed: u64) -> Vec<Operation> {
    let ticks = Arc::new(AtomicU64::new(0));
    let clients = (0..CLIENTS).map(|name| {
        let dice = Dice::new(seed * CLIENTS + name);
        Client { name, visitor: visitor.clone(), number, dice, ticks: ticks.clone() }.run()
    });
    let histories = clients.collect::<JoinSet<_>>().join_all().await;
    let mut history = histories.concat();
    history.sort_unstable_by_key(|operation| operation.invoked);
    history
}

struct Client {
    name: u64,
    visitor: Visitor,
    number: Number,
    dice: Dice,
    ticks: Arc<AtomicU64>,
}

impl Client {
    /// A request after the other, each of which changes or reads.
    async fn run(mut self) -> Vec<Operation> {
        let mut seen = Vec::new();
        for request in 0..REQUESTS {
            let change = (self.dice.below(2) == 0).then(|| self.number.change(self.name, request));
            seen.extend(self.request(change).await);
        }
        seen
    }

    /// One request. A read that failed has seen nothing; a change that failed may have been made.
    async fn request(&mut self, change: Option<Action>) -> Option<Operation> {
        let (number, pauses) = (self.number, [(); 3].map(|()| self.dice.below(4)));
        let invoked = self.tick();
        let answer = self.visitor.act(move |handle| act(handle, number, change, pauses)).await;
        let returned = (answer.status == StatusCode::OK).then(|| self.tick());
        let action = match change {
            Some(change) => change,
            None => Action::Read(returned.and_then(|_| answer.text().parse().ok())?),
        };
        Some(Operation { action, invoked, returned })
    }

    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }
}

/// Answers what the session held when it was loaded.
async fn act(
    handle: SessionHandle,
    number: Number,
    change: Option<Action>,
    [before, between, after]: [u64; 3],
) -> Result<String, SessionError> {
    pause(before).await;
    let mut ledger = handle.load::<Ledger>().await?;
    let loaded = *number.of(&mut ledger);
    pause(between).await;
    match change {
        Some(Action::Write(written)) => *number.of(&mut ledger) = written,
        Some(Action::Add(added)) => *number.of(&mut ledger) += added,
        Some(Action::Read(_)) | None => {}
    }
    drop(ledger);
    pause(after).await;
    Ok(loaded.to_string())
}

/// Lets the others go first, so many times.
async fn pause(times: u64) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}
