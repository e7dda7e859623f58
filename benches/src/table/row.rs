//! What one request to one subject costs, and how it is written.

use crate::case::Case;

/// The figures of a case and subject, as far as they could be measured.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) instructions: Option<f64>,
    pub(super) new: Option<f64>,
    pub(super) grown: Option<f64>,
    pub(super) nanoseconds: Option<f64>,
}

impl Row {
    pub(super) fn over(self, base: Row) -> Row {
        self.combine(base, |own, base| own - base)
    }

    pub(super) fn divided_by(self, base: Row) -> Row {
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

    /// New memory, and memory that grew.
    pub(super) fn allocated(self) -> String {
        format!("{} (+ {})", count(self.new), count(self.grown))
    }

    /// Instructions, allocations and nanoseconds.
    pub(super) fn triple(self, format: fn(Option<f64>) -> String) -> String {
        [self.instructions, self.new, self.nanoseconds].map(format).join(" · ")
    }
}

/// The names of all cases.
pub(super) fn cases(separator: &str) -> String {
    Case::ALL.map(Case::name).join(separator)
}

/// A ratio.
pub(super) fn times(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.1}"))
}

/// A whole number, its thousands apart.
pub(super) fn count(figure: Option<f64>) -> String {
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
