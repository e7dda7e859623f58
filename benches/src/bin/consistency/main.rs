//! What concurrent requests to one session come to, over HTTP between processes.

mod additions;
mod client;
mod fields;
mod gate;
mod sign_outs;
mod subjects;
mod table;

use std::{env, net::SocketAddr, path::Path, process::Command};

use session_benches::{Places, Result, Server, Site, publish, serve};
use tokio::runtime::Builder;

use crate::{subjects::Subject, table::Row};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => print_table(None),
        ["--out", file] => print_table(Some(file.as_ref())),
        // What this program runs itself as.
        ["serve", subject, ref url @ ..] => run(subject, url.first().copied()),
        _ => Err("session-benches-consistency [--out FILE]".into()),
    }
}

/// What came of one race, repeated.
#[derive(Clone, Copy, Default)]
struct Outcome {
    /// What the race is about.
    figure: usize,
    /// Requests that were answered with an error: whoever sent them knows that they came to nothing.
    errors: usize,
}

fn print_table(file: Option<&Path>) -> Result<()> {
    let mut places = Places::default();
    let mut rows = Vec::new();
    for subject in subjects::SUBJECTS {
        let url = places.url(subject.place)?;
        for processes in subject.processes() {
            rows.push(race(subject, *processes, url.as_deref()).map_err(|error| format!("{}: {error}", subject.name))?);
        }
    }
    publish(&table::written(&rows), file)
}

fn race(subject: &Subject, processes: usize, url: Option<&str>) -> Result<Row> {
    let running = (0..processes).map(|_| start(subject, url)).collect::<Result<Vec<_>>>()?;
    let servers: Vec<SocketAddr> = running.iter().map(Server::address).collect();
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        Ok(Row {
            subject: subject.name,
            processes,
            fields: fields::race(&servers).await?,
            additions: additions::race(&servers).await?,
            sign_outs: sign_outs::race(&servers).await?,
        })
    })
}

fn start(subject: &Subject, url: Option<&str>) -> Result<Server> {
    let mut program = Command::new(env::current_exe()?);
    program.args(["serve", subject.name]).args(url);
    Server::start(program)
}

/// The command `serve`.
fn run(subject: &str, url: Option<&str>) -> Result<()> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let app = (subjects::by_name(subject)?.router)(Site::new(&runtime, url))?;
    serve(&runtime, app.merge(gate::routes()))
}
