//! A counter that every visitor has for themselves: `cargo run --example counter`, then open the address that it prints.
//!
//! ```text
//! curl -c jar -b jar localhost:3000/              seen 1 times
//! curl -c jar -b jar localhost:3000/set?name=Ada  hello Ada
//! curl -c jar -b jar localhost:3000/read          Ada has been here 1 times
//! curl -c jar -b jar localhost:3000/clear         forgotten
//! curl -c jar -b jar localhost:3000/unsafe        (the old value is gone, and no session is made)
//! ```

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use serde::Deserialize;
use session_runtime::{MemoryStore, Session, SessionLayer, session};

#[derive(Session)]
struct Visits {
    /// How often the visitor came.
    hits: u32,
    /// What the visitor wants to be called.
    name: Option<String>,
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) -> String {
    *visits.hits_mut() += 1;
    format!("seen {} times\n", visits.hits())
}

#[derive(Deserialize)]
struct Introduction {
    name: String,
}

#[session(autoload)]
async fn set(visits: &mut Session<Visits>, Query(introduction): Query<Introduction>) -> String {
    visits.set_name(introduction.name);
    format!("hello {}\n", visits.name().map_or("", String::as_str))
}

#[session(autoload)]
async fn read(visits: Option<&Session<Visits>>) -> String {
    match visits {
        Some(visits) => {
            format!("{} has been here {} times\n", visits.name().map_or("somebody", String::as_str), visits.hits())
        }
        None => "no session yet\n".to_owned(),
    }
}

#[session(autoload)]
async fn clear(visits: &mut Session<Visits>) -> &'static str {
    visits.clear();
    "forgotten\n"
}

/// Reading what is not there gives the default, and makes no session.
#[session(autoload)]
async fn unsafe_read(visits: &Session<Visits>) -> String {
    format!("{} hits, name {:?}, {:?}\n", visits.hits(), visits.name(), visits.origin())
}

fn app() -> Router {
    Router::new()
        .route("/", get(count))
        .route("/set", get(set))
        .route("/read", get(read))
        .route("/clear", get(clear))
        .route("/unsafe", get(unsafe_read))
        .layer(SessionLayer::new(MemoryStore::new()))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = session_examples::listen().await?;
    axum::serve(listener, app()).await
}
