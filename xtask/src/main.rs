//! The tasks of this workspace: `cargo xtask help` lists them.

mod bench;
mod fuzz;
mod metadata;
mod provide;
mod run;
mod test;

use std::process::ExitCode;

use run::Failure;

const HELP: &str = "\
cargo xtask test [ARGUMENTS]
    Formatting, lints, tests, documentation, and each feature alone: what must pass before a change is merged.
    With arguments: only `cargo test`, to which they are passed on (a test's name; `-- --nocapture`).
    Either way it installs Chromium, its driver, Redis, PostgreSQL and MariaDB where they are missing and it may, and starts private servers:
    a single Redis, one with TLS, a cluster, some with sentinels, a PostgreSQL and a MariaDB. Yours are used instead where REDIS_URL,
    REDIS_TLS_URL, REDIS_CLUSTER_URLS, REDIS_SENTINEL_URLS and REDIS_SENTINEL_MASTER, POSTGRES_URL, or MYSQL_URL name them.

cargo xtask bench
    Measures what a request costs, peers beside it, and prints one table, which it also writes to a file.

cargo xtask bench --breakdown CASE [SUBJECT]
    The functions in which the instructions of a request are spent; CASE is untouched, read, add-one or create.

cargo xtask bench consistency
    Races requests to one session against each other, over HTTP, in memory, in Redis and in databases, peers beside it, and prints one table,
    which it also writes to a file.

cargo xtask bench http
    Measures what sessions cost a server over HTTP, in memory, in Redis and in databases, peers beside it, and prints one table for each
    group of them, which it also writes to a file.

cargo xtask bench reaper
    Measures what requests notice while a million sessions are swept, in each database, and prints one table, which it also writes to a file.

cargo xtask bench registry [--sessions N]
    Measures what the list of a user's sessions costs, and a sign-in under a limit, among a thousand sessions and among a million, or N, in
    memory, in Redis and in databases, and prints one table, which it also writes to a file.

cargo xtask fuzz [TARGET…] [--runs N]
    Feeds the ways in to the library (`fuzz/src`) with whatever libFuzzer thinks of, ten million times each, or N; fails where a promise is
    broken, and says which bytes broke it. Needs the nightly compiler; installs cargo-fuzz below `target`.

cargo xtask help
    This list.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match task(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn task(arguments: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["test"] => test::everything(),
        ["test", ref filter @ ..] => test::only(filter),
        ["bench"] => bench::table(),
        ["bench", name @ ("consistency" | "http" | "reaper")] => bench::with_servers(name, &[]),
        ["bench", name @ "registry", ref arguments @ ..] => bench::with_servers(name, arguments),
        ["bench", "--breakdown", ref of @ ..] if !of.is_empty() => bench::breakdown(of),
        ["fuzz", ref arguments @ ..] => fuzz::run(arguments),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(Failure::new(arguments.join(" "), "no such task, see `cargo xtask help`")),
    }
}
