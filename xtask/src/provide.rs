//! Programs that a task needs: finds them, and installs what is missing where it may.

use std::{env, process::Command};

use session_servers::{MariaDb, Postgres};

use crate::run::{Failure, Step};

/// Valgrind, which counts instructions.
pub(crate) fn valgrind() -> Result<(), Failure> {
    if is_there("valgrind") { Ok(()) } else { install("valgrind", "") }
}

/// Chromium and its driver, for the tests in a real browser.
pub(crate) fn browser() -> Result<(), Failure> {
    let browser = is_given("CHROMIUM") || is_there("chromium") || is_there("google-chrome");
    let driver = is_given("CHROMEDRIVER") || is_there("chromedriver");
    if browser && driver {
        return Ok(());
    }
    install("chromium chromium-driver", ", or say in CHROMIUM and CHROMEDRIVER where they are")
}

/// A Redis server, and what makes its certificate.
pub(crate) fn redis() -> Result<(), Failure> {
    let server = is_there("redis-server") || is_there("valkey-server");
    if server && answer("openssl", "version").is_some() { Ok(()) } else { install("redis-server openssl", "") }
}

/// SQL servers, also where some are given: there are tests that kill theirs. Where Debian has the programs alone, they are taken: MariaDB's.
pub(crate) fn sql() -> Result<(), Failure> {
    if !Postgres::is_installed() {
        install("postgresql", "")?;
    }
    if MariaDb::is_installed() { Ok(()) } else { install("mariadb-server-core mariadb-client tzdata", "") }
}

/// Installs packages of Debian, or says that somebody else has to.
fn install(packages: &str, otherwise: &str) -> Result<(), Failure> {
    let is_root = answer("id", "-u").is_some_and(|user| user.trim() == "0");
    if !is_root || !is_there("apt-get") {
        let advice = format!("please install what is missing{otherwise} (it is only done here with apt-get, as root)");
        return Err(Failure::new(packages, advice));
    }
    apt_get("update").run()?;
    apt_get("install --yes --no-install-recommends").words(packages).run()
}

/// A step that asks nothing.
fn apt_get(words: &str) -> Step {
    Step::new(format!("apt-get {words}"), "apt-get").words(words).env("DEBIAN_FRONTEND", "noninteractive")
}

/// Whether a variable says where a program is.
fn is_given(variable: &str) -> bool {
    env::var_os(variable).is_some()
}

/// Whether a program runs.
fn is_there(program: &str) -> bool {
    answer(program, "--version").is_some()
}

/// What a program prints, if it is there and succeeds.
fn answer(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
