//! The figures as one table.

use std::time::Duration;

use super::{
    FEW,
    measures::{Figures, KNOWN, LISTS, MEASURES, SIGN_INS},
    people::{self, SESSIONS, USERS},
};
use crate::thousands;

/// One store.
pub(super) struct Rows {
    pub(super) store: &'static str,
    /// Of each of the [`MEASURES`], among few sessions and among many.
    pub(super) figures: Vec<[Figures; 2]>,
}

pub(super) fn written(rows: &[Rows], many: u32) -> String {
    let [few, all] = [FEW, many].map(grouped);
    let mut lines = vec![
        format!(
            "| store | | asks | among {few}: median, µs | 99 of 100 within | among {all}: median, µs | 99 of 100 within | × |"
        ),
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    for Rows { store, figures } in rows {
        lines.extend(MEASURES.iter().zip(figures).map(|(measure, figures)| line(store, measure.name, figures)));
    }
    lines.push(notes(many));
    lines.join("\n")
}

fn line(store: &str, name: &str, figures: &[Figures; 2]) -> String {
    let asks = match figures.each_ref().map(|figures| figures.asked) {
        [few, many] if few == many => few.to_string(),
        [few, many] => format!("{few} · {many}"),
    };
    let times = figures.each_ref().map(|of| [of.median, of.hundredth].map(microseconds).join(" | ")).join(" | ");
    let [few, many] = figures.each_ref().map(|figures| figures.median.as_secs_f64());
    format!("| {store} | {name} | {asks} | {times} | {:.2} |", many / few)
}

fn microseconds(time: Duration) -> String {
    let time = time.as_secs_f64() * 1e6;
    if time < 100.0 { format!("{time:.1}") } else { thousands(&format!("{time:.0}")) }
}

fn grouped(count: u32) -> String {
    thousands(&count.to_string())
}

fn notes(many: u32) -> String {
    let users = |sessions: u32| grouped(sessions / SESSIONS * USERS);
    let known = |held| people::of_a_family().filter(|of| *of == held).count() * KNOWN as usize;
    format!(
        "
- {} sessions of {} users and, in the same place, {} of {}, who have 1 to {most} each. All are such as a sign-in makes, with four fields more and a
  description.
- One caller, one call after the other, {} of each, of sign-ins {}; × is the quotient of the medians. Asked for are the same users in both cases,
  {} who have 3 sessions and {} who have {most}; but for the row that says otherwise, where nobody of all who have 3 is asked for twice while there
  are others.
- A sign-in is a request of a visitor without a session, in the process that holds the store, without a socket. Who had 3 is signed out again; who
  had {most} loses the oldest, under a limit of {most} (`Evict::Oldest`).
- Asks: commands of Redis, without what its functions call, or statements of a database, for each call.
",
        grouped(FEW),
        users(FEW),
        grouped(many),
        users(many),
        thousands(&LISTS.to_string()),
        thousands(&SIGN_INS.to_string()),
        known(3),
        known(people::MOST),
        most = people::MOST,
    )
}
