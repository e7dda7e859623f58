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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use metrics::{
        Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    };

    use super::*;

    /// How often each metric was counted or recorded, by its name and its labels.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<BTreeMap<String, u64>>>);

    struct Metric(Kept, String);

    impl Metric {
        fn add(&self, value: u64) {
            *self.0.0.lock().expect("not poisoned").entry(self.1.clone()).or_default() += value;
        }
    }

    impl CounterFn for Metric {
        fn increment(&self, value: u64) {
            self.add(value);
        }

        fn absolute(&self, _: u64) {}
    }

    impl HistogramFn for Metric {
        fn record(&self, _: f64) {
            self.add(1);
        }
    }

    impl Kept {
        fn metric(&self, key: &Key) -> Arc<Metric> {
            let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
            Arc::new(Metric(self.clone(), format!("{}{}", key.name(), labels.collect::<String>())))
        }
    }

    impl Recorder for Kept {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.metric(key))
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.metric(key))
        }
    }

    #[tokio::test]
    async fn s26_events_are_counted_and_calls_are_timed() {
        let kept = Kept::default();
        let _recording = metrics::set_default_local_recorder(&kept);
        count(EventKind::Created);
        count(EventKind::Created);
        count(EventKind::UnknownId);
        assert_eq!(timed(Call::Load, async { 7 }).await, 7);
        timed(Call::Commit, async {}).await;
        let kept: Vec<_> = kept.0.lock().expect("not poisoned").clone().into_iter().collect();
        let expected = [
            ("session_commit_seconds", 1),
            ("session_events_total event=created", 2),
            ("session_events_total event=unknown_id", 1),
            ("session_load_seconds", 1),
        ];
        assert_eq!(kept, expected.map(|(name, value)| (name.to_owned(), value)));
    }
}
