//! Random requests to two typed views of one session, over the real layer and store, against a plain map.

mod plain;
mod views;

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;
use proptest::prelude::*;
use session_runtime::{Clock, Expiry, SessionHandle, SessionLayer};

use plain::{Cookie, Plain};
use session_tests::{Answer, Scripted, Visitor};
use views::Views;

/// How long a session lives unused, in seconds.
const IDLE: u64 = 1000;

/// What a request does to a typed session. Fields and values are numbers: [`views`] says of what.
#[derive(Clone, Copy, Debug)]
enum Op {
    Set(usize, u8),
    /// Lends the field and gives it this value.
    Mutate(usize, u8),
    /// Lends the field and leaves it as it is.
    Lend(usize),
    Take,
    ClearField,
    /// Sets every field, the optional one to `None`.
    Replace(u8),
    Clear,
    Discard,
    Destroy,
    Regenerate,
    Save,
    Reload,
    /// Drops the typed session; the next operation loads another.
    Drop,
}

/// One request: which view does what, and how the response ends.
#[derive(Clone, Debug)]
struct Visit {
    /// Seconds since the request before.
    wait: u64,
    steps: Vec<(usize, Op)>,
    succeeds: bool,
}

fn op() -> impl Strategy<Value = Op> {
    let field = 0..views::FIELDS.len();
    let value = 0..3_u8;
    prop_oneof![
        4 => (field.clone(), value.clone()).prop_map(|(field, value)| Op::Set(field, value)),
        4 => (field.clone(), value.clone()).prop_map(|(field, value)| Op::Mutate(field, value)),
        2 => field.prop_map(Op::Lend),
        2 => Just(Op::Take),
        1 => Just(Op::ClearField),
        1 => value.prop_map(Op::Replace),
        1 => Just(Op::Clear),
        1 => Just(Op::Discard),
        1 => Just(Op::Destroy),
        1 => Just(Op::Regenerate),
        2 => Just(Op::Save),
        1 => Just(Op::Reload),
        3 => Just(Op::Drop),
    ]
}

fn visit() -> impl Strategy<Value = Visit> {
    let wait = prop_oneof![4 => Just(0), 1 => 50..150_u64, 1 => IDLE - 1..IDLE + 2];
    let steps = prop::collection::vec((0..2_usize, op()), 0..8);
    (wait, steps, prop::bool::weighted(0.8)).prop_map(|(wait, steps, succeeds)| Visit { wait, steps, succeeds })
}

/// The visitor, what they visit, and what the model thinks of it.
struct World {
    clock: Clock,
    store: Scripted,
    visitor: Visitor,
    plain: Plain,
    ids: BTreeSet<String>,
}

impl World {
    fn new() -> Self {
        let clock = Clock::manual();
        let store = Scripted::with_clock(&clock);
        let layer = SessionLayer::new(store.clone())
            .clock(clock.clone())
            .expiry(Expiry::idle(Duration::from_secs(IDLE)).browser_session());
        Self { clock, store, visitor: Visitor::through(layer), plain: Plain::default(), ids: BTreeSet::new() }
    }

    /// Does the same to both, and compares all that can be seen.
    async fn visit(&mut self, visit: Visit) {
        self.clock.advance(Duration::from_secs(visit.wait));
        self.plain.wait(visit.wait);
        let sends_cookie = self.visitor.id().is_some();
        let expected = self.plain.visit(&visit, sends_cookie);
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let answer = self
            .visitor
            .act(async move |handle: SessionHandle| {
                let mut views = Views::new(handle);
                let mut seen = Vec::new();
                for (view, op) in visit.steps {
                    seen.push(views.step(view, op).await);
                }
                sender.send(seen).expect("a test that waits");
                if visit.succeeds { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR }
            })
            .await;
        assert_eq!(receiver.await.expect("a handler that ends"), expected.seen);
        let calls = self.store.asked();
        let calls = calls.split("; ").filter(|call| !call.is_empty());
        let (loads, writes): (Vec<_>, Vec<_>) = calls.partition(|call| *call == "load");
        assert_eq!(writes.len(), expected.writes, "writes: {writes:?}");
        assert_eq!(loads.len(), expected.loads, "loads");
        self.compare_cookie(&answer, expected.cookie);
        self.compare_record().await;
    }

    fn compare_cookie(&mut self, answer: &Answer, expected: Cookie) {
        let cookies = answer.set_cookies();
        assert_eq!(cookies.len(), usize::from(expected != Cookie::Keep));
        match (expected, self.visitor.id()) {
            (Cookie::Keep, _) | (Cookie::Remove, None) => {}
            (Cookie::Set, Some(id)) => assert!(self.ids.insert(id.to_owned()), "an id came twice"),
            (expected, _) => panic!("expected {expected:?}, got {cookies:?}"),
        }
    }

    async fn compare_record(&self) {
        let expected = self.plain.names();
        assert_eq!(self.store.len(), usize::from(expected.is_some()));
        let Some(expected) = expected else {
            return;
        };
        let record = self.store.record(self.visitor.id().expect("a cookie")).await;
        let record = record.expect("a record");
        let names = record.entries().map(|(name, _)| name.to_owned());
        let fields: Vec<_> = names.filter(|name| !name.starts_with('@')).collect();
        assert_eq!(fields, expected);
    }
}

/// A last request that reads every field of both views.
fn read_all() -> Visit {
    Visit { wait: 0, steps: vec![(0, Op::Discard), (1, Op::Discard)], succeeds: true }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4 * ProptestConfig::default().cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn two_views_of_one_session_behave_as_a_plain_map(
        visits in prop::collection::vec(visit(), 1..6)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let mut world = World::new();
            for visit in visits.into_iter().chain([read_all()]) {
                world.visit(visit).await;
            }
        });
    }
}
