//! Builds the benchmarks as a release is built, and runs them.

use std::{fs, path::Path};

use crate::{
    metadata::Metadata,
    provide,
    run::{Failure, Step},
};

/// Prints the table and writes it beside what cargo builds.
pub(crate) fn table() -> Result<(), Failure> {
    let file = out("table.md")?;
    provide_valgrind();
    build().run()?;
    program("table").arguments(["--out", &file]).run()?;
    println!("\nwritten to {file}");
    Ok(())
}

/// Prints the table of what concurrent requests come to, what sessions cost over HTTP, what is noticed of a sweep, or what a list of sessions
/// costs, and writes it beside what cargo builds.
pub(crate) fn with_servers(name: &str, arguments: &[&str]) -> Result<(), Failure> {
    provide::redis()?;
    provide::sql()?;
    let file = out(&format!("{name}.md"))?;
    let program = "run --quiet --profile bench --package session-benches --bin";
    let benchmark = Step::cargo(name).words(program).arguments([&format!("session-benches-{name}"), "--"]);
    benchmark.arguments(arguments.iter().copied()).arguments(["--out", &file]).run()?;
    println!("\nwritten to {file}");
    Ok(())
}

/// Prints the functions in which the instructions of a request are spent.
pub(crate) fn breakdown(of: &[&str]) -> Result<(), Failure> {
    provide_valgrind();
    build().run()?;
    program("breakdown").arguments(["breakdown"]).arguments(of.iter().copied()).run()
}

/// A file beside what cargo builds.
fn out(name: &str) -> Result<String, Failure> {
    let metadata = Metadata::read()?;
    let directory = Path::new(metadata.target_directory()?).join("bench");
    fs::create_dir_all(&directory).map_err(|error| Failure::new("bench", error))?;
    Ok(directory.join(name).display().to_string())
}

/// Both programs: the one that prints the table runs the other, which counts allocations.
fn build() -> Step {
    Step::cargo("build").words("build --profile bench --package session-benches")
}

fn program(name: &str) -> Step {
    Step::cargo(name).words("run --quiet --profile bench --package session-benches --bin session-benches --")
}

/// Installs valgrind where that is possible; without it the table has no instructions.
fn provide_valgrind() {
    if let Err(failure) = provide::valgrind() {
        println!("valgrind could not be installed, so instructions are not counted: {failure}");
    }
}
