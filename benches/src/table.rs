//! The figures as tables: one of what the server keeps, one of what the cookie keeps.

mod cookies;
mod hash;
mod row;

use std::fmt::{self, Display, Formatter};

use crate::{
    Result,
    case::Case,
    measure::{
        Grid,
        allocations::{self, Allocations},
        cookie_bytes::{self, CookieBytes},
        instructions, resident, time,
    },
    payload,
    subjects::SUBJECTS,
};

use hash::Hash;
pub use row::thousands;
use row::{Row, count, times};

/// Everything that was measured in one run.
pub(crate) struct Figures {
    allocations: Allocations,
    instructions: Option<Grid>,
    nanoseconds: Grid,
    resident: Vec<(&'static str, f64)>,
    cookie_bytes: Vec<CookieBytes>,
    hash: Hash,
}

impl Figures {
    pub(crate) fn measure() -> Result<Figures> {
        let instructions = instructions::measure()?;
        let hash = Hash::measure(instructions.is_some())?;
        Ok(Figures {
            allocations: allocations::measure()?,
            instructions,
            nanoseconds: time::measure()?,
            resident: resident::measure()?,
            cookie_bytes: cookie_bytes::measure()?,
            hash,
        })
    }

    /// The figures of one row: instructions, allocations, reallocations, nanoseconds.
    fn row(&self, subject: &str, case: Case) -> Row {
        Row {
            instructions: self.instructions.as_ref().and_then(|grid| grid.get(subject, case)),
            new: self.allocations.new.get(subject, case),
            grown: self.allocations.grown.get(subject, case),
            nanoseconds: self.nanoseconds.get(subject, case),
        }
    }
}

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "| request | subject | instructions | allocations (+ reallocations) | ns | over noop | × ours |")?;
        writeln!(f, "| --- | --- | ---: | ---: | ---: | ---: | ---: |")?;
        for case in Case::ALL {
            self.rows(f, case)?;
        }
        writeln!(f)?;
        self.cookies(f)?;
        writeln!(f)?;
        self.notes(f)
    }
}

impl Figures {
    fn rows(&self, f: &mut Formatter<'_>, case: Case) -> fmt::Result {
        let plain = self.row("plain", case);
        let noop = self.row("noop", case);
        let ours = self.row("ours", case).over(plain);
        for subject in SUBJECTS.into_iter().filter(|subject| !subject.keeps_sessions_in_cookies()) {
            let subject = subject.name;
            let row = self.row(subject, case);
            let over_plain = if subject == "plain" { row } else { row.over(plain) };
            write!(f, "| {} | {subject} | {} ", case.name(), count(over_plain.instructions))?;
            write!(f, "| {} | {} ", over_plain.allocated(), count(over_plain.nanoseconds))?;
            let over_noop = row.over(noop);
            let ratio = over_plain.divided_by(ours);
            match subject {
                "plain" | "noop" => writeln!(f, "| | |")?,
                "ours" => writeln!(f, "| {} | |", over_noop.triple(count))?,
                _ => writeln!(f, "| {} | {} |", over_noop.triple(count), ratio.triple(times))?,
            }
        }
        Ok(())
    }

    fn notes(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (json, bincode) = payload::sizes();
        writeln!(f, "- `plain` is absolute; everything else is over `plain`, the same routes without any layer.")?;
        writeln!(f, "- Over noop and × ours: instructions · allocations · ns.")?;
        writeln!(f, "- Payload: 8 fields, {json} bytes as JSON, {bincode} as Bincode.")?;
        cookies::notes(f)?;
        self.hash.note(f)?;
        self.resident_note(f)
    }

    fn resident_note(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "- Resident bytes a session, with {} of them:", count(Some(sessions())))?;
        for (position, (subject, bytes)) in self.resident.iter().enumerate() {
            let separator = if position == 0 { "" } else { "," };
            write!(f, "{separator} {subject} {}", count(Some(*bytes)))?;
        }
        writeln!(f, "{}.", if self.resident.is_empty() { " not told by this system" } else { "" })
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn sessions() -> f64 {
    resident::SESSIONS as f64
}
