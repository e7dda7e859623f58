//! The processor time of a process, which Linux counts in nanoseconds.

use std::fs;

use crate::Result;

/// The seconds that all its threads have had so far.
pub(super) fn of(process: u32) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // Time on a processor, time waiting for one, and how often.
        let times = fs::read_to_string(thread?.path().join("schedstat"))?;
        let on_processor: f64 = times.split(' ').next().unwrap_or_default().parse()?;
        nanoseconds += on_processor;
    }
    Ok(nanoseconds / 1e9)
}
