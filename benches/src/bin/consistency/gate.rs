//! A place where a handler waits until the client lets it on, so that the order of a race is certain.

use axum::{Router, routing::get};
use tokio::sync::Notify;

/// Answers as soon as a handler stands at the gate.
pub(super) const ARRIVED_PATH: &str = "/gate/arrived";

/// Lets it through.
pub(super) const OPEN_PATH: &str = "/gate/open";

/// One for the whole process is enough: the races take turns.
static ARRIVED: Notify = Notify::const_new();
static OPENED: Notify = Notify::const_new();

/// Waits to be let through.
pub(super) async fn pass() {
    ARRIVED.notify_one();
    OPENED.notified().await;
}

pub(super) fn routes() -> Router {
    Router::new().route(ARRIVED_PATH, get(|| ARRIVED.notified())).route(OPEN_PATH, get(async || OPENED.notify_one()))
}
