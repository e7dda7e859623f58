//! What the list of a principal's sessions costs, and a sign-in under a limit: among a thousand sessions and, in the same place, among a million.

mod app;
mod contents;
mod counter;
mod measures;
mod people;
mod statements;
mod table;

use std::{path::Path, sync::Arc};

use session_runtime::{MemoryStore, store::SessionStore};
use tokio::runtime::{Builder, Runtime};

use crate::{Place, Places, Result, Site, bulk, publish, stores};

use app::App;
use contents::{Contents, Origin};
use counter::Counter;
use measures::{Figures, MEASURES};
use table::Rows;

const USAGE: &str = "session-benches-registry [--sessions N] [--out FILE]";

/// Sessions in a place at first.
const FEW: u32 = 1_000;
/// And then.
const MANY: u32 = 1_000_000;

const PLACES: [(Place, &str); 6] = [
    (Place::Process, "memory"),
    (Place::Redis, "Redis"),
    (Place::RedisCluster, "Redis, cluster"),
    (Place::Sqlite, "SQLite"),
    (Place::Postgres, "PostgreSQL"),
    (Place::MariaDb, "MariaDB"),
];

/// Runs the command that the arguments name.
///
/// # Errors
///
/// When the arguments name none, a server is missing, or a list is not what it should be.
pub fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (arguments, file) = match arguments[..] {
        [ref others @ .., "--out", file] => (others, Some(file.as_ref())),
        ref all => (all, None),
    };
    match arguments {
        [] => print_table(MANY, file),
        ["--sessions", number] => print_table(number.parse()?, file),
        _ => Err(USAGE.into()),
    }
}

fn print_table(many: u32, file: Option<&Path>) -> Result<()> {
    if many <= FEW || !many.is_multiple_of(FEW) {
        return Err(format!("{many} sessions are no multiple of {FEW}, or not more").into());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut rows = Vec::new();
    for (place, name) in PLACES {
        let figures = measure(&runtime, place, many).map_err(|error| format!("{name}: {error}"))?;
        rows.push(Rows { store: name, figures });
    }
    publish(&table::written(&rows, many), file)
}

/// Each store has the machine for itself, and is gone afterwards.
fn measure(runtime: &Runtime, place: Place, many: u32) -> Result<Vec<[Figures; 2]>> {
    let mut places = Places::default();
    let url = places.url(place)?;
    let site = Site::new(runtime, url.as_deref());
    match place {
        Place::Process => {
            let store = MemoryStore::new().max_sessions(2 * many as usize);
            grown(site, store, Origin::Inserted, Counter::Nothing, many)
        }
        Place::Redis => {
            let counter = Counter::Commands(places.masters(place)?);
            grown(site, stores::ours::redis(site)?, Origin::Inserted, counter, many)
        }
        Place::RedisCluster => {
            let counter = Counter::Commands(places.masters(place)?);
            grown(site, stores::ours::redis_cluster(site)?, Origin::Inserted, counter, many)
        }
        Place::Sqlite => {
            grown(site, stores::ours::sqlite(site)?, Origin::Copied(&bulk::SQLITE), Counter::Statements, many)
        }
        Place::Postgres => {
            grown(site, stores::ours::postgres(site)?, Origin::Copied(&bulk::POSTGRES), Counter::Statements, many)
        }
        Place::MariaDb => {
            grown(site, stores::ours::mariadb(site)?, Origin::Copied(&bulk::MARIADB), Counter::Statements, many)
        }
    }
}

/// Measures among few sessions, lets the place grow, and measures among many.
fn grown(
    site: Site<'_>,
    store: impl SessionStore,
    origin: Origin,
    counter: Counter<'_>,
    many: u32,
) -> Result<Vec<[Figures; 2]>> {
    site.runtime.block_on(async {
        let store = Arc::new(store);
        let app = App::over(&store);
        app.begin().await?;
        let contents = Contents::of(&store, site, origin).await?;
        let [few, many] = [FEW, many].map(|sessions| sessions / people::SESSIONS);
        contents.add(1..few).await?;
        let among_few = measured(&app, counter, few).await?;
        contents.add(few..many).await?;
        let among_many = measured(&app, counter, many).await?;
        Ok(among_few.into_iter().zip(among_many).map(<[_; 2]>::from).collect())
    })
}

async fn measured(app: &App, counter: Counter<'_>, families: u32) -> Result<Vec<Figures>> {
    let mut all = Vec::new();
    for measure in &MEASURES {
        let figures = measure.take(app, counter, families).await;
        all.push(figures.map_err(|error| format!("{}: {error}", measure.name))?);
    }
    Ok(all)
}
