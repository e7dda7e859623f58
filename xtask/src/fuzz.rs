//! Drives the ways in with libFuzzer, and says how fast.

use std::{fs, path::Path};

use crate::{
    metadata::Metadata,
    run::{Failure, Step, root},
};

/// How often each target runs if nothing else is said.
const RUNS: &str = "10000000";
/// The longest input: as long as the largest cookie.
const MAX_LEN: &str = "4096";

/// Runs these targets, or all of them, and prints how fast; stops at the first that crashes.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let (wanted, runs) = parse(arguments)?;
    let fuzz = Fuzz::provided()?;
    let known = fuzz.cargo("list").output()?;
    if let Some(unknown) = wanted.iter().find(|wanted| !known.lines().any(|known| known == **wanted)) {
        return Err(Failure::new(*unknown, format!("no such target, there are\n{known}")));
    }
    let targets: Vec<_> = known.lines().filter(|known| wanted.is_empty() || wanted.contains(known)).collect();
    fuzz.building("build").run()?;
    let speeds = targets.iter().map(|target| fuzz.drive(target, runs)).collect::<Result<Vec<_>, _>>()?;
    println!("\n{:<16} {:>12} {:>12}", "target", "executions", "a second");
    for (target, speed) in targets.iter().zip(speeds) {
        println!("{target:<16} {:>12} {:>12}", speed.executions, speed.rate);
    }
    Ok(())
}

/// The targets that are named, and how often each is to run.
fn parse<'a>(arguments: &[&'a str]) -> Result<(Vec<&'a str>, &'a str), Failure> {
    let (mut targets, mut runs) = (Vec::new(), RUNS);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if *argument == "--runs" {
            let number = arguments.next().filter(|number| number.parse::<u64>().is_ok_and(|number| number > 0));
            runs = number.ok_or_else(|| Failure::new("--runs", "takes a number, 1 or more"))?;
        } else {
            targets.push(*argument);
        }
    }
    Ok((targets, runs))
}

/// What libFuzzer says at the end of a run.
#[derive(Default)]
struct Speed {
    executions: String,
    rate: String,
    /// Where the input is that made it crash.
    crash: Option<String>,
}

impl Speed {
    fn see(&mut self, line: &str) {
        if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
            number.trim().clone_into(&mut self.executions);
        } else if let Some(number) = line.strip_prefix("stat::average_exec_per_sec:") {
            // Zero stands for a run that was over within its first second.
            let rate = Some(number.trim()).filter(|rate| *rate != "0").unwrap_or(&self.executions);
            self.rate = rate.to_owned();
        } else if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.crash = Some(path.to_owned());
        }
    }
}

/// cargo-fuzz, and the directory below what cargo builds where it and all that it makes is.
struct Fuzz(String);

impl Fuzz {
    /// Looks for the compiler, and installs cargo-fuzz where it is missing.
    fn provided() -> Result<Self, Failure> {
        let nightly = Step::cargo("nightly").words("+nightly --version").output();
        nightly
            .map_err(|_| Failure::new("nightly", "fuzzing needs that compiler: `rustup toolchain install nightly`"))?;
        let metadata = Metadata::read()?;
        let fuzz = Self(Path::new(metadata.target_directory()?).join("fuzz").display().to_string());
        if !Path::new(&fuzz.tool()).exists() {
            let install = Step::cargo("cargo-fuzz").words("+nightly install --locked cargo-fuzz --root");
            install.arguments([format!("{}/tools", fuzz.0)]).run()?;
        }
        Ok(fuzz)
    }

    /// Runs one target, from the corpus and from what earlier runs found.
    fn drive(&self, target: &str, runs: &str) -> Result<Speed, Failure> {
        let found = self.directory(&format!("found/{target}"))?;
        let crashes = self.directory("crashes")?;
        let mut step = self.building("run").arguments([target, &found]);
        step = step.words(&format!("fuzz/corpus/{target} -- -runs={runs} -max_len={MAX_LEN} -print_final_stats=1"));
        step = step.arguments([format!("-artifact_prefix={crashes}/{target}-")]);
        let dictionary = format!("fuzz/dictionaries/{target}.dict");
        if root().join(&dictionary).exists() {
            step = step.arguments([format!("-dict={dictionary}")]);
        }
        let mut speed = Speed::default();
        match (step.watch(|line| speed.see(line)), &speed.crash) {
            (Ok(()), _) => Ok(speed),
            (Err(_), Some(input)) => Err(Failure::new(target, format!("broke a promise, given the bytes in {input}"))),
            (Err(failure), None) => Err(failure),
        }
    }

    /// A command that builds. No sanitizer: none of our code is `unsafe`, and one would take most of the time.
    fn building(&self, command: &str) -> Step {
        self.cargo(command).words("--sanitizer none --target-dir").arguments([format!("{}/build", self.0)])
    }

    /// A command of cargo-fuzz, which needs the nightly cargo.
    fn cargo(&self, command: &str) -> Step {
        let step = Step::new(command, &self.tool()).env("CARGO", "cargo").env("RUSTUP_TOOLCHAIN", "nightly");
        step.words(command).words("--fuzz-dir fuzz/targets")
    }

    fn tool(&self) -> String {
        format!("{}/tools/bin/cargo-fuzz", self.0)
    }

    fn directory(&self, name: &str) -> Result<String, Failure> {
        let directory = format!("{}/{name}", self.0);
        fs::create_dir_all(&directory).map_err(|error| Failure::new("fuzz", error))?;
        Ok(directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_and_runs_come_in_any_order() {
        assert_eq!(parse(&[]).ok(), Some((vec![], RUNS)));
        assert_eq!(parse(&["json", "--runs", "5", "bincode"]).ok(), Some((vec!["json", "bincode"], "5")));
        for wrong in [&["--runs"][..], &["--runs", "many"], &["--runs", "0"]] {
            assert!(parse(wrong).is_err());
        }
    }

    #[test]
    fn what_lib_fuzzer_says_is_understood() {
        let mut speed = Speed::default();
        speed.see("stat::number_of_executed_units: 60000");
        speed.see("stat::average_exec_per_sec:     0");
        assert_eq!((&*speed.executions, &*speed.rate, &speed.crash), ("60000", "60000", &None));
        speed.see("stat::average_exec_per_sec:     5455");
        speed.see("artifact_prefix='/a/json-'; Test unit written to /a/json-crash-1");
        assert_eq!((&*speed.rate, speed.crash.as_deref()), ("5455", Some("/a/json-crash-1")));
    }
}
