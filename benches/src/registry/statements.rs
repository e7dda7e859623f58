//! Counts the statements that sqlx is given, by what it logs: whatever the database, and at no cost while nothing is counted.

use std::{
    future::Future,
    sync::{
        Once,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use tracing::{
    Event, Metadata, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::{Interest, set_global_default},
};
use tracing_core::callsite::rebuild_interest_cache;

use crate::Result;

/// Of the events that tell of a statement.
const TARGET: &str = "sqlx::query";

static COUNTS: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// How many statements began and ended while this was done.
pub(super) async fn during<T>(call: impl Future<Output = Result<T>>) -> Result<(T, usize)> {
    static COUNTER: Once = Once::new();
    COUNTER.call_once(|| set_global_default(Counter).expect("the only subscriber"));
    COUNT.store(0, SeqCst);
    count(true);
    let answer = call.await;
    count(false);
    Ok((answer?, COUNT.load(SeqCst)))
}

fn count(counts: bool) {
    COUNTS.store(counts, SeqCst);
    rebuild_interest_cache();
}

struct Counter;

impl Subscriber for Counter {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        COUNTS.load(SeqCst) && metadata.target() == TARGET
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(if COUNTS.load(SeqCst) { LevelFilter::TRACE } else { LevelFilter::OFF })
    }

    fn event(&self, _: &Event<'_>) {
        COUNT.fetch_add(1, SeqCst);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
