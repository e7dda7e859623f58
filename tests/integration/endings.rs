//! How a request ends, and what is written then.

mod cut_off;
mod late;
mod panics;
mod sockets;
mod statuses;
mod streams;

use axum::Router;
use axum::routing::get;
use session_runtime::{Session, session};

use session_tests::{Client, Gate, Scripted};

#[derive(Session)]
struct Counter {
    hits: u32,
    user: Option<u32>,
}

/// A store with one session of these fields, and its id.
async fn planted(fields: &[(&'static str, &[u8])]) -> (Scripted, String) {
    let store = Scripted::default();
    let id = store.plant(fields).await;
    (store, id)
}

/// A client of this application that holds a session.
fn holding(app: Router, id: &str) -> Client {
    let mut client = Client::new(app);
    client.set_cookie("__Host-id", id);
    client
}

/// Changes its session, and waits at the gate before it is done.
#[session(autoload)]
async fn slow(counter: &mut Session<Counter>, axum::Extension(gate): axum::Extension<Gate>) -> &'static str {
    *counter.hits_mut() += 1;
    gate.pass().await;
    "done"
}

/// The same with the plain extractor.
async fn slow_plain(mut counter: Session<Counter>, axum::Extension(gate): axum::Extension<Gate>) -> &'static str {
    *counter.hits_mut() += 1;
    gate.pass().await;
    "done"
}

/// The slow handlers, whose gate nobody opens unless the test does.
fn slow_routes(gate: &Gate) -> Router {
    Router::new().route("/autoload", get(slow)).route("/plain", get(slow_plain)).layer(axum::Extension(gate.clone()))
}
