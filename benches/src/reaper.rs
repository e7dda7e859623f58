//! What requests notice of a sweep: a million sessions in a database, a third of which have ended, and a load that goes on meanwhile.

mod contents;
mod load;
mod table;

use std::{path::Path, time::Duration};

use session_runtime::{SqlStore, store::SqlDatabase};
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, sleep},
};

use crate::{
    Place, Places, Result, Site,
    bulk::{self, Words},
    client::Client,
    publish, stores,
    subjects::{SetsCookie, ours::json},
};

use contents::Contents;
use load::{Load, VISITORS};
use table::{Row, Window};

const USAGE: &str = "session-benches-reaper [--out FILE]";

/// For caches and buffers to be as in a server that has been running.
const WARM_UP: Duration = Duration::from_secs(3);
/// What the sweep is compared with.
const BEFORE: Duration = Duration::from_secs(10);

/// Runs the command that the arguments name.
///
/// # Errors
///
/// When the arguments name none, a server is missing, or a sweep removes anything but what has ended.
pub fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => print_table(None),
        ["--out", file] => print_table(Some(file.as_ref())),
        _ => Err(USAGE.into()),
    }
}

fn print_table(file: Option<&Path>) -> Result<()> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let mut rows = Vec::new();
    for (place, name) in [(Place::Sqlite, "SQLite"), (Place::Postgres, "PostgreSQL"), (Place::MariaDb, "MariaDB")] {
        rows.push(measure(&runtime, place, name).map_err(|error| format!("{name}: {error}"))?);
    }
    publish(&table::written(&rows), file)
}

/// Each database has the machine for itself, and is gone afterwards.
fn measure(runtime: &Runtime, place: Place, name: &'static str) -> Result<Row> {
    let mut places = Places::default();
    let url = places.url(place)?;
    let site = Site::new(runtime, url.as_deref());
    match place {
        Place::Sqlite => sweep(site, name, &bulk::SQLITE, &stores::ours::sqlite(site)?),
        Place::Postgres => sweep(site, name, &bulk::POSTGRES, &stores::ours::postgres(site)?),
        Place::MariaDb => sweep(site, name, &bulk::MARIADB, &stores::ours::mariadb(site)?),
        Place::Process | Place::Redis | Place::RedisCluster => Err("it forgets what has ended by itself".into()),
    }
}

fn sweep<DB: SqlDatabase>(
    site: Site<'_>,
    name: &'static str,
    words: &'static Words,
    store: &SqlStore<DB>,
) -> Result<Row> {
    let router = json::router(store.clone());
    let visitor = || Client::of(router.clone(), site.runtime, SetsCookie::WhenNeeded);
    let visitors = (0..VISITORS).map(|_| visitor()).collect::<Result<Vec<_>>>()?;
    site.runtime.block_on(async {
        let contents = Contents::fill(site.url()?, words).await?;
        let load = Load::start(visitors);
        sleep(WARM_UP).await;
        let before = Instant::now();
        sleep(BEFORE).await;
        let start = Instant::now();
        let removed = store.clear_expired().await?;
        let end = Instant::now();
        let answered = load.stop().await?;
        contents.check(removed).await?;
        let within = |from, to| Window::of(answered.iter().filter(|request| request.overlaps(from, to)));
        Ok(Row { name, before: within(before, start)?, during: within(start, end)?, took: end - start })
    })
}
