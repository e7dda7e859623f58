//! How often something is tried.

use tokio::time::sleep;

use super::error::Failure;
use crate::pause;

/// What became of a statement that changes a row if that is what it was.
pub(super) enum Swapped {
    Done,
    /// It was not, or not any more.
    NotDone {
        /// Whether the statement was executed before, over a connection that broke, and may have been what changed the row.
        perhaps_before: bool,
    },
}

/// What a statement has been through. Every statement may be executed twice: what it did the first time is told by a version, a stamp, or the
/// row that is there.
pub(super) struct Tries {
    is_broken: bool,
    conflicts: u32,
    most_conflicts: u32,
}

impl Tries {
    /// Fails when others were in the way again and again: it can be done another time.
    pub(super) fn few() -> Self {
        Self { is_broken: false, conflicts: 0, most_conflicts: 3 }
    }

    /// Fails when others were in the way a hundred times: for seconds, and longer where each waits for a lock. The layer does not wait so long.
    pub(super) fn patient() -> Self {
        Self { most_conflicts: 100, ..Self::few() }
    }

    /// Whether a connection broke under it.
    pub(super) fn was_broken(&self) -> bool {
        self.is_broken
    }

    /// What a statement that changed a row, or did not, comes to after these.
    pub(super) fn swapped(&self, is_done: bool) -> Swapped {
        if is_done { Swapped::Done } else { Swapped::NotDone { perhaps_before: self.is_broken } }
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
        sleep(pause::doubled(self.conflicts)).await;
        Ok(())
    }
}
