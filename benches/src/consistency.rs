//! What concurrent requests to one session come to, over HTTP between processes.

mod additions;
mod client;
mod fields;
mod gate;
mod server;
mod sign_outs;
mod subjects;
mod table;

use std::{fs, net::SocketAddr, path::PathBuf};

use tokio::runtime::Builder;

use self::{server::Server, subjects::Subject, table::Row};
use crate::Result;

pub(crate) use self::server::serve;

/// What came of one race, repeated.
#[derive(Clone, Copy, Default)]
struct Outcome {
    /// What the race is about.
    figure: usize,
    /// Requests that were answered with an error: whoever sent them knows that they came to nothing.
    errors: usize,
}

pub(crate) fn print_table(file: Option<PathBuf>) -> Result<()> {
    let mut rows = Vec::new();
    for subject in subjects::SUBJECTS {
        for processes in subject.processes {
            rows.push(race(subject, *processes).map_err(|error| format!("{}: {error}", subject.name))?);
        }
    }
    let table = table::written(&rows);
    print!("{table}");
    if let Some(file) = file {
        fs::write(file, table)?;
    }
    Ok(())
}

fn race(subject: &Subject, processes: usize) -> Result<Row> {
    let running = (0..processes).map(|_| Server::start(subject)).collect::<Result<Vec<_>>>()?;
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
