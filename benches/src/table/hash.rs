//! What valgrind makes of SHA-256: a note, so that a reader can leave it out.

use std::fmt::{self, Formatter};

use super::row::{cases, count};
use crate::{
    Result,
    case::Case,
    measure::{breakdown, instructions, time},
    subjects,
};

/// The subjects whose requests hash: an id that is looked up, or all of a cookie that is signed.
const HASHING: [&str; 3] = ["ours", "ours-signed", "signed-jar"];

/// One SHA-256 of a session id, and what valgrind counts for all that a request needs.
pub(super) struct Hash {
    nanoseconds: f64,
    instructions: Option<Instructions>,
}

struct Instructions {
    each: f64,
    in_a_request: Vec<(&'static str, [f64; Case::ALL.len()])>,
}

impl Hash {
    pub(super) fn measure(counts_instructions: bool) -> Result<Hash> {
        let instructions = counts_instructions.then(Instructions::measure).transpose()?;
        Ok(Hash { nanoseconds: time::of_one_hash(), instructions })
    }

    pub(super) fn note(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let takes = format!("takes {} ns on this processor", count(Some(self.nanoseconds)));
        let Some(instructions) = &self.instructions else {
            writeln!(f, "- Instructions were not counted: valgrind is not installed.")?;
            return writeln!(f, "- One SHA-256 of a session id {takes}.");
        };
        write!(f, "- Valgrind lacks SHA-NI: one SHA-256 of a session id {takes}, ")?;
        write!(f, "but counts as {} instructions. In {} SHA-256 is", count(Some(instructions.each)), cases(", "))?;
        for (position, (subject, figures)) in instructions.in_a_request.iter().enumerate() {
            let separator = if position == 0 { "" } else { ";" };
            let figures = figures.map(|figure| count(Some(figure))).join(", ");
            write!(f, "{separator} {figures} of `{subject}`")?;
        }
        writeln!(f, ".")
    }
}

impl Instructions {
    fn measure() -> Result<Instructions> {
        let in_a_request = HASHING.into_iter().map(|name| Ok((name, of(name)?))).collect::<Result<_>>()?;
        Ok(Instructions { each: instructions::of_one_hash()?, in_a_request })
    }
}

fn of(subject: &str) -> Result<[f64; Case::ALL.len()]> {
    let subject = subjects::by_name(subject).ok_or_else(|| format!("no subject `{subject}`"))?;
    let mut figures = [0.0; Case::ALL.len()];
    for (figure, case) in figures.iter_mut().zip(Case::ALL) {
        *figure = breakdown::of_hashing(subject, case)?;
    }
    Ok(figures)
}
