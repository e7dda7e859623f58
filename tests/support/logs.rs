//! What was logged on this thread, or elsewhere on its behalf, as text.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, EnteredSpan, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_core::span::Current;

/// Captures events of this thread until it is dropped: `#[tokio::test]` runs a test on one thread. What another thread does in the current span
/// of this one, as that of a connection to SQLite does, counts as well.
pub struct Logs(EnteredSpan);

/// The name of the span in which events are captured.
const SPAN: &str = "captured";

/// What is captured in each such span.
static CAPTURES: Mutex<BTreeMap<u64, Capture>> = Mutex::new(BTreeMap::new());

struct Capture {
    span: &'static Metadata<'static>,
    level: Level,
    text: String,
}

thread_local! {
    /// The spans of captures that this thread is in.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl Logs {
    /// Starts to capture what is at INFO and above.
    pub fn capture() -> Self {
        Self::down_to(Level::INFO)
    }

    /// Starts to capture everything.
    pub fn capture_all() -> Self {
        Self::down_to(Level::TRACE)
    }

    fn down_to(level: Level) -> Self {
        static COLLECTOR: Once = Once::new();
        // One collector for all threads: with one each, what a callsite caches about them is a race.
        COLLECTOR.call_once(|| tracing::subscriber::set_global_default(Collector).expect("the only subscriber"));
        let logs = Self(tracing::error_span!(SPAN).entered());
        logs.with(|capture| capture.level = level);
        logs
    }

    /// A line per event: its level, then `name=value` for each field, the message among them.
    pub fn text(&self) -> String {
        self.with(|capture| capture.text.clone())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Capture) -> T) -> T {
        let id = self.0.id().expect("a span of the collector").into_u64();
        look(captures().get_mut(&id).expect("a capture"))
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        captures().remove(&self.0.id().expect("a span of the collector").into_u64());
    }
}

fn captures() -> MutexGuard<'static, BTreeMap<u64, Capture>> {
    CAPTURES.lock().expect("not poisoned")
}

struct Collector;

impl Collector {
    /// The id of all spans in which nothing is captured.
    const OTHER: u64 = 1;
}

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        static NEXT: AtomicU64 = AtomicU64::new(Collector::OTHER + 1);
        let span = span.metadata();
        if span.name() != SPAN {
            return Id::from_u64(Self::OTHER);
        }
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        captures().insert(id, Capture { span, level: Level::TRACE, text: String::new() });
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let Some(id) = current() else { return };
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        if let Some(capture) = captures().get_mut(&id)
            && *event.metadata().level() <= capture.level
        {
            capture.text += &line.0;
            capture.text.push('\n');
        }
    }

    fn enter(&self, id: &Id) {
        if id.into_u64() != Self::OTHER {
            ENTERED.with_borrow_mut(|entered| entered.push(id.into_u64()));
        }
    }

    fn exit(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| {
            // It may have been entered more than once.
            let last = entered.iter().rposition(|known| *known == id.into_u64());
            last.map(|last| entered.remove(last));
        });
    }

    fn current_span(&self) -> Current {
        let id = current();
        let capture = id.and_then(|id| captures().get(&id).map(|capture| (id, capture.span)));
        capture.map_or_else(Current::none, |(id, span)| Current::new(Id::from_u64(id), span))
    }
}

/// The innermost capture that this thread is in.
fn current() -> Option<u64> {
    ENTERED.with_borrow(|entered| entered.last().copied())
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}
