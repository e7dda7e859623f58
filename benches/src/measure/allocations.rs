//! Allocations a request, counted by a global allocator in a program of its own.

use std::{alloc::System, process::Command};

use stats_alloc::{Region, StatsAlloc};

use super::{Grid, WARM_UP};
use crate::{Result, case::Case, client::Client, runtime, subjects::SUBJECTS};

const REQUESTS: usize = 1_000;

/// New memory, and memory that grew: each costs about as much as the other.
#[derive(Default)]
pub(crate) struct Allocations {
    pub(crate) new: Grid,
    pub(crate) grown: Grid,
}

/// Prints a line for each subject and case: its name, the case's, allocations and reallocations a request.
///
/// # Errors
///
/// When a subject cannot be set up.
pub fn count(allocator: &StatsAlloc<System>) -> Result<()> {
    let runtime = runtime()?;
    for subject in SUBJECTS {
        for case in Case::ALL {
            let mut client = Client::new(subject, &runtime)?;
            client.send_many(&runtime, case, WARM_UP);
            let region = Region::new(allocator);
            client.send_many(&runtime, case, REQUESTS);
            let change = region.change();
            println!(
                "{} {} {} {}",
                subject.name,
                case.name(),
                a_request(change.allocations),
                a_request(change.reallocations)
            );
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn a_request(total: usize) -> f64 {
    total as f64 / REQUESTS as f64
}

/// Runs the counting program, which is built beside this one.
pub(crate) fn measure() -> Result<Allocations> {
    let program = std::env::current_exe()?.with_file_name("session-benches-allocations");
    let output = Command::new(program).output()?;
    if !output.status.success() {
        return Err(format!("counting allocations failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let mut allocations = Allocations::default();
    for line in String::from_utf8(output.stdout)?.lines() {
        let [subject, case, new, grown] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("unexpected line of the allocation counter: {line}").into());
        };
        let case = Case::by_name(case).ok_or("unknown case")?;
        allocations.new.insert(subject, case, new.parse()?);
        allocations.grown.insert(subject, case, grown.parse()?);
    }
    Ok(allocations)
}
