//! Servers that are set up in ways that a store has to notice.

use std::sync::Arc;

use session_runtime::SessionLayer;
use session_servers::MariaDb;
use session_tests::{Client, routes, told};

use crate::support::Own;

/// Two requests of a new visitor are counted, each over a connection of its own.
async fn counts(own: &Own<sqlx::MySql>) {
    let mut client = Client::new(routes().layer(SessionLayer::new(Arc::new(own.node().await))));
    assert_eq!(client.get("/count").await.text(), "1");
    let mut client = client.at(routes().layer(SessionLayer::new(Arc::new(own.node().await))));
    assert_eq!(client.get("/count").await.text(), "2");
}

#[tokio::test]
async fn sessions_are_committed_on_a_server_that_commits_nothing_by_itself() {
    let server = MariaDb::with(&["autocommit=0"]).expect("a server");
    let own = Own::<sqlx::MySql>::at("autocommit".to_owned(), server.url());
    let store = own.store().await;
    counts(&own).await;
    assert_eq!(server.sql("SELECT COUNT(*) FROM sessions").expect("an answer"), "1");
    server.sql("UPDATE sessions SET expires = 1; COMMIT").expect("an answer");
    assert_eq!(store.clear_expired().await.expect("a sweep"), 1);
    assert_eq!(server.sql("SELECT COUNT(*) FROM sessions").expect("an answer"), "0");
}

/// A binary log of statements cannot say what a sweep does.
#[tokio::test]
async fn a_sweep_that_cannot_be_logged_says_so_and_requests_go_on() {
    let server = MariaDb::with(&["log-bin=log", "server-id=1", "binlog-format=STATEMENT"]).expect("a server");
    let own = Own::<sqlx::MySql>::at("statements".to_owned(), server.url());
    let store = own.store().await;
    counts(&own).await;
    let told = told(&store.clear_expired().await.expect_err("it cannot be logged"));
    assert!(told.starts_with("rejected: ") && told.contains("BINLOG_FORMAT = STATEMENT"), "{told}");
    counts(&own).await;
}
