//! What sessions cost a server: requests over HTTP, the server alone on its core.

mod cores;
mod figures;
mod processor_time;
mod redis;
mod round;
mod table;
mod visitor;

use std::{env, path::Path};

use tokio::runtime::{Builder, Runtime};

use crate::{
    Places, Result, Server, Site,
    case::Case,
    publish, serve, subject,
    subjects::{Subject, over_http},
    verify::verify,
};

use figures::Figures;
pub(crate) use redis::is_of_a_function;
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
/// When the arguments name none, a subject does not do what is to be measured, or a server to measure with is missing.
pub fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => print_table(None),
        ["--out", file] => print_table(Some(file.as_ref())),
        // What this program runs itself as.
        ["serve", subject, ref url @ ..] => {
            let runtime = runtime()?;
            let app = (self::subject(subject)?.router)(Site::new(&runtime, url.first().copied()))?;
            serve(&runtime, app)
        }
        _ => Err(USAGE.into()),
    }
}

fn print_table(file: Option<&Path>) -> Result<()> {
    let pinned = cores::leave_one_to_the_server();
    let runtime = runtime()?;
    let mut places = Places::default();
    let mut figures = Figures::new(pinned);
    for group in over_http() {
        for subject in &group {
            let url = places.url(subject.place)?;
            let site = Site::new(&runtime, url.as_deref());
            verify(subject, site).map_err(|error| format!("{}: {error}", subject.name))?;
        }
        runtime.block_on(measure(&group, &mut places, &mut figures))?;
    }
    publish(&figures.to_string(), file)
}

/// All servers of a group run from its beginning to its end; only one of them is asked at a time.
async fn measure(group: &[&'static Subject], places: &mut Places, figures: &mut Figures) -> Result<()> {
    let mut running = Vec::new();
    for subject in group {
        let mut program = cores::of_the_server(&env::current_exe()?, figures.pinned);
        program.args(["serve", subject.name]).args(places.url(subject.place)?);
        running.push(Running::new(subject, Server::start(program)?).await?);
    }
    figures.measure(&mut running, places).await
}

/// A server in one thread.
fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}
