//! Ids that are renewed because of their age, with a grace for the one before; and ids that a handler renews, without any.

mod age;
mod grace;
mod lifetimes;
mod overtaken;
mod renewed;
mod sign_out;

use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::{Clock, Expiry, Session, SessionHandle, SessionLayer};
use tokio::task::JoinHandle;

use session_tests::{Answer, Gate, Scripted, Visitor, load};

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

/// How old an id gets in these tests.
const SPAN: Duration = Duration::from_hours(1);

/// For how long the one before it answers.
const GRACE: Duration = Duration::from_secs(30);

#[derive(Session)]
struct Account {
    user: Option<u32>,
    hits: u32,
}

/// A store, its time, and a visitor who is signed in as 7.
struct Rotating {
    store: Scripted,
    clock: Clock,
    visitor: Visitor,
}

impl Rotating {
    /// The visitor has signed in just now.
    async fn new(expiry: Expiry) -> Self {
        let clock = Clock::manual();
        let store = Scripted::with_clock(&clock);
        let mut visitor = Visitor::through(layer(&store, &clock, expiry));
        visitor.visit::<Account>(|account| account.set_user(7_u32)).await;
        store.asked();
        Self { store, clock, visitor }
    }

    /// The visitor's id is to be renewed.
    async fn due() -> Self {
        let site = Self::new(hourly()).await;
        site.clock.advance(SPAN);
        site
    }

    /// The visitor's id was renewed just now; and the visitor as they were before.
    async fn rotated() -> (Self, Visitor) {
        let mut site = Self::due().await;
        let before = site.visitor.clone();
        site.rotate().await;
        (site, before)
    }

    /// A request of the visitor's, which is to renew the id.
    async fn rotate(&mut self) {
        let old = self.visitor.held();
        read(&mut self.visitor).await;
        assert_ne!(self.visitor.held(), old);
        self.store.asked();
    }

    /// What was asked of the store since the last time, but for when ids were renewed.
    fn asked(&self) -> String {
        without_times(&self.store.asked())
    }

    /// What is stored under the visitor's id, but for when it was renewed.
    async fn fields(&self) -> String {
        without_times(&self.store.fields(&self.visitor.held()).await)
    }
}

fn layer(store: &Scripted, clock: &Clock, expiry: Expiry) -> SessionLayer {
    SessionLayer::new(store.clone()).clock(clock.clone()).expiry(expiry)
}

fn hourly() -> Expiry {
    Expiry::default().rotate_every(SPAN).rotation_grace(GRACE)
}

/// All of this time but its last millisecond.
fn almost(span: Duration) -> Duration {
    span.saturating_sub(MILLISECOND)
}

fn without_times(line: &str) -> String {
    let calls = line.split("; ").map(|call| {
        let words: Vec<_> = call.split(' ').filter(|word| !word.starts_with("@r=")).collect();
        words.join(" ")
    });
    calls.collect::<Vec<_>>().join("; ")
}

/// A request that reads, and answers what it saw: how it came by its session, the user, the hits.
async fn read(visitor: &mut Visitor) -> Answer {
    let see = |account: &Session<Account>| {
        format!("{:?} {} {}", account.origin(), account.user().unwrap_or_default(), account.hits())
    };
    let answer = visitor.act(async move |handle: SessionHandle| see(&load::<Account>(&handle).await)).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer
}

fn renew(account: &mut Session<Account>) {
    account.regenerate_id();
}

fn is_removal(answer: &Answer) -> bool {
    answer.set_cookie().value.is_empty() && answer.set_cookie().max_age() == Some(0)
}

/// A request that has loaded its session, and waits before it does what it came for.
struct Slow {
    gate: Gate,
    request: JoinHandle<Answer>,
}

impl Slow {
    async fn request<F>(visitor: &Visitor, act: impl FnOnce(Session<Account>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let gate = Gate::default();
        let inside = gate.clone();
        let request = visitor.start(async move |handle: SessionHandle| {
            let account = load::<Account>(&handle).await;
            inside.pass().await;
            act(account).await;
        });
        gate.arrived().await;
        Self { gate, request }
    }

    async fn finish(self) -> Answer {
        self.gate.open();
        let answer = self.request.await.expect("an answer");
        assert_eq!(answer.status, StatusCode::OK);
        answer
    }
}
