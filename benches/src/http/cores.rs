//! Who runs on which core: the server alone on the first, everyone else on the others. `taskset` of util-linux says so, as only that can.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio, id},
    thread::available_parallelism,
};

use crate::Result;

const SERVER: &str = "0";

/// Moves this process, and with it those that it starts, off the server's core; whether that was possible.
pub(super) fn leave_one_to_the_server() -> bool {
    let Ok(cores) = available_parallelism() else {
        return false;
    };
    let others = format!("1-{}", cores.get() - 1);
    let moved = Command::new("taskset")
        .args(["--cpu-list", "--pid", &others, &id().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    moved.is_ok_and(|status| status.success())
}

/// A program that is to run on the server's core.
pub(super) fn of_the_server(program: &Path, pinned: bool) -> Command {
    if !pinned {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", SERVER]).arg(program);
    command
}

/// How the time of the server's core has been spent, in the kernel's ticks.
#[derive(Clone, Copy)]
pub(super) struct CoreTime {
    idle: f64,
    all: f64,
}

impl CoreTime {
    pub(super) fn so_far() -> Result<CoreTime> {
        let times = fs::read_to_string("/proc/stat")?;
        let times = times.lines().find_map(|line| line.strip_prefix("cpu")?.strip_prefix(SERVER)?.strip_prefix(' '));
        // Of users, of users that are nice, of the system, idle, and of what a user need not know.
        let times = times.ok_or("the server's core is not counted")?.split(' ').map(str::parse);
        let times = times.collect::<std::result::Result<Vec<f64>, _>>()?;
        Ok(CoreTime { idle: *times.get(3).ok_or("idle time is not counted")?, all: times.iter().sum() })
    }

    /// The part of the time since then that nobody used.
    pub(super) fn idle_since(self, before: CoreTime) -> f64 {
        (self.idle - before.idle) / (self.all - before.all).max(1.0)
    }
}
