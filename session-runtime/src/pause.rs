//! How long to wait before another try, so that those who were in each other's way are not again.

use std::time::Duration;

/// The longest wait between two tries.
const LONGEST: Duration = Duration::from_millis(64);

/// Up to a millisecond, doubled so many times.
pub(crate) fn doubled(times: u32) -> Duration {
    part_of(Duration::from_millis(1 << times.min(10)).min(LONGEST))
}

/// A random part of this span; all of it where the system has no random bytes.
pub(crate) fn part_of(span: Duration) -> Duration {
    let share = getrandom::u32().unwrap_or(u32::MAX);
    span.mul_f64(f64::from(share) / f64::from(u32::MAX))
}
