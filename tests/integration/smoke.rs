//! Scratch.
use crate::support::{Client, CountingStore, Logs};
use axum::{Router, routing::get};
use session_runtime::{Clock, MemoryStore, Session, SessionLayer, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) -> String {
    *visits.hits_mut() += 1;
    visits.hits().to_string()
}

#[tokio::test]
async fn t07_a_counter_counts() {
    let logs = Logs::capture();
    let clock = Clock::manual();
    let store = CountingStore::new(MemoryStore::new().clock(clock.clone()));
    let app = Router::new()
        .route("/", get(count))
        .layer(SessionLayer::new(store.clone()).clock(clock));
    let mut client = Client::new(app);
    assert_eq!(client.get("/").await.text(), "1");
    assert_eq!(client.get("/").await.text(), "2");
    assert_eq!(client.get("/").await.text(), "3");
    assert_eq!(store.calls().to_string(), "2 load, 1 insert, 2 update");
    assert_eq!(logs.text(), "");
}
