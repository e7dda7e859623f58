//! Waits for what another process does.

use std::{
    io, thread,
    time::{Duration, Instant},
};

/// Servers that take longer have failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(10);

/// Asks until there is an answer; an error ends it.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> io::Result<Option<T>>) -> io::Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if Instant::now() > end {
            return Err(io::Error::new(io::ErrorKind::TimedOut, format!("waited in vain until {what}")));
        }
        thread::sleep(PAUSE);
    }
}
