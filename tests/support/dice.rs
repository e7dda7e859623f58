//! Chance that a seed repeats.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Throws the same numbers for the same seed.
pub struct Dice {
    seed: u64,
    thrown: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { seed, thrown: 0 }
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, self.thrown).hash(&mut hasher);
        self.thrown += 1;
        hasher.finish() % end
    }
}
