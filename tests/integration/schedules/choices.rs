//! Depth-first search without a memory of states: each run repeats the choices of the run before up to the last that has an alternative.

/// The choices of one run, and where the next one turns off.
#[derive(Default)]
pub(super) struct Choices {
    path: Vec<Choice>,
    /// How many of the path this run has made.
    made: usize,
}

struct Choice {
    taken: usize,
    of: usize,
}

impl Choices {
    /// One of so many options: what the path says, and beyond its end the first.
    pub(super) fn choose(&mut self, options: usize) -> usize {
        if self.made == self.path.len() {
            self.path.push(Choice { taken: 0, of: options });
        }
        let choice = &self.path[self.made];
        assert_eq!(choice.of, options, "a run that repeats the choices of another repeats its calls");
        self.made += 1;
        choice.taken
    }

    /// Turns to the next run; `false` when there is none left.
    pub(super) fn turn(&mut self) -> bool {
        self.made = 0;
        while let Some(last) = self.path.last_mut() {
            last.taken += 1;
            if last.taken < last.of {
                return true;
            }
            self.path.pop();
        }
        false
    }
}
