//! Time that is set.

use session_runtime::Clock;
use std::time::Duration;

/// A clock that has reached this moment, which lies far ahead.
pub fn clock_at(millis: u64) -> Clock {
    let clock = Clock::manual();
    clock.advance(Duration::from_millis(millis - clock.now().as_millis()));
    clock
}
