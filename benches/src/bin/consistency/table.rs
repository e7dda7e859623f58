//! The outcomes as one table.

use super::{Outcome, additions::ADDITIONS, fields::WRITES, sign_outs::SIGN_OUTS};
use session_benches::thousands;

/// What came of all races of one subject.
pub(super) struct Row {
    pub(super) subject: &'static str,
    pub(super) processes: usize,
    pub(super) fields: Outcome,
    pub(super) additions: Outcome,
    pub(super) sign_outs: Outcome,
}

pub(super) fn written(rows: &[Row]) -> String {
    let writes = thousands(&WRITES.to_string());
    let mut lines = vec![
        format!(
            "| subject | processes | writes that survive, of {writes} | counter after {ADDITIONS} additions \
             | signed out, yet back, of {SIGN_OUTS} | answered with an error |"
        ),
        "| --- | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    lines.extend(rows.iter().map(line));
    lines.push("\nAnswered with an error: requests of each of the three races.\n".to_owned());
    lines.join("\n")
}

fn line(row: &Row) -> String {
    let Row { subject, processes, fields, additions, sign_outs } = row;
    let errors = [fields, additions, sign_outs].map(|outcome| outcome.errors.to_string()).join(" · ");
    let figures = [fields, additions, sign_outs].map(|outcome| thousands(&outcome.figure.to_string())).join(" | ");
    format!("| {subject} | {processes} | {figures} | {errors} |")
}
