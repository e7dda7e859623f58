//! Every order in which a few requests to one session can make their calls to the store: all of them, none by luck.
//!
//! A request acts on others only through the store, so it runs from one call to the next at once, and an order of calls is all that there is
//! to choose. What must hold in each is in [`promises`] and [`cookies`]; a broken one is shown with the calls that led to it.

mod act;
mod choices;
mod cookies;
mod history;
mod pairs;
mod promises;
mod report;
mod revoked;
mod run;
mod servers;
mod stepped;
mod triples;

use session_runtime::{Clock, MemoryStore, SessionStore};

use crate::conformance::SwapStore;

use act::Act;
use choices::Choices;
use history::History;
use promises::Checked;
use report::Report;
use run::{Outcome, Start};

type Promise = fn(&Outcome, &History<'_>) -> Checked;

const PROMISES: [(&str, Promise); 13] = [
    ("every request succeeds", promises::every_request_succeeds),
    ("no write is lost", promises::no_write_is_lost),
    ("every addition counts", promises::every_addition_counts),
    ("nothing reverts", promises::nothing_reverts),
    ("no session is revived", promises::no_session_is_revived),
    ("a sign-in signs in", promises::a_sign_in_signs_in),
    ("no id outlives a sign-in", promises::no_id_outlives_a_sign_in),
    ("a renewed id answers during its grace", promises::a_renewed_id_answers_during_its_grace),
    ("a sign-out wins over every rename", promises::a_sign_out_wins_over_every_rename),
    ("no session is out of reach", promises::no_session_is_out_of_reach),
    ("a cookie tells of its own commit", cookies::a_cookie_tells_of_its_own_commit),
    ("in the order of commits nobody is signed out", cookies::in_the_order_of_commits_nobody_is_signed_out),
    ("in any order the client is at worst signed out", cookies::in_any_order_the_client_is_at_worst_signed_out),
];

/// Where the requests meet.
#[derive(Clone, Copy)]
struct World<S> {
    store: fn(&Clock) -> S,
    start: Start,
    /// How long cookies are kept: one that is forgotten with the browser's window is not sent again for a touch, and the store does the touch
    /// while it loads.
    cookies: Cookies,
    /// Whether a server answers: then time passes, else it stands still but for naps.
    is_on_server: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cookies {
    Persistent,
    OfTheWindow,
}

impl<S> World<S> {
    const fn new(store: fn(&Clock) -> S, start: Start) -> Self {
        Self { store, start, cookies: Cookies::Persistent, is_on_server: false }
    }

    const fn on_server(mut self) -> Self {
        self.is_on_server = true;
        self
    }

    const fn cookies(mut self, cookies: Cookies) -> Self {
        self.cookies = cookies;
        self
    }
}

/// A store that applies a commit to whatever is there.
fn merging(clock: &Clock) -> MemoryStore {
    MemoryStore::new().clock(clock.clone())
}

/// A store that can only compare and swap.
fn swapping(clock: &Clock) -> SwapStore {
    SwapStore::new(clock.clone())
}

/// Holds these sets of requests to every promise, in every order; fails if there were fewer orders than `at_least`.
fn explore<S: SessionStore>(name: &str, at_least: usize, world: &World<S>, sets: impl IntoIterator<Item = Vec<Act>>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(!world.is_on_server).build();
    let report = runtime.expect("a runtime").block_on(async {
        let mut report = Report::default();
        for acts in sets {
            every_order(&mut report, world, &acts).await;
        }
        report
    });
    println!("{name}: {} schedules", report.schedules());
    report.check(name, at_least);
}

async fn every_order<S: SessionStore>(report: &mut Report, world: &World<S>, acts: &[Act]) {
    let mut choices = Choices::default();
    loop {
        let outcome = run::run(world, acts, &mut choices).await;
        let history = History::of(&outcome);
        report.count();
        for (promise, holds) in PROMISES {
            if let Err(seen) = holds(&outcome, &history) {
                report.breach(promise, &seen, world.start, &outcome);
            }
        }
        if !choices.turn() {
            return;
        }
    }
}
