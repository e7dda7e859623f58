//! How many schedules there were, and the shortest that breaks each promise.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use session_runtime::StoreKey;

use super::run::{Outcome, Start};
use super::stepped::{Call, Verb};

#[derive(Default)]
pub(super) struct Report {
    schedules: usize,
    breaches: BTreeMap<&'static str, Breach>,
}

/// A promise that does not hold.
struct Breach {
    times: usize,
    calls: usize,
    text: String,
}

impl Report {
    pub(super) fn schedules(&self) -> usize {
        self.schedules
    }

    pub(super) fn count(&mut self) {
        self.schedules += 1;
    }

    /// A promise was broken.
    pub(super) fn breach(&mut self, promise: &'static str, seen: &str, start: Start, outcome: &Outcome) {
        let calls = outcome.calls.len();
        let breach =
            self.breaches.entry(promise).or_insert(Breach { times: 0, calls: usize::MAX, text: String::new() });
        breach.times += 1;
        if calls < breach.calls {
            breach.calls = calls;
            breach.text = format!("{seen}\n{}", show(start, outcome));
        }
    }

    /// Fails where a promise was broken, or too little was tried to know.
    pub(super) fn check(&self, name: &str, at_least: usize) {
        let mut text = String::new();
        for (promise, breach) in &self.breaches {
            let _ = writeln!(text, "\n{promise}: broken {} times, first: {}", breach.times, breach.text);
        }
        assert!(text.is_empty(), "{name}, of {} schedules:{text}", self.schedules);
        assert!(self.schedules >= at_least, "{name}: only {} schedules were explored", self.schedules);
    }
}

/// A schedule for people: ids are numbered as they come up.
fn show(start: Start, outcome: &Outcome) -> String {
    let mut names = Names::default();
    let mut text = format!("  from {start:?}, {:?}\n", outcome.acts);
    for Call { by, verb, key, answer, left } in &outcome.calls {
        let at = names.of(key);
        let what = match verb {
            Verb::Rename { to, grace } => format!("Rename {at} to {} (grace: {grace})", names.of(to)),
            _ => format!("{verb:?} {at}"),
        };
        let _ = writeln!(text, "  r{by} {:?}: {what}: {answer:?}, left {left:?}", outcome.acts[*by]);
    }
    for (request, said) in outcome.said.iter().enumerate() {
        let _ = writeln!(text, "  r{request} says {said:?}");
    }
    names.replace(text)
}

#[derive(Default)]
struct Names(Vec<StoreKey>);

impl Names {
    fn of(&mut self, key: &StoreKey) -> String {
        if !self.0.contains(key) {
            self.0.push(*key);
        }
        format!("{key:?}")
    }

    fn replace(&self, text: String) -> String {
        let numbered = self.0.iter().enumerate();
        numbered.fold(text, |text, (number, key)| text.replace(&format!("{key:?}"), &format!("#{number}")))
    }
}
