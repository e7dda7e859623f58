//! How often something is tried.

use std::time::Duration;

use tokio::time::sleep;

use super::error::Failure;

/// What a statement has been through. Every statement may be executed twice: what it did the first time is told by a version, a stamp, or the
/// row that is there.
pub(super) struct Tries {
    is_broken: bool,
    conflicts: u32,
    most_conflicts: u32,
}

impl Tries {
    /// The longest wait between two.
    const LONGEST: Duration = Duration::from_millis(64);

    /// Fails at the first conflict.
    pub(super) fn impatient() -> Self {
        Self { is_broken: false, conflicts: 0, most_conflicts: 0 }
    }

    /// Fails when others were in the way again and again: it can be done another time.
    pub(super) fn few() -> Self {
        Self { most_conflicts: 3, ..Self::impatient() }
    }

    /// Fails when others were in the way for seconds.
    pub(super) fn patient() -> Self {
        Self { most_conflicts: 100, ..Self::impatient() }
    }

    /// Whether a connection broke under it.
    pub(super) fn was_broken(&self) -> bool {
        self.is_broken
    }

    /// Goes on where another try may succeed.
    pub(super) async fn after(&mut self, failure: Failure) -> Result<(), Failure> {
        if failure.is_of_connection() && !self.is_broken {
            self.is_broken = true;
            return Ok(());
        }
        if !failure.is_conflict() || self.conflicts == self.most_conflicts {
            return Err(failure);
        }
        self.conflicts += 1;
        sleep(self.pause()).await;
        Ok(())
    }

    /// Longer, and more random, from conflict to conflict.
    fn pause(&self) -> Duration {
        let most = Duration::from_millis(1 << self.conflicts.min(10)).min(Self::LONGEST);
        let share = getrandom::u32().unwrap_or(u32::MAX);
        most.mul_f64(f64::from(share) / f64::from(u32::MAX))
    }
}
