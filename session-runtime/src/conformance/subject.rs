//! The store under test: how one is made, and what tells it the time.

use std::fmt;
use std::pin::Pin;

use super::bench::Bench;
use super::erased::AnyStore;
use crate::clock::Clock;
use crate::store::SessionStore;

type Making = Pin<Box<dyn Future<Output = AnyStore>>>;
type Make = Box<dyn Fn(Clock) -> Making>;

/// A store under test, or rather how to make one: every check makes its own.
pub struct Subject {
    make: Make,
    beside: Option<Make>,
    /// Whether the suite sets the time.
    timed: bool,
}

impl Subject {
    /// A store that tells the time by itself: the suite waits for what ends soon.
    pub fn new<S: SessionStore, F: Future<Output = S> + 'static>(make: impl Fn() -> F + 'static) -> Self {
        Self { make: erased(move |_| make()), beside: None, timed: false }
    }

    /// A store that tells the time by the clock that it is given, and by nothing else.
    pub fn with_clock<S: SessionStore, F: Future<Output = S> + 'static>(make: impl Fn(Clock) -> F + 'static) -> Self {
        Self { make: erased(make), beside: None, timed: true }
    }

    /// The same store, and how to make a second one that must not see the sessions of the first: of another prefix, table or database.
    #[must_use]
    pub fn beside<S: SessionStore, F: Future<Output = S> + 'static>(
        mut self,
        make: impl Fn(Clock) -> F + 'static,
    ) -> Self {
        self.beside = Some(erased(make));
        self
    }

    pub(super) fn has_beside(&self) -> bool {
        self.beside.is_some()
    }

    /// What one check works with.
    pub(super) async fn bench(&self) -> Bench {
        let clock = if self.timed { Clock::manual() } else { Clock::system() };
        let store = (self.make)(clock.clone()).await;
        let beside = match &self.beside {
            Some(make) => Some(make(clock.clone()).await),
            None => None,
        };
        Bench { store, beside, clock, timed: self.timed }
    }
}

fn erased<S: SessionStore, F: Future<Output = S> + 'static>(make: impl Fn(Clock) -> F + 'static) -> Make {
    Box::new(move |clock| {
        let making = make(clock);
        Box::pin(async { AnyStore::new(making.await) })
    })
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("timed", &self.timed).finish_non_exhaustive()
    }
}
