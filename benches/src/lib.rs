//! What a request costs with sessions of each kind: in one process without sockets, over HTTP, and while a database is swept; and what it costs to
//! list a principal's.

mod bulk;
mod case;
mod client;
mod http;
mod measure;
mod payload;
mod place;
mod reaper;
mod registry;
mod server;
mod site;
pub mod stores;
mod subjects;
mod table;
mod verify;

use std::{error::Error, fs, path::Path};

use tokio::runtime::{Builder, Runtime};

use crate::{
    case::Case,
    measure::{breakdown, instructions, resident},
    subjects::{SUBJECTS, Subject},
};
pub use crate::{
    http::run as run_http,
    measure::allocations::count as count_allocations,
    place::{Place, Places},
    reaper::run as run_reaper,
    registry::run as run_registry,
    server::{Server, serve},
    site::Site,
    table::thousands,
};

/// What can go wrong here is only ever told, never acted upon.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "session-benches [--out FILE]
session-benches breakdown CASE [SUBJECT]";

/// Runs the command that the arguments name.
///
/// # Errors
///
/// When the arguments name none, a subject does not do what is to be measured, or a measure fails.
pub fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => print_table(None),
        ["--out", file] => print_table(Some(file.as_ref())),
        ["breakdown", case] => breakdown::print(subject("ours")?, self::case(case)?),
        ["breakdown", case, subject] => breakdown::print(self::subject(subject)?, self::case(case)?),
        // The rest is what this program runs itself as.
        ["count", subject, case, n] => instructions::count(self::subject(subject)?, self::case(case)?, n.parse()?),
        ["hash", n] => {
            instructions::hash(n.parse()?);
            Ok(())
        }
        ["resident", subject, n] => resident::print(self::subject(subject)?, n.parse()?),
        _ => Err(USAGE.into()),
    }
}

fn print_table(file: Option<&Path>) -> Result<()> {
    let runtime = runtime()?;
    for subject in SUBJECTS {
        verify::verify(subject, Site::new(&runtime, None)).map_err(|error| format!("{}: {error}", subject.name))?;
    }
    publish(&table::Figures::measure()?.to_string(), file)
}

/// Prints a table, and writes it to a file where one is named.
///
/// # Errors
///
/// If the file cannot be written.
pub fn publish(table: &str, file: Option<&Path>) -> Result<()> {
    print!("{table}");
    if let Some(file) = file {
        fs::write(file, table)?;
    }
    Ok(())
}

fn subject(name: &str) -> Result<&'static Subject> {
    let names = || SUBJECTS.map(|subject| subject.name).join(", ");
    subjects::by_name(name).ok_or_else(|| format!("unknown subject `{name}`, expected one of {}", names()).into())
}

fn case(name: &str) -> Result<Case> {
    let names = || Case::ALL.map(Case::name).join(", ");
    Case::by_name(name).ok_or_else(|| format!("unknown case `{name}`, expected one of {}", names()).into())
}

/// One thread and a clock, as small as a server can have it.
fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_time().build()?)
}
