//! Resident bytes a session: how much a process grows while its memory store fills.

use std::{fs, process::Command};

use super::WARM_UP;
use crate::{
    Result,
    case::Case,
    client::Client,
    runtime,
    subjects::{SUBJECTS, SetsCookie, Subject},
};

pub(crate) const SESSIONS: usize = 200_000;

/// Bytes a session by subject, each measured in a process of its own; nothing where the system does not tell.
pub(crate) fn measure() -> Result<Vec<(&'static str, f64)>> {
    if resident_bytes().is_err() {
        return Ok(Vec::new());
    }
    let keeps_sessions =
        |subject: &&&Subject| subject.sets_cookie != SetsCookie::Never && !subject.keeps_sessions_in_cookies();
    SUBJECTS
        .iter()
        .filter(keeps_sessions)
        .map(|subject| Ok((subject.name, in_a_process_of_its_own(subject)?)))
        .collect()
}

fn in_a_process_of_its_own(subject: &Subject) -> Result<f64> {
    let output =
        Command::new(std::env::current_exe()?).args(["resident", subject.name, &SESSIONS.to_string()]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// The command `resident`: prints the bytes a session.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn print(subject: &Subject, sessions: usize) -> Result<()> {
    let runtime = runtime()?;
    let mut client = Client::new(subject, &runtime)?;
    client.send_many(&runtime, Case::Create, WARM_UP);
    let before = resident_bytes()?;
    client.send_many(&runtime, Case::Create, sessions);
    println!("{}", (resident_bytes()? as f64 - before as f64) / sessions as f64);
    Ok(())
}

fn resident_bytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}
