//! A counter in a file, which outlives the program: no server, nothing to set up.
//!
//! ```text
//! $ cargo run --example sqlite
//!
//! $ curl -c jar -b jar localhost:3000/              # in another terminal
//! seen 1 times
//! ```
//!
//! Stop it with Ctrl-C, or kill it, and start it again:
//!
//! ```text
//! $ curl -c jar -b jar localhost:3000/
//! seen 2 times
//!
//! $ sqlite3 sessions.db "SELECT hex(id), version, datetime(expires / 1000, 'unixepoch') AS expires FROM sessions"
//! 6ABE5F34…|2|2026-11-22 20:15:07
//! ```
//!
//! `SESSIONS=/var/lib/shop/sessions.db` is another file.

use std::env;
use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use session_runtime::{Session, SessionLayer, SqliteStore, session};

#[derive(Session)]
struct Visits {
    /// Both of two requests at once count.
    #[session(merge = sum)]
    hits: u32,
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) -> String {
    *visits.hits_mut() += 1;
    format!("seen {} times\n", visits.hits())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::var("SESSIONS").unwrap_or_else(|_| "sessions.db".to_owned());
    let store = SqliteStore::connect(file).await?;
    store.migrate().await?;
    // Sessions end without it; it gives the room of those that have ended back, until it is dropped.
    let _reaper = store.reaper(Duration::from_mins(5));
    let app = Router::new().route("/", get(count)).layer(SessionLayer::new(store));
    Ok(axum::serve(session_examples::listen().await?, app).await?)
}
