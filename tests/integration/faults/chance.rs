//! Faults by chance, whatever a visitor does, against what a visitor may believe.

use std::time::Duration;

use session_runtime::conformance::Fault;
use session_tests::Dice;

use super::{Ask, NOTHING, Seen, ask, assert_unavailable, empty, read, seen};

const SEEDS: u64 = 300;
const REQUESTS: u64 = 12;

const ME: u32 = 7;
const ANOTHER: u32 = 8;

/// Some of each kind, within the store timeout and beyond it.
const FAULTS: [Fault; 8] = [
    Fault::CallLost,
    Fault::AnswerLost,
    Fault::CallDelayed(Duration::from_secs(1)),
    Fault::AnswerDelayed(Duration::from_secs(1)),
    Fault::CallDelayed(Duration::from_mins(1)),
    Fault::AnswerDelayed(Duration::from_mins(1)),
    Fault::CallHangs,
    Fault::AnswerHangs,
];

/// What the answers so far leave a visitor to believe of the session.
#[derive(Default, Debug)]
struct Belief {
    user: Option<u32>,
    /// The orders that succeeded.
    orders: Vec<u32>,
    /// Those that failed since, or came when the session was gone.
    failed: Vec<u32>,
    /// Whether a sign-in or a sign-out failed since: the client has no id then of a session that moved, and none of one that ended.
    may_be_gone: bool,
    /// Whether nothing was there when somebody looked. An id that was renewed a moment ago makes no new session either: what is set under it
    /// is dropped.
    is_gone: bool,
}

impl Belief {
    /// Compares it with what a request saw, which is the truth from now on.
    fn meets(&mut self, (user, hits, orders): Seen) {
        let is_gone = (self.may_be_gone || self.is_gone) && (user, hits, &orders) == (None, 0, &Vec::new());
        if !is_gone {
            assert_eq!(user, self.user);
            assert!(orders.starts_with(&self.orders), "{orders:?} of {self:?}");
            let mut failed = self.failed.iter();
            let others = &orders[self.orders.len()..];
            assert!(others.iter().all(|order| failed.any(|failed| failed == order)), "{orders:?} of {self:?}");
            assert_eq!(hits as usize, orders.len(), "an order is a hit");
        }
        *self = Self { user, orders, is_gone, ..Self::default() };
    }

    fn succeeded(&mut self, asked: Ask) {
        match asked {
            Ask::Read => {}
            Ask::Order(number) if self.is_gone => self.failed.push(number),
            Ask::Order(number) => self.orders.push(number),
            Ask::SignIn(user) => {
                *self = Self { user: Some(user), orders: std::mem::take(&mut self.orders), ..Self::default() }
            }
            Ask::SignOut => *self = Self { is_gone: self.is_gone, ..Self::default() },
        }
    }

    fn failed(&mut self, asked: Ask) {
        match asked {
            Ask::Read => {}
            Ask::Order(number) => self.failed.push(number),
            Ask::SignIn(_) | Ask::SignOut => self.may_be_gone = true,
        }
    }
}

fn draw(dice: &mut Dice, number: u32) -> Ask {
    match dice.below(8) {
        0..4 => Ask::Order(number),
        4 => Ask::SignIn(ME),
        5 => Ask::SignOut,
        _ => Ask::Read,
    }
}

/// The requests of one visitor under one seed, and how many of them failed.
async fn visits(seed: u64) -> usize {
    let (store, mut visitor) = empty();
    let mut another = visitor.clone();
    seen(&ask(&mut another, Ask::SignIn(ANOTHER)).await);
    store.by_chance(seed, 4, FAULTS);
    let (mut dice, mut belief, mut failed) = (Dice::new(seed), Belief::default(), 0);
    for number in 0..REQUESTS {
        let asked = draw(&mut dice, u32::try_from(number).expect("small"));
        let answer = ask(&mut visitor, asked).await;
        if answer.status.is_success() {
            belief.meets(seen(&answer));
            belief.succeeded(asked);
        } else {
            assert_unavailable(&answer);
            belief.failed(asked);
            failed += 1;
        }
    }
    store.recover();
    belief.meets(read(&mut visitor).await);
    assert_eq!(read(&mut another).await, (Some(ANOTHER), 0, Vec::new()));
    seen(&ask(&mut visitor, Ask::SignOut).await);
    assert_eq!(read(&mut visitor).await, NOTHING);
    failed
}

#[tokio::test(start_paused = true)]
async fn what_succeeded_is_there_once_and_what_failed_at_most_once() {
    let mut failed = 0;
    for seed in 0..SEEDS {
        println!("seed {seed}");
        failed += visits(seed).await;
    }
    let requests = usize::try_from(SEEDS * REQUESTS).expect("small");
    assert!((requests / 20..requests / 2).contains(&failed), "{failed} of {requests} failed");
}
