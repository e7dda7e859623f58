//! What the requests took, as one table.

use std::time::Duration;

use super::{
    BEFORE,
    contents::{ENDED, SESSIONS},
    load::{Answered, EVERY, VISITORS},
};
use crate::{Result, thousands};

/// One database.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) before: Window,
    pub(super) during: Window,
    /// The sweep.
    pub(super) took: Duration,
}

/// The requests of some time.
pub(super) struct Window {
    requests: usize,
    median: Duration,
    /// Which one in a hundred exceeds.
    hundredth: Duration,
    slowest: Duration,
}

impl Window {
    pub(super) fn of<'a>(requests: impl Iterator<Item = &'a Answered>) -> Result<Window> {
        let mut took: Vec<Duration> = requests.map(Answered::took).collect();
        took.sort_unstable();
        let Some(&slowest) = took.last() else {
            return Err("nobody asked meanwhile".into());
        };
        let below = |percent| took[(took.len() - 1) * percent / 100];
        Ok(Window { requests: took.len(), median: below(50), hundredth: below(99), slowest })
    }
}

pub(super) fn written(rows: &[Row]) -> String {
    let mut lines = vec![
        "| database | | requests | median, ms | 99 of 100 within, ms | slowest, ms |".to_owned(),
        "| --- | --- | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    for row in rows {
        let sweep = format!("during the sweep of {:.1} s", row.took.as_secs_f64());
        lines.push(line(row.name, "before the sweep", &row.before));
        lines.push(line(row.name, &sweep, &row.during));
    }
    lines.push(notes());
    lines.join("\n")
}

fn line(name: &str, when: &str, window: &Window) -> String {
    let Window { requests, median, hundredth, slowest } = window;
    let times = [median, hundredth, slowest].map(|time| format!("{:.1}", time.as_secs_f64() * 1e3)).join(" | ");
    format!("| {name} | {when} | {} | {times} |", thousands(&requests.to_string()))
}

fn notes() -> String {
    let [sessions, ended] = [SESSIONS, ENDED].map(|count| thousands(&count.to_string()));
    format!(
        "
- A table of {sessions} sessions, of which every third has ended: a sweep removes {ended}, and is checked to have removed nothing else.
- {VISITORS} visitors ask every {} ms each, reading and adding one by turns, in the process that sweeps and without sockets of their own. Who is
  kept waiting is late with the next request, which counts as a part of that.
- Before: the {} s before the sweep.
",
        EVERY.as_millis(),
        BEFORE.as_secs()
    )
}
