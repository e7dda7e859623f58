//! All ways through a tree of choices, one after another.

/// The choices of one way.
#[derive(Default)]
pub(super) struct Choices {
    /// Each, and of how many it is one.
    made: Vec<(usize, usize)>,
    /// How many were asked for on this way.
    asked: usize,
}

impl Choices {
    /// One of so many: the first, where this place was never come to.
    pub(super) fn choose(&mut self, count: usize) -> usize {
        if self.asked == self.made.len() {
            self.made.push((0, count));
        }
        self.asked += 1;
        self.made[self.asked - 1].0
    }

    /// Turns to the next way, if there is one.
    pub(super) fn next(&mut self) -> bool {
        self.asked = 0;
        while let Some((choice, count)) = self.made.pop() {
            if choice + 1 < count {
                self.made.push((choice + 1, count));
                return true;
            }
        }
        false
    }
}
