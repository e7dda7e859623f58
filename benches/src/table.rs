//! The figures as one table.

use std::fmt::{self, Display, Formatter};

use crate::{
    Result,
    case::Case,
    measure::{
        Grid,
        allocations::{self, Allocations},
        breakdown, instructions, resident, time,
    },
    payload,
    subjects::{self, SUBJECTS},
};

/// Everything that was measured in one run.
pub(crate) struct Figures {
    allocations: Allocations,
    instructions: Option<Grid>,
    nanoseconds: Grid,
    resident: Vec<(&'static str, f64)>,
    hash: Hash,
}

/// One SHA-256 of a session id, and what valgrind counts for those of a request to `ours`.
struct Hash {
    nanoseconds: f64,
    instructions: Option<HashInstructions>,
}

struct HashInstructions {
    each: f64,
    in_a_request: Vec<(Case, f64)>,
}

impl Figures {
    pub(crate) fn measure() -> Result<Figures> {
        let instructions = instructions::measure()?;
        let of_hashing = instructions.as_ref().map(|_| HashInstructions::measure()).transpose()?;
        Ok(Figures {
            allocations: allocations::measure()?,
            instructions,
            nanoseconds: time::measure()?,
            resident: resident::measure()?,
            hash: Hash { nanoseconds: time::of_one_hash(), instructions: of_hashing },
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

#[derive(Clone, Copy)]
struct Row {
    instructions: Option<f64>,
    new: Option<f64>,
    grown: Option<f64>,
    nanoseconds: Option<f64>,
}

impl Row {
    fn over(self, base: Row) -> Row {
        self.combine(base, |own, base| own - base)
    }

    fn divided_by(self, base: Row) -> Row {
        self.combine(base, |own, base| own / base)
    }

    fn combine(self, other: Row, combine: fn(f64, f64) -> f64) -> Row {
        let both = |own: Option<f64>, other: Option<f64>| Some(combine(own?, other?));
        Row {
            instructions: both(self.instructions, other.instructions),
            new: both(self.new, other.new),
            grown: both(self.grown, other.grown),
            nanoseconds: both(self.nanoseconds, other.nanoseconds),
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
        self.notes(f)
    }
}

impl Figures {
    fn rows(&self, f: &mut Formatter<'_>, case: Case) -> fmt::Result {
        let plain = self.row("plain", case);
        let noop = self.row("noop", case);
        let ours = self.row("ours", case).over(plain);
        for subject in SUBJECTS.map(|subject| subject.name) {
            let row = self.row(subject, case);
            let over_plain = if subject == "plain" { row } else { row.over(plain) };
            write!(f, "| {} | {subject} | {} ", case.name(), count(over_plain.instructions))?;
            write!(f, "| {} | {} ", allocated(over_plain), count(over_plain.nanoseconds))?;
            let over_noop = row.over(noop);
            let ratio = over_plain.divided_by(ours);
            match subject {
                "plain" | "noop" => writeln!(f, "| | |")?,
                "ours" => writeln!(f, "| {} | |", triple(over_noop, count))?,
                _ => writeln!(f, "| {} | {} |", triple(over_noop, count), triple(ratio, times))?,
            }
        }
        Ok(())
    }

    fn notes(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (json, bincode) = payload::sizes();
        writeln!(f)?;
        writeln!(f, "- `plain` is absolute; everything else is over `plain`, the same routes without any layer.")?;
        writeln!(f, "- Over noop and × ours: instructions · allocations · ns.")?;
        writeln!(f, "- Payload: 8 fields, {json} bytes as JSON, {bincode} as Bincode.")?;
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

impl HashInstructions {
    fn measure() -> Result<HashInstructions> {
        let ours = subjects::by_name("ours").ok_or("no subject `ours`")?;
        let of = |case| Ok((case, breakdown::of_hashing(ours, case)?));
        Ok(HashInstructions {
            each: instructions::of_one_hash()?,
            in_a_request: Case::ALL.into_iter().map(of).collect::<Result<_>>()?,
        })
    }
}

impl Hash {
    fn note(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let takes = format!("takes {} ns on this processor", count(Some(self.nanoseconds)));
        let Some(instructions) = &self.instructions else {
            writeln!(f, "- Instructions were not counted: valgrind is not installed.")?;
            return writeln!(f, "- One SHA-256 of a session id {takes}.");
        };
        write!(f, "- Valgrind lacks SHA-NI: one SHA-256 of a session id {takes}, ")?;
        write!(f, "but counts as {} instructions. Of `ours` that is", count(Some(instructions.each)))?;
        for (position, (case, instructions)) in instructions.in_a_request.iter().enumerate() {
            let separator = if position == 0 { "" } else { "," };
            write!(f, "{separator} {} in {}", count(Some(*instructions)), case.name())?;
        }
        writeln!(f, ".")
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn sessions() -> f64 {
    resident::SESSIONS as f64
}

fn allocated(row: Row) -> String {
    format!("{} (+ {})", count(row.new), count(row.grown))
}

fn triple(row: Row, format: fn(Option<f64>) -> String) -> String {
    [row.instructions, row.new, row.nanoseconds].map(format).join(" · ")
}

fn times(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.1}"))
}

/// A whole number, its thousands apart.
fn count(figure: Option<f64>) -> String {
    let Some(figure) = figure else {
        return "–".to_owned();
    };
    let digits = format!("{:.0}", figure.abs());
    let sign = if figure < 0.0 && digits != "0" { "−" } else { "" };
    format!("{sign}{}", thousands(&digits))
}

/// The digits of a number, its thousands apart.
#[must_use]
pub fn thousands(digits: &str) -> String {
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn thousands_are_apart_and_small_negatives_are_zero() {
        let written = [1_234_567.4, 999.6, 12.0, -1_000.0, -0.2].map(|figure| count(Some(figure)));
        assert_eq!(written, ["1,234,567", "1,000", "12", "−1,000", "0"]);
    }
}
