//! Instructions a request, counted by callgrind: a figure that a busy machine does not change.

use std::{
    fs,
    hint::black_box,
    path::PathBuf,
    process::{Command, Stdio},
};

use sha2::{Digest, Sha256};

use super::{Grid, WARM_UP};
use crate::{
    Result,
    case::Case,
    client::Client,
    runtime,
    subjects::{SUBJECTS, Subject},
};

/// Two runs that differ in their length alone: what they count beside the requests is the same, and falls out of the difference.
const SHORT: usize = 200;
const LONG: usize = SHORT + 1_000;

/// What is counted: a command of this program, to which the number of repetitions is appended.
pub(crate) type Counted<'a> = &'a [&'a str];

/// Fills the grid, or answers `None` where there is no valgrind.
pub(crate) fn measure() -> Result<Option<Grid>> {
    if !valgrind_is_installed() {
        return Ok(None);
    }
    let mut grid = Grid::default();
    for subject in SUBJECTS {
        for case in Case::ALL {
            grid.insert(subject.name, case, each(&["count", subject.name, case.name()])?);
        }
    }
    Ok(Some(grid))
}

/// What valgrind counts for one SHA-256 of a session id, which it computes without the instructions that the processor has for it.
pub(crate) fn of_one_hash() -> Result<f64> {
    each(&["hash"])
}

pub(crate) fn valgrind_is_installed() -> bool {
    Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn each(counted: Counted) -> Result<f64> {
    let [short, long] = profiles(counted)?;
    Ok(a_repetition(long.total()?, short.total()?))
}

/// The two runs whose difference is what a thousand repetitions cost.
pub(crate) fn profiles(counted: Counted) -> Result<[Profile; 2]> {
    Ok([Profile::record(counted, SHORT)?, Profile::record(counted, LONG)?])
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn a_repetition(long: u64, short: u64) -> f64 {
    (long as f64 - short as f64) / (LONG - SHORT) as f64
}

/// The file in which callgrind left one run; it goes when this goes.
pub(crate) struct Profile {
    pub(crate) path: PathBuf,
}

impl Profile {
    fn record(counted: Counted, repetitions: usize) -> Result<Profile> {
        let name = format!("session-benches-{}-{repetitions}.callgrind", std::process::id());
        let profile = Profile { path: std::env::temp_dir().join(name) };
        let output = Command::new("valgrind")
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", profile.path.display()))
            .arg(std::env::current_exe()?)
            .args(counted)
            .arg(repetitions.to_string())
            .output()?;
        if !output.status.success() {
            return Err(format!("valgrind failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(profile)
    }

    fn total(&self) -> Result<u64> {
        let file = fs::read_to_string(&self.path)?;
        let total = file
            .lines()
            .find_map(|line| line.strip_prefix("summary: ").or_else(|| line.strip_prefix("totals: ")))
            .ok_or("callgrind left no total")?;
        Ok(total.trim().parse()?)
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // Best effort: a temporary file that stays behind harms nobody.
        let _ = fs::remove_file(&self.path);
    }
}

/// The command `count`, which runs under valgrind.
pub(crate) fn count(subject: &Subject, case: Case, requests: usize) -> Result<()> {
    let runtime = runtime()?;
    let mut client = Client::new(subject, &runtime)?;
    client.send_many(&runtime, case, WARM_UP);
    client.send_many(&runtime, case, requests);
    Ok(())
}

/// The command `hash`, which runs under valgrind and, timed, without it.
pub(crate) fn hash(times: usize) {
    for _ in 0..times {
        black_box(Sha256::digest(black_box([7; 32])));
    }
}
