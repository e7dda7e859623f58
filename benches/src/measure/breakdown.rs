//! Which functions the instructions of a request are spent in.

use std::{collections::HashMap, process::Command};

use super::instructions::{Profile, a_repetition, profiles, valgrind_is_installed};
use crate::{Result, case::Case, subjects::Subject};

const SHOWN: usize = 40;

/// The command `breakdown`: prints the functions that cost most, by the instructions of a request that are their own.
pub(crate) fn print(subject: &Subject, case: Case) -> Result<()> {
    if !valgrind_is_installed() {
        return Err("the breakdown needs valgrind, which is not installed".into());
    }
    let functions = functions(subject, case)?;
    let total: f64 = functions.iter().map(|(_, own)| own).sum();
    println!("{} of {}: {total:.0} instructions a request, of which own:", case.name(), subject.name);
    for (name, own) in functions.iter().take(SHOWN) {
        println!("{own:>9.1} {:>5.1}% {name}", 100.0 * own / total);
    }
    Ok(())
}

/// The instructions of a request that SHA-256 takes, without the few that call it.
pub(crate) fn of_hashing(subject: &Subject, case: Case) -> Result<f64> {
    let functions = functions(subject, case)?;
    Ok(functions.iter().filter(|(name, _)| name.starts_with("sha2::")).map(|(_, own)| own).sum())
}

/// Own instructions of a request by function, the most expensive first.
fn functions(subject: &Subject, case: Case) -> Result<Vec<(String, f64)>> {
    let [short, long] = profiles(&["count", subject.name, case.name()])?;
    let short = own_instructions(&short)?;
    let mut functions: Vec<(String, f64)> = own_instructions(&long)?
        .into_iter()
        .map(|(name, long)| {
            let short = short.get(&name).copied().unwrap_or_default();
            (name, a_repetition(long, short))
        })
        .collect();
    functions.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    Ok(functions)
}

/// Own instructions of a run by function. What was inlined into a function counts as its own, whatever file it comes from.
fn own_instructions(profile: &Profile) -> Result<HashMap<String, u64>> {
    let output = Command::new("callgrind_annotate")
        .args(["--threshold=100", "--auto=no", "--show-percs=no"])
        .arg(&profile.path)
        .output()?;
    if !output.status.success() {
        return Err(format!("callgrind_annotate failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let mut functions = HashMap::new();
    for (name, own) in String::from_utf8(output.stdout)?.lines().filter_map(function) {
        *functions.entry(name).or_default() += own;
    }
    Ok(functions)
}

/// Reads a line such as `1,234  src/lib.rs:crate::function [/path/to/program]`.
fn function(line: &str) -> Option<(String, u64)> {
    let (own, rest) = line.trim_start().split_once("  ")?;
    let own = own.replace(',', "").parse().ok()?;
    let (_file, name) = rest.split_once(':')?;
    let name = name.rsplit_once(" [").map_or(name, |(name, _program)| name);
    Some((name.to_owned(), own))
}

#[cfg(test)]
mod tests {
    use super::function;

    #[test]
    fn line_of_a_function_is_read() {
        let line = "  1,234  src/lib.rs:<a::B as c::D>::e [/path/to/program]";
        assert_eq!(function(line), Some(("<a::B as c::D>::e".to_owned(), 1234)));
    }

    #[test]
    fn other_lines_are_passed_over() {
        for line in ["", "-----", "Ir", "1,234  PROGRAM TOTALS", "Profiled target:  program count (PID 1, part 1)"] {
            assert_eq!(function(line), None, "{line}");
        }
    }
}
