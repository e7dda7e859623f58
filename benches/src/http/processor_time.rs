//! The processor time of a process, in the nanoseconds in which Linux counts it.

use std::{fs, time::Duration};

use crate::Result;

/// What all its threads have had so far.
pub(super) fn of(process: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // Time on a processor, time waiting for one, and how often.
        let times = fs::read_to_string(thread?.path().join("schedstat"))?;
        let on_processor: u64 = times.split(' ').next().unwrap_or_default().parse()?;
        nanoseconds += on_processor;
    }
    Ok(Duration::from_nanos(nanoseconds))
}
