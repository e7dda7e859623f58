//! Finds and runs the programs of others.

use std::{
    env, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where servers are that are not for everybody's `PATH`.
const FURTHER: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// The first of these programs that is there.
pub(crate) fn find(names: &[&str]) -> io::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let directories: Vec<PathBuf> = env::split_paths(&path).chain(FURTHER.map(PathBuf::from)).collect();
    let mut programs = names.iter().flat_map(|name| directories.iter().map(move |directory| directory.join(name)));
    programs.find(|program| program.is_file()).ok_or_else(|| missing(names))
}

/// That none of these programs is there.
pub(crate) fn missing(names: &[&str]) -> io::Error {
    let advice = format!("there is no {}: `cargo xtask test` provides what is needed", names.join(" or "));
    io::Error::new(io::ErrorKind::NotFound, advice)
}

/// Runs a program to its end and answers what it printed, or fails with that.
pub(crate) fn run(command: &mut Command) -> io::Result<String> {
    run_known(command, |_| Ok(()))
}

/// As [`run`], and says by which id the program is known while it runs.
pub(crate) fn run_known(command: &mut Command, say: impl FnOnce(u32) -> io::Result<()>) -> io::Result<String> {
    let name = Path::new(command.get_program()).display().to_string();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
    say(child.id())?;
    let output = child.wait_with_output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(printed.into_owned());
    }
    Err(io::Error::other(format!("{name}: {}{printed}", String::from_utf8_lossy(&output.stderr))))
}
