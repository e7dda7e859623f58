//! What was logged on this thread, as text.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Captures events of this thread until it is dropped: `#[tokio::test]` runs a test on one thread.
pub struct Logs(());

thread_local! {
    /// What is captured on this thread, and down to which level.
    static CAPTURED: RefCell<Option<(Level, String)>> = const { RefCell::new(None) };
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
        CAPTURED.set(Some((level, String::new())));
        Self(())
    }

    /// A line per event: its level, then `name=value` for each field, the message among them.
    pub fn text(&self) -> String {
        CAPTURED.with_borrow(|captured| captured.as_ref().map_or_else(String::new, |(_, text)| text.clone()))
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        CAPTURED.set(None);
    }
}

struct Collector;

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        CAPTURED.with_borrow_mut(|captured| {
            if let Some((level, text)) = captured
                && event.metadata().level() <= level
            {
                let mut line = Line(event.metadata().level().to_string());
                event.record(&mut line);
                text.push_str(&line.0);
                text.push('\n');
            }
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}
