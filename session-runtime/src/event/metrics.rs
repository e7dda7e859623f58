//! Counters and histograms of the crate `metrics`.

use std::time::Instant;

use super::EventKind;

pub(super) const ARE_KEPT: bool = true;

/// What is measured.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    Load,
    Commit,
}

impl Call {
    fn histogram(self) -> &'static str {
        match self {
            Self::Load => "session_load_seconds",
            Self::Commit => "session_commit_seconds",
        }
    }
}

/// Counts an event.
pub(super) fn count(kind: EventKind) {
    metrics::counter!("session_events_total", "event" => kind.name()).increment(1);
}

/// Measures how long a call takes, whatever its answer.
pub(crate) async fn timed<F: Future>(call: Call, future: F) -> F::Output {
    let began = Instant::now();
    let output = future.await;
    metrics::histogram!(call.histogram()).record(began.elapsed());
    output
}
