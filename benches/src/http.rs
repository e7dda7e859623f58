//! What sessions cost a server: requests over HTTP, the server alone on its core.

mod cores;
mod figures;
mod processor_time;
mod redis;
mod round;
mod table;
mod visitor;

use std::{env, fs, path::Path};

use session_servers::Redis;
use tokio::runtime::{Builder, Runtime};

use crate::{Result, Server, Site, case::Case, serve, subject, subjects::over_http, verify::verify};

use figures::Figures;
use round::Running;

const USAGE: &str = "session-benches-http [--out FILE]";

/// The requests that are measured.
const CASES: [Case; 2] = [Case::Read, Case::AddOne];

/// Rounds of each subject and case.
const ROUNDS: usize = 15;

/// Runs the command that the arguments name.
///
/// # Errors
///
/// When the arguments name none, a subject does not do what is to be measured, or there is no Redis server to measure with.
pub fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => print_table(None),
        ["--out", file] => print_table(Some(file.as_ref())),
        // What this program runs itself as.
        ["serve", subject, redis] => {
            let runtime = runtime()?;
            let app = (self::subject(subject)?.router)(Site::new(&runtime, Some(redis)))?;
            serve(&runtime, app)
        }
        _ => Err(USAGE.into()),
    }
}

fn print_table(file: Option<&Path>) -> Result<()> {
    let pinned = cores::leave_one_to_the_server();
    let redis = Redis::start()?;
    let url = redis.url();
    let runtime = runtime()?;
    for subject in over_http() {
        let site = Site::new(&runtime, Some(&url));
        verify(subject, site).map_err(|error| format!("{}: {error}", subject.name))?;
    }
    let table = runtime.block_on(measure(&redis, pinned))?.to_string();
    print!("{table}");
    if let Some(file) = file {
        fs::write(file, table)?;
    }
    Ok(())
}

/// All servers run from the beginning to the end; only one of them is asked at a time.
async fn measure(redis: &Redis, pinned: bool) -> Result<Figures> {
    let mut running = Vec::new();
    for subject in over_http() {
        let mut program = cores::of_the_server(&env::current_exe()?, pinned);
        program.args(["serve", subject.name, &redis.url()]);
        running.push(Running::new(subject, Server::start(program)?).await?);
    }
    Figures::measure(&mut running, redis, pinned).await
}

/// A server in one thread.
fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}
