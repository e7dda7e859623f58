//! The measures, one file each, and the grid that each of them fills.

pub(crate) mod allocations;
pub(crate) mod breakdown;
pub(crate) mod cookie_bytes;
pub(crate) mod instructions;
pub(crate) mod resident;
pub(crate) mod time;

use crate::case::Case;

/// Requests before those that count: caches, free lists and tables are as in a server that has been running.
pub(crate) const WARM_UP: usize = 200;

/// One figure for each subject and case.
#[derive(Default)]
pub(crate) struct Grid {
    figures: Vec<(String, Case, f64)>,
}

impl Grid {
    pub(crate) fn insert(&mut self, subject: &str, case: Case, figure: f64) {
        self.figures.push((subject.to_owned(), case, figure));
    }

    pub(crate) fn get(&self, subject: &str, case: Case) -> Option<f64> {
        self.figures
            .iter()
            .find(|(of_subject, of_case, _)| of_subject == subject && *of_case == case)
            .map(|(_, _, figure)| *figure)
    }
}
